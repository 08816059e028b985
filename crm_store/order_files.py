"""Reading files of orders, pure: lines of text in, entries and refusals out.

Two layouts are told apart by their header (case, spaces and underscores do not matter):

- invoice lines, as the UCI Online Retail file has them: InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
  UnitPrice, CustomerID, Country. Lines with one number are one order. A number of C and digits is a return, of A and
  digits an accounting entry (that file's bad debts). A line's amount is quantity times price: free lines stay on
  their order and add nothing; a line against its order's direction (a discount, a correction) reduces it; a line
  that is there twice counts twice, as it did on the invoice.
- one order a line: number, customer, placed_at, amount, status, currency. A negative amount is a return.

Times without a zone are taken as UTC unless the caller knows better.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TextIO

from crm_store import order_fields
from crm_store.csv_files import separator_of
from crm_store.errors import InvalidValue
from crm_store.order_fields import Reason, Unusable

_RETURN = re.compile(r"[Cc]\d")
_ACCOUNTING = re.compile(r"[Aa]\d")


class Entry(NamedTuple):
    """One usable line: a line of an order, or (without `sku`) an order whole."""

    line: int
    number: str
    customer: str
    placed_at: datetime
    amount: Decimal
    is_return: bool
    sku: str | None = None
    description: str | None = None
    quantity: int = 0
    unit_price: Decimal = Decimal(0)
    country: str | None = None
    status: str = "placed"
    currency: str = "EUR"


class Refused(NamedTuple):
    """A line that cannot be used."""

    line: int
    reason: Reason


Columns = dict[str, int]
_Parse = Callable[[int, list[str]], Entry]

INVOICE_LINES = {
    "invoiceno": "number",
    "invoice": "number",
    "stockcode": "sku",
    "description": "description",
    "quantity": "quantity",
    "invoicedate": "placed_at",
    "unitprice": "price",
    "price": "price",
    "customerid": "customer",
    "country": "country",
}
ORDERS = {
    name.replace("_", ""): name
    for name in ("number", "customer", "placed_at", "amount", "status", "currency")
}
OPTIONAL = {"description", "country", "status", "currency"}


@contextmanager
def open_orders(path: Path, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """The text of a .csv or .csv.gz file; raises InvalidValue where it turns out not to be that."""
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            binary = gzip.GzipFile(fileobj=file) if compressed else file
            yield io.TextIOWrapper(binary, encoding=encoding, newline="")
    except FileNotFoundError:
        raise InvalidValue(f"there is no file {path}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InvalidValue(f"{path.name} is a damaged archive; get it again") from None
    except UnicodeDecodeError:
        raise InvalidValue(
            f"{path.name} is not {encoding} text; save it as UTF-8 or name its encoding"
        ) from None


def read_orders(
    lines: Iterable[str], *, zone: tzinfo = UTC, currency: str = "EUR"
) -> Iterator[Entry | Refused]:
    """Each line of the file as an entry or a refusal; raises InvalidValue when the header fits no layout."""
    source = iter(lines)
    header = next(source, "")
    delimiter = separator_of(header)
    names = next(csv.reader([header], delimiter=delimiter), [])
    parse = _parser(names, zone, currency)
    reader = csv.reader(source, delimiter=delimiter)
    line = 2  # of the file, where the next record begins; the header was the first
    try:
        for fields in reader:
            if fields:
                yield _judge(parse, line, fields, len(names))
            line = reader.line_num + 2
    except csv.Error as error:
        raise InvalidValue(f"line {line} is not CSV: {error}") from None


def _judge(parse: _Parse, line: int, fields: list[str], width: int) -> Entry | Refused:
    if len(fields) != width:
        return Refused(line, Reason.FIELDS)
    try:
        return parse(line, fields)
    except Unusable as refusal:
        return Refused(line, refusal.reason)


def _parser(names: list[str], zone: tzinfo, currency: str) -> _Parse:
    plain = [re.sub(r"[\s_]", "", name).lower() for name in names]
    for layout, build in ((INVOICE_LINES, _invoice_line), (ORDERS, _whole_order)):
        columns = {layout[name]: at for at, name in enumerate(plain) if name in layout}
        if not set(layout.values()) - OPTIONAL - set(columns):
            return build(columns, zone, currency)
    raise InvalidValue(
        "the first line must name the columns: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
        "CustomerID,Country for invoice lines, or number,customer,placed_at,amount,status,currency for orders"
    )


def _invoice_line(columns: Columns, zone: tzinfo, currency: str) -> _Parse:
    number_at, sku_at, customer_at = columns["number"], columns["sku"], columns["customer"]
    quantity_at, price_at, time_at = columns["quantity"], columns["price"], columns["placed_at"]
    description_at, country_at = columns.get("description"), columns.get("country")

    def parse(line: int, fields: list[str]) -> Entry:
        customer = order_fields.customer_id(fields[customer_at])
        number = order_fields.order_number(fields[number_at])
        if _ACCOUNTING.match(number):
            raise Unusable(Reason.ACCOUNTING)
        quantity = order_fields.quantity(fields[quantity_at])
        price = order_fields.price(fields[price_at])
        return Entry(
            line=line,
            number=number,
            customer=customer,
            placed_at=order_fields.time_of(fields[time_at], zone),
            amount=quantity * price,
            is_return=_RETURN.match(number) is not None,
            sku=order_fields.short_text(fields[sku_at]),
            description=None if description_at is None else order_fields.free_text(fields[description_at]),
            quantity=quantity,
            unit_price=price,
            country=None if country_at is None else order_fields.free_text(fields[country_at]),
            currency=currency,
        )

    return parse


def _whole_order(columns: Columns, zone: tzinfo, currency: str) -> _Parse:
    status_at, currency_at = columns.get("status"), columns.get("currency")

    def parse(line: int, fields: list[str]) -> Entry:
        amount = order_fields.amount(fields[columns["amount"]])
        return Entry(
            line=line,
            number=order_fields.order_number(fields[columns["number"]]),
            customer=order_fields.customer_id(fields[columns["customer"]]),
            placed_at=order_fields.time_of(fields[columns["placed_at"]], zone),
            amount=amount,
            is_return=amount < 0,
            status=(order_fields.status(fields[status_at]) if status_at is not None else "") or "placed",
            currency=order_fields.currency(fields[currency_at] if currency_at is not None else "", currency),
        )

    return parse
