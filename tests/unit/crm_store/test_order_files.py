"""Reading order files: both layouts, and every way a line can be unusable."""

import gzip
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.errors import InvalidValue
from crm_store.order_fields import Reason
from crm_store.order_files import Entry, Refused, open_orders, read_orders

INVOICES = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ORDERS = "number,customer,placed_at,amount,status,currency\n"
GOOD = "536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
AT = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def read(*lines: str) -> list[Entry | Refused]:
    return list(read_orders("".join(lines).splitlines(keepends=True)))


def test_an_invoice_line() -> None:
    assert read(INVOICES, GOOD) == [
        Entry(
            line=2,
            number="536365",
            customer="17850",
            placed_at=AT,
            amount=Decimal("15.3"),
            is_return=False,
            sku="85123A",
            description="LANTERN",
            quantity=6,
            unit_price=Decimal("2.55"),
            country="United Kingdom",
        )
    ]


def test_a_whole_order() -> None:
    (entry,) = read(ORDERS, "A-7,ann,2026-01-02T10:00:00+02:00,-12.5,Shipped,gbp\n")
    assert entry == Entry(
        line=2,
        number="A-7",
        customer="ann",
        placed_at=datetime(2026, 1, 2, 8, tzinfo=UTC),
        amount=Decimal("-12.5"),
        is_return=True,
        status="shipped",
        currency="GBP",
    )


def test_status_and_currency_may_be_left_out() -> None:
    (entry,) = read_orders(["Placed At;Number;Customer;Amount\n", "2026-01-02;7;ann;3\n"], currency="CNY")
    assert isinstance(entry, Entry)
    assert (entry.status, entry.currency, entry.amount) == ("placed", "CNY", 3)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (6, "", Reason.NO_CUSTOMER),
        (6, " ", Reason.NO_CUSTOMER),
        (6, "x" * 129, Reason.TOO_LONG),
        (0, "", Reason.NO_NUMBER),
        (0, "9" * 65, Reason.TOO_LONG),
        (0, "53\x006", Reason.CONTROL),
        (0, "A563186", Reason.ACCOUNTING),
        (3, "0", Reason.QUANTITY),
        (3, "1.5", Reason.QUANTITY),
        (3, "six", Reason.QUANTITY),
        (3, "NaN", Reason.QUANTITY),
        (3, "1e999999999", Reason.QUANTITY),
        (5, "-0.01", Reason.PRICE),
        (5, "", Reason.PRICE),
        (5, "Infinity", Reason.PRICE),
        (5, "1e20", Reason.PRICE),
        (4, "yesterday", Reason.DATE),
        (4, "2010-02-30 08:00:00", Reason.DATE),
        (4, "13/1/2010 8:26", Reason.DATE),
        (1, "x" * 65, Reason.TOO_LONG),
    ],
)
def test_an_unusable_line_says_why(field: int, value: str, reason: Reason) -> None:
    fields = GOOD.rstrip().split(",")
    fields[field] = value
    assert read(INVOICES, GOOD, ",".join(fields) + "\n") == [*read(INVOICES, GOOD), Refused(3, reason)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("7,ann,2026-01-02,3", Reason.FIELDS),
        ("7,ann,2026-01-02,many,placed,EUR", Reason.AMOUNT),
        ("7,ann,2026-01-02,3,placed,euro", Reason.CURRENCY),
        ("7,ann,2026-01-02,3," + "x" * 33 + ",EUR", Reason.TOO_LONG),
    ],
)
def test_an_unusable_order_says_why(line: str, reason: Reason) -> None:
    assert read(ORDERS, line) == [Refused(2, reason)]


@pytest.mark.parametrize("number", ["C536379", "c1"])
def test_a_number_of_c_and_digits_is_a_return(number: str) -> None:
    (entry,) = read(INVOICES, GOOD.replace("536365", number).replace(",6,", ",-6,"))
    assert isinstance(entry, Entry)
    assert entry.is_return
    assert entry.amount == Decimal("-15.3")


def test_free_lines_and_reversed_lines_stay() -> None:
    free, discount = read(INVOICES, GOOD.replace("2.55", "0"), GOOD.replace(",6,", ",-1,"))
    assert isinstance(free, Entry)
    assert isinstance(discount, Entry)
    assert (free.amount, discount.amount, discount.is_return) == (0, Decimal("-2.55"), False)


@pytest.mark.parametrize(
    "text", ["12/1/2010 8:26", "12/1/10 08:26:00", "2010-12-01T08:26", "2010-12-01 16:26+08:00"]
)
def test_dates(text: str) -> None:
    (entry,) = read(INVOICES, GOOD.replace("2010-12-01 08:26:00", text))
    assert isinstance(entry, Entry)
    assert entry.placed_at == AT


def test_times_without_a_zone_are_in_the_given_one() -> None:
    zone = timezone(timedelta(hours=8))
    (entry,) = read_orders([INVOICES, GOOD], zone=zone)
    assert isinstance(entry, Entry)
    assert entry.placed_at == AT - timedelta(hours=8)


def test_line_numbers_count_lines_of_the_file() -> None:
    two_lines = GOOD.replace("LANTERN", '"LANTERN,\nRED"')
    assert [each.line for each in read(INVOICES, two_lines, "\n", GOOD, "broken\n")] == [2, 5, 6]


@pytest.mark.parametrize(
    "header", ["", "\n", "number,customer\n", "a,b,c\n", "InvoiceNo,StockCode,Quantity\n"]
)
def test_an_unknown_header_says_what_is_expected(header: str) -> None:
    with pytest.raises(InvalidValue, match=r"InvoiceNo,.* or number,customer,placed_at"):
        read(header, GOOD)


def test_a_field_without_end_is_refused() -> None:
    with pytest.raises(InvalidValue, match="line 2 is not CSV"):
        read(INVOICES, '536365,"' + "x" * 200_000)


@pytest.mark.parametrize("packed", [False, True])
def test_files_packed_and_plain_with_a_byte_order_mark(tmp_path: Path, packed: bool) -> None:
    data = b"\xef\xbb\xbf" + (INVOICES + GOOD).encode()
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(data) if packed else data)
    with open_orders(path) as lines:
        assert list(read_orders(lines)) == read(INVOICES, GOOD)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress((INVOICES + GOOD).encode())[:-12], "damaged archive"),
        (b"\x1f\x8bnothing", "damaged archive"),
        ((INVOICES + GOOD.replace("LANTERN", "£")).encode("latin-1"), "not utf-8-sig text"),
        (b"", "the first line must name the columns"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    with pytest.raises(InvalidValue, match=message):
        read_all(path)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes((INVOICES + GOOD.replace("LANTERN", "5£")).encode("latin-1"))
    (entry,) = read_all(path, "latin-1")
    assert isinstance(entry, Entry)
    assert entry.description == "5£"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="there is no file"):
        read_all(tmp_path / "orders.csv")


def read_all(path: Path, encoding: str = "utf-8-sig") -> list[Entry | Refused]:
    with open_orders(path, encoding) as lines:
        return list(read_orders(lines))


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_line_is_used_or_refused(fields: list[str]) -> None:
    text = INVOICES + GOOD + ",".join(fields).replace('"', "") + "\n" + GOOD
    found = list(read_orders(io.StringIO(text, newline="")))
    assert isinstance(found[0], Entry)
    assert isinstance(found[-1], Entry)
    assert [each.line for each in found] == sorted({each.line for each in found})
