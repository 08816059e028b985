"""Importing order files, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm_store import order_import, orders
from crm_store.engine import Store
from crm_store.errors import InvalidValue
from crm_store.models.customers import Customer
from crm_store.models.orders import Order, OrderLine
from crm_store.order_fields import Reason
from crm_store.order_files import Entry, Refused, read_orders
from crm_store.order_import import ImportReport, Unused

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
500,lamp,A LAMP,2,2010-12-01 08:26:00,2.50,17.0,France
500,lamp,A LAMP,2,2010-12-01 08:26:00,2.50,17.0,France
500,bulb,A BULB,3,2010-12-01 08:27:00,0,17.0,France
C501,lamp,A LAMP,-1,2010-12-03 10:00:00,2.50,17.0,France
C502,vase,A VASE,-1,2010-12-04 10:00:00,7.00,18.0,Peru
503,vase,A VASE,1,2010-12-05 10:00:00,7.00,,Peru
504,vase,A VASE,1,2010-12-05 10:00:00,7.00,17.0,France
504,lamp,A LAMP,1,2010-12-05 10:00:00,7.00,19.0,France
505,vase,A VASE,none,2010-12-05 10:00:00,7.00,19.0,France
500,bell,A BELL,1,2010-12-06 10:00:00,1.00,17.0,France
"""
ORDERS = """number,customer,placed_at,amount,status,currency
1,ann,2026-01-02,10.00,shipped,EUR
2,ann,2026-01-03,-4.00,,EUR
1,bob,2026-01-04,8.00,placed,EUR
3,bob,2026-01-05,8.00,cancelled,GBP
"""


async def import_text(store: Store, text: str) -> ImportReport:
    async with store.write() as session:
        entries = read_orders(text.splitlines(keepends=True))
        return await order_import.import_orders(session, entries, now=NOW)


async def customers(store: Store) -> dict[str | None, tuple[int, Decimal, datetime | None]]:
    async with store.read() as session:
        rows = await session.scalars(select(Customer).order_by(Customer.id))
        return {row.external_id: (row.order_count, row.order_amount, row.last_order_at) for row in rows}


async def count(store: Store, model: type[Customer] | type[Order] | type[OrderLine]) -> int:
    async with store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.mark.parametrize("batch_lines", [1, 3, 20_000])
async def test_invoice_lines(store: Store, monkeypatch: pytest.MonkeyPatch, batch_lines: int) -> None:
    monkeypatch.setattr(order_import, "BATCH_LINES", batch_lines)
    report = await import_text(store, INVOICES)
    assert report.unused == (
        Unused(Reason.NO_CUSTOMER, 1, (7,)),
        Unused(Reason.OTHER_CUSTOMER, 1, (9,)),
        Unused(Reason.QUANTITY, 1, (10,)),
    )
    assert (report.lines, report.used_lines, report.known_lines) == (10, 7, 0)
    assert (report.purchases, report.returns, report.customers_added) == (2, 2, 2)
    assert await customers(store) == {
        "17": (2, Decimal("15.5"), datetime(2010, 12, 5, 10, tzinfo=UTC)),
        "18": (0, Decimal("-7"), None),
    }
    async with store.read() as session:
        (order,) = await orders.with_number(session, "500")
        lines = (await orders.lines(session, [order.id]))[order.id]
        person = await session.get_one(Customer, order.customer_id)
    assert (order.amount, order.placed_at) == (Decimal(11), datetime(2010, 12, 1, 8, 26, tzinfo=UTC))
    assert [(line.sku, line.quantity) for line in lines] == [
        ("lamp", 2),
        ("lamp", 2),
        ("bulb", 3),
        ("bell", 1),
    ]
    assert person.attributes == {"source": "import", "country": "France"}


async def test_lines_there_twice_are_kept_and_counted(store: Store) -> None:
    assert (await import_text(store, INVOICES)).repeated_lines == 1


@pytest.mark.parametrize("text", [INVOICES, ORDERS])
async def test_importing_again_changes_nothing(store: Store, text: str) -> None:
    first = await import_text(store, text)
    before = await customers(store), await count(store, Order), await count(store, OrderLine)
    again = await import_text(store, text)
    assert (await customers(store), await count(store, Order), await count(store, OrderLine)) == before
    assert (again.purchases, again.returns, again.customers_added, again.used_lines) == (0, 0, 0, 0)
    assert again.known_orders == first.purchases + first.returns
    assert again.lines == first.lines


async def test_whole_orders(store: Store) -> None:
    report = await import_text(store, ORDERS)
    assert report.unused == (Unused(Reason.TWICE, 1, (4,)),)
    assert (report.purchases, report.returns) == (2, 1)
    assert await customers(store) == {
        "ann": (1, Decimal(6), datetime(2026, 1, 2, tzinfo=UTC)),
        "bob": (0, Decimal(0), None),  # cancelled
    }
    async with store.write() as session:
        assert await orders.recount(session) == 0


async def test_customers_are_found_and_merged_ones_followed(store: Store) -> None:
    async with store.write() as session:
        session.add(Customer(id=1, external_id="17", name="Ann", created_at=NOW, updated_at=NOW))
        session.add(Customer(id=2, external_id="18", merged_into_id=1, created_at=NOW, updated_at=NOW))
    assert (await import_text(store, INVOICES)).customers_added == 0
    assert await customers(store) == {
        "17": (2, Decimal("8.5"), datetime(2010, 12, 5, 10, tzinfo=UTC)),
        "18": (0, Decimal(0), None),
    }


async def test_an_import_that_fails_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_import, "BATCH_LINES", 2)

    def broken() -> Iterator[Entry | Refused]:
        yield from read_orders(INVOICES.splitlines(keepends=True))
        raise InvalidValue("the archive is damaged")

    with pytest.raises(InvalidValue):
        await import_entries(store, broken())
    assert await count(store, Customer) == await count(store, Order) == 0


async def import_entries(store: Store, entries: Iterator[Entry | Refused]) -> None:
    async with store.write() as session:
        await order_import.import_orders(session, entries, now=NOW)


async def test_an_empty_file_is_an_empty_report(store: Store) -> None:
    assert await import_text(store, ORDERS.splitlines()[0]) == ImportReport(0, 0, 0, 0, 0, 0, 0, 0, ())


async def test_the_same_numbers_from_another_source_are_other_orders(store: Store) -> None:
    await import_text(store, ORDERS)
    async with store.write() as session:
        entries = read_orders(ORDERS.splitlines(keepends=True))
        report = await order_import.import_orders(session, entries, now=NOW, source="market")
    assert (report.purchases, report.known_orders) == (2, 0)
    assert (await customers(store))["ann"][0] == 2
