"""Orders of customers, and the counters on the customer's row, kept in the transaction that changes an order.

What counts: purchases are counted, returns are not; returns (negative amounts) reduce the amount; a cancelled order
counts nowhere. An order's amount, customer and time never change, so that the past can be replayed: a correction is
a cancellation and a new order.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, case, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.customers import Customer
from crm_store.models.orders import Order, OrderLine

T = TypeVar("T")

PURCHASE, RETURN = "purchase", "return"
CANCELLED = "cancelled"
MAX_PAGE = 200
_IN_ONE_STATEMENT = 10_000  # SQLite takes 32,766 values in one


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line of an order; a negative quantity is taken back."""

    sku: str
    quantity: int
    unit_price: Decimal
    description: str | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to record; a negative amount makes it a return. `source` and `number` together name it."""

    number: str
    amount: Decimal
    placed_at: datetime
    source: str = ""
    status: str = "placed"
    currency: str = "EUR"
    tracking: str | None = None
    lines: tuple[LineDraft, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """'purchase' or 'return'."""
        return RETURN if self.amount < 0 else PURCHASE


async def record(session: AsyncSession, customer_id: int, draft: OrderDraft, *, now: datetime) -> Order:
    """The new order, counted on its customer; raises Conflict when source and number are known already."""
    _check(draft)
    owner_id = await _lock_owner(session, customer_id)
    taken = select(Order.id).where(Order.source == draft.source, Order.number == draft.number)
    if await session.scalar(taken) is not None:
        raise Conflict(
            f"order '{draft.number}' is recorded already; change that one",
            kind="order_exists",
            number=draft.number,
        )
    values = asdict(draft)
    lines = values.pop("lines")
    order = Order(customer_id=owner_id, kind=draft.kind, updated_at=now, **values)
    session.add(order)
    await session.flush()
    if lines:
        await session.execute(insert(OrderLine), [line | {"order_id": order.id} for line in lines])
    await refresh_counters(session, [owner_id])
    return order


def _check(draft: OrderDraft) -> None:
    if not draft.number.strip():
        raise InvalidValue("an order needs its number")
    if draft.placed_at.tzinfo is None:
        raise InvalidValue("the time of an order needs a zone, such as +00:00")
    if not draft.amount.is_finite():
        raise InvalidValue("the amount of an order must be a number")
    too_long = [name for name, most in _LONGEST.items() if len(getattr(draft, name) or "") > most]
    if too_long:
        raise InvalidValue(f"{too_long[0]} is longer than {_LONGEST[too_long[0]]} characters; shorten it")


_LONGEST = {"number": 64, "source": 64, "status": 32, "currency": 3, "tracking": 256}


async def _lock_owner(session: AsyncSession, customer_id: int) -> int:
    """Who owns this customer's orders (themselves, or who they were merged into), locked for counting."""
    row = await session.get(Customer, customer_id, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no customer {customer_id}")
    return row.id if row.merged_into_id is None else await _lock_owner(session, row.merged_into_id)


async def update_order(
    session: AsyncSession,
    order_id: int,
    *,
    now: datetime,
    status: str | None = None,
    tracking: str | None = None,
) -> Order:
    """The order with a new status or tracking (None leaves it); a cancelled one is final: Conflict."""
    order = await get(session, order_id)
    await _lock_owner(session, order.customer_id)
    await session.refresh(order)
    if order.status == CANCELLED:
        raise Conflict(
            f"order '{order.number}' is cancelled, which is final; record a new order",
            kind="order_cancelled",
            number=order.number,
        )
    if status is not None:
        if not status.strip() or len(status) > _LONGEST["status"]:
            raise InvalidValue("a status is a word of at most 32 characters, such as 'shipped'")
        order.status = status
    if tracking is not None:
        order.tracking = tracking[: _LONGEST["tracking"]]
    order.updated_at = now
    await session.flush()
    if status == CANCELLED:
        await refresh_counters(session, [order.customer_id])
    return order


async def get(session: AsyncSession, order_id: int) -> Order:
    """The order with this id; raises NotFound."""
    order = await session.get(Order, order_id)
    if order is None:
        raise NotFound(f"there is no order {order_id}")
    return order


async def numbers(session: AsyncSession, order_ids: Collection[int]) -> dict[int, str]:
    """The numbers of these orders, by id."""
    if not order_ids:
        return {}
    rows = await session.execute(select(Order.id, Order.number).where(Order.id.in_(order_ids)))
    return {order_id: number for order_id, number in rows}  # noqa: C416 (dict(rows) has no types)


async def with_number(session: AsyncSession, number: str, *, customer_id: int | None = None) -> list[Order]:
    """The orders of this number, from all sources; of one customer only, when one is named."""
    wanted = select(Order).where(Order.number == number).order_by(Order.id)
    if customer_id is not None:
        wanted = wanted.where(Order.customer_id == customer_id)
    return list(await session.scalars(wanted))


async def of_customer(
    session: AsyncSession,
    customer_id: int,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Order]:
    """The customer's orders, newest first; `before` is (placed_at, id) of the last one already seen."""
    wanted = select(Order).where(Order.customer_id == customer_id)
    if before is not None:
        wanted = wanted.where(tuple_(Order.placed_at, Order.id) < tuple_(*before))
    newest = wanted.order_by(Order.placed_at.desc(), Order.id.desc())
    return list(await session.scalars(newest.limit(max(1, min(limit, MAX_PAGE)))))


async def lines(session: AsyncSession, order_ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    """The lines of each of these orders, in their order on it."""
    found: dict[int, list[OrderLine]] = {order_id: [] for order_id in order_ids}
    wanted = select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.id)
    for line in await session.scalars(wanted):
        found[line.order_id].append(line)
    return found


def in_statements(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in as few parts as a statement's limit on their number allows."""
    return (values[at : at + _IN_ONE_STATEMENT] for at in range(0, len(values), _IN_ONE_STATEMENT))


async def refresh_counters(session: AsyncSession, customer_ids: Collection[int]) -> int:
    """Count these customers' orders anew; how many rows were out of date. Call it after moving orders, too."""
    corrected = 0
    for some in in_statements(sorted(customer_ids)):
        # Under the lock, then counted in a statement of its own: it sees what the last holder committed.
        await session.execute(
            select(Customer.id).where(Customer.id.in_(some)).order_by(Customer.id).with_for_update()
        )
        corrected += await _count(session, some)
    return corrected


async def recount(session: AsyncSession) -> int:
    """Count all customers' orders anew; how many rows were wrong: 0 unless something bypassed this module."""
    return await _count(session, None)


async def _count(session: AsyncSession, customer_ids: Sequence[int] | None) -> int:
    person = aliased(Customer)
    bought = Order.kind == PURCHASE
    found = (
        select(
            person.id.label("customer_id"),
            func.count(case((bought, Order.id))).label("orders"),
            func.coalesce(func.sum(Order.amount), Decimal(0)).label("amount"),
            func.max(case((bought, Order.placed_at))).label("last_at"),
        )
        .outerjoin(Order, (Order.customer_id == person.id) & (Order.status != CANCELLED))
        .group_by(person.id)
    )
    if customer_ids is not None:
        found = found.where(person.id.in_(customer_ids))
    counted = found.subquery()
    wrong = or_(
        Customer.order_count != counted.c.orders,
        Customer.order_amount != counted.c.amount,
        Customer.last_order_at.is_distinct_from(counted.c.last_at),
    )
    values = {
        Customer.order_count: counted.c.orders,
        Customer.order_amount: counted.c.amount,
        Customer.last_order_at: counted.c.last_at,
    }
    done = await session.execute(
        update(Customer)
        .where(Customer.id == counted.c.customer_id, wrong)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", done).rowcount
