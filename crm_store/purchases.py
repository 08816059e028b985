"""Who bought what: rows for recommendations. Returns, cancelled orders and who objected to profiling are left out."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.customers import Customer
from crm_store.models.orders import Order, OrderLine
from crm_store.orders import CANCELLED, PURCHASE

MOST_OWN = 200
"""A customer's latest products that are looked at; SQLite and PostgreSQL both take that many values at ease."""


class Likeness(NamedTuple):
    """A customer who bought some of the same products: how many, of how many they bought in all."""

    customer_id: int
    shared: int
    bought: int


class Bought(NamedTuple):
    """A product a customer bought."""

    customer_id: int
    sku: str
    description: str | None


class Popular(NamedTuple):
    """A product and how many customers bought it."""

    sku: str
    description: str | None
    customers: int


def _counts() -> tuple[ColumnElement[bool], ...]:
    return (Order.kind == PURCHASE, Order.status != CANCELLED, OrderLine.quantity > 0)


def _lines(*columns: Any) -> Select[Any]:
    return (
        select(*columns).select_from(OrderLine).join(Order, Order.id == OrderLine.order_id).where(*_counts())
    )


async def latest_products(session: AsyncSession, customer_id: int, limit: int = MOST_OWN) -> list[str]:
    """The products the customer bought, the latest first, each once."""
    latest = func.max(Order.placed_at)
    wanted = _lines(OrderLine.sku).where(Order.customer_id == customer_id).group_by(OrderLine.sku)
    return list(await session.scalars(wanted.order_by(latest.desc(), OrderLine.sku).limit(limit)))


async def who_bought(
    session: AsyncSession, skus: Sequence[str], *, besides: int, limit: int
) -> list[Likeness]:
    """The customers who share most of these products with `besides`."""
    shared = func.count(distinct(OrderLine.sku))
    near = (
        _lines(Order.customer_id, shared.label("shared"))
        .join(Customer, Customer.id == Order.customer_id)
        .where(OrderLine.sku.in_(skus), Order.customer_id != besides, Customer.profiling_allowed)
        .group_by(Order.customer_id)
        .order_by(shared.desc(), Order.customer_id)
        .limit(limit)
        .subquery()
    )
    rows = await session.execute(
        _lines(near.c.customer_id, near.c.shared, shared)
        .join(near, near.c.customer_id == Order.customer_id)
        .group_by(near.c.customer_id, near.c.shared)
        .order_by(near.c.customer_id)
    )
    return [Likeness._make(row) for row in rows]


async def products_of(session: AsyncSession, customer_ids: Collection[int]) -> list[Bought]:
    """The products each of these customers bought, each once."""
    rows = await session.execute(
        _lines(Order.customer_id, OrderLine.sku, func.max(OrderLine.description))
        .where(Order.customer_id.in_(customer_ids))
        .group_by(Order.customer_id, OrderLine.sku)
    )
    return [Bought._make(row) for row in rows]


async def popular(session: AsyncSession, *, since: datetime, limit: int) -> list[Popular]:
    """The products most customers bought since then."""
    buyers = func.count(distinct(Order.customer_id))
    rows = await session.execute(
        _lines(OrderLine.sku, func.max(OrderLine.description), buyers)
        .where(Order.placed_at >= since)
        .group_by(OrderLine.sku)
        .order_by(buyers.desc(), OrderLine.sku)
        .limit(limit)
    )
    return [Popular._make(row) for row in rows]
