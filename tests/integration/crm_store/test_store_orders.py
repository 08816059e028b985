"""Orders and the counters on the customer's row, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from crm_store import orders
from crm_store.engine import Store, open_store
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.customers import Customer
from crm_store.models.orders import Order
from crm_store.orders import LineDraft, OrderDraft

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LINES = (
    LineDraft("lamp", 2, Decimal("20.5"), "A lamp"),
    LineDraft("bulb", 1, Decimal("1.0001")),
)
FIRST = OrderDraft("1001", Decimal("42.0001"), NOW - 3 * DAY, source="shop", lines=LINES)
BACK = OrderDraft("R-1", Decimal("-20.5"), NOW - DAY, source="shop")


async def customer(store: Store, **values: object) -> int:
    async with store.write() as session:
        row = Customer(created_at=NOW, updated_at=NOW, **values)
        session.add(row)
        await session.flush()
        return row.id


async def counters(store: Store, customer_id: int) -> tuple[int, Decimal, datetime | None]:
    async with store.read() as session:
        row = await session.get_one(Customer, customer_id)
        return row.order_count, row.order_amount, row.last_order_at


async def record(store: Store, customer_id: int, *drafts: OrderDraft) -> list[int]:
    async with store.write() as session:
        return [(await orders.record(session, customer_id, draft, now=NOW)).id for draft in drafts]


async def test_a_recorded_order_is_counted_and_looked_up(store: Store) -> None:
    ann = await customer(store)
    first, back = await record(store, ann, FIRST, BACK)
    assert await counters(store, ann) == (1, Decimal("21.5001"), NOW - 3 * DAY)
    async with store.read() as session:
        assert [order.id for order in await orders.of_customer(session, ann)] == [back, first]
        (found,) = await orders.with_number(session, "1001")
        assert (found.amount, found.kind, found.status) == (Decimal("42.0001"), "purchase", "placed")
        assert (await orders.get(session, back)).kind == "return"
        lines = await orders.lines(session, [first, back])
    assert [(line.sku, line.quantity, line.unit_price) for line in lines[first]] == [
        ("lamp", 2, Decimal("20.5")),
        ("bulb", 1, Decimal("1.0001")),
    ]
    assert lines[back] == []


async def test_numbers_are_unique_per_source(store: Store) -> None:
    ann, bob = await customer(store), await customer(store)
    await record(store, ann, FIRST)
    with pytest.raises(Conflict, match="'1001' is recorded already"):
        await record(store, bob, FIRST)
    await record(store, bob, OrderDraft("1001", Decimal(1), NOW, source="market"))
    async with store.read() as session:
        assert len(await orders.with_number(session, "1001")) == 2
        (of_bob,) = await orders.with_number(session, "1001", customer_id=bob)
    assert of_bob.source == "market"


async def test_status_and_tracking_change_and_cancelling_is_final(store: Store) -> None:
    ann = await customer(store)
    first, second = await record(store, ann, FIRST, OrderDraft("1002", Decimal(8), NOW, source="shop"))
    async with store.write() as session:
        shipped = await orders.update_order(session, first, now=NOW, status="shipped", tracking="post 12")
        assert (shipped.status, shipped.tracking) == ("shipped", "post 12")
        await orders.update_order(session, second, now=NOW, status="cancelled")
    assert await counters(store, ann) == (1, Decimal("42.0001"), NOW - 3 * DAY)
    async with store.write() as session:
        with pytest.raises(Conflict, match="cancelled, which is final"):
            await orders.update_order(session, second, now=NOW, status="shipped")
        with pytest.raises(NotFound):
            await orders.update_order(session, 99, now=NOW, status="shipped")
        with pytest.raises(InvalidValue, match="a status is a word"):
            await orders.update_order(session, first, now=NOW, status=" ")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"number": " "}, "needs its number"),
        ({"number": "9" * 65}, "number is longer than 64"),
        ({"placed_at": datetime(2026, 1, 1)}, "needs a zone"),  # noqa: DTZ001 (that is the point)
        ({"amount": Decimal("NaN")}, "must be a number"),
        ({"currency": "EURO"}, "currency is longer than 3"),
    ],
)
async def test_unusable_orders_are_refused(store: Store, values: dict[str, object], message: str) -> None:
    ann = await customer(store)
    draft = OrderDraft(**({"number": "1", "amount": Decimal(1), "placed_at": NOW} | values))  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match=message):
        await record(store, ann, draft)
    with pytest.raises(NotFound, match="no customer 99"):
        await record(store, 99, FIRST)


async def test_orders_of_a_merged_customer_go_to_who_was_kept(store: Store) -> None:
    ann = await customer(store)
    twin = await customer(store, merged_into_id=ann)
    await record(store, twin, FIRST)
    assert (await counters(store, ann))[0] == 1
    assert (await counters(store, twin))[0] == 0


async def test_pages_of_a_customers_orders(store: Store) -> None:
    ann = await customer(store)
    drafts = [OrderDraft(str(number), Decimal(1), NOW - (number // 2) * DAY) for number in range(7)]
    await record(store, ann, *drafts)
    seen: list[Order] = []
    before = None
    async with store.read() as session:
        while found := await orders.of_customer(session, ann, before=before, limit=2):
            seen += found
            before = (found[-1].placed_at, found[-1].id)
    assert [order.number for order in seen] == ["1", "0", "3", "2", "5", "4", "6"]


async def test_two_orders_at_once_are_both_counted(store: Store) -> None:
    ann = await customer(store)
    drafts = [OrderDraft(str(number), Decimal(1), NOW) for number in range(8)]
    await asyncio.gather(*(record(store, ann, draft) for draft in drafts))
    assert await counters(store, ann) == (8, Decimal(8), NOW)


async def test_a_recount_corrects_what_bypassed_the_store(store: Store) -> None:
    ann, bob = await customer(store), await customer(store)
    await record(store, ann, FIRST)
    async with store.write() as session:
        assert await orders.recount(session) == 0
        await session.execute(
            update(Customer).where(Customer.id == bob).values(order_count=3, last_order_at=NOW)
        )
        assert await orders.recount(session) == 1
    assert await counters(store, bob) == (0, Decimal(0), None)


steps = st.lists(
    st.tuples(
        st.integers(0, 2),  # whose order
        st.decimals(-500, 500, places=4),
        st.integers(0, 30),  # days ago
        st.integers(0, 12),  # cancel the order of that place, if there is one
    ),
    max_size=10,
)


@given(steps)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counters_equal_a_recount_whatever_happened(
    sqlite_url: str, steps: list[tuple[int, Decimal, int, int]]
) -> None:
    assert asyncio.run(wrong_counters_after(sqlite_url, steps)) == 0


async def wrong_counters_after(url: str, steps: list[tuple[int, Decimal, int, int]]) -> int:
    store = open_store(url)
    people = [await customer(store) for _ in range(3)]
    made: list[int] = []
    for whose, amount, days, cancel in steps:
        number = f"{people[0]}-{len(made)}"
        made += await record(store, people[whose], OrderDraft(number, amount, NOW - days * DAY))
        async with store.write() as session:
            if cancel < len(made) and (await orders.get(session, made[cancel])).status != "cancelled":
                await orders.update_order(session, made[cancel], now=NOW, status="cancelled")
    async with store.write() as session:
        wrong = await orders.recount(session)
    await store.close()
    return wrong
