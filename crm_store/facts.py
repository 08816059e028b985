"""What scores are computed from: one row of facts per customer, and their ratings by aspect.

The facts replay history: only what happened before `as_of` counts, and a cancelled order counts until the moment it was
cancelled. Left out are who objected to profiling, who works here (colleagues.py), records merged into another, and who
was not yet known at `as_of` (neither recorded nor customer of an order by then).
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Float, Select, Subquery, and_, case, cast, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.colleagues import is_customer
from crm_store.models.base import MONEY_UNIT
from crm_store.models.customers import Customer
from crm_store.models.orders import Order, OrderLine
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.orders import CANCELLED, PURCHASE, RETURN

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)  # a day of room for time zones


class CustomerFacts(NamedTuple):
    """One customer before `as_of`; all but the counts `ever` are of the window that ends there."""

    customer_id: int
    order_count: int
    return_count: int
    amount: float
    """Of purchases, less returns, in units of the currency; may be negative."""
    variety: int
    """Different stock codes on purchases; orders without lines have none."""
    first_order_at: datetime | None
    """Of purchases, as is `last_order_at`."""
    last_order_at: datetime | None
    referred_by: int | None
    """The customer credited with what this one spends; None also where that person objected to profiling."""
    rating_count: int
    """Answered requests, however many aspects each had."""
    comment_count: int
    confirmed_answer_count: int
    purchases_ever: int
    returns_ever: int

    @property
    def only_returned(self) -> bool:
        """Flags who never bought and yet brought something back: the purchase is older than the records."""
        return self.purchases_ever == 0 and self.returns_ever > 0


class AspectRating(NamedTuple):
    """A customer's mean for one aspect within the window, 0-100."""

    customer_id: int
    aspect: str
    score: float


async def facts(session: AsyncSession, as_of: datetime, window: timedelta | None) -> list[CustomerFacts]:
    """The facts of every customer that may be scored, by id.

    The window is half open, [as_of - window, as_of), so that windows side by side count nothing twice; None is the
    whole history.
    """
    rows = await session.execute(_facts(_start(as_of, window), as_of))
    return [CustomerFacts._make(row) for row in rows]


def _start(as_of: datetime, window: timedelta | None) -> datetime:
    return _BEGINNING if window is None else as_of - window


async def aspect_ratings(
    session: AsyncSession, as_of: datetime, window: timedelta | None
) -> list[AspectRating]:
    """The mean of each customer's ratings per aspect within the window, of those `facts` has."""
    rows = await session.execute(
        select(Rating.customer_id, Rating.aspect, func.avg(Rating.score))
        .join(Customer, Customer.id == Rating.customer_id)
        .where(_may_be_scored(), Rating.rated_at >= _start(as_of, window), Rating.rated_at < as_of)
        .group_by(Rating.customer_id, Rating.aspect)
        .order_by(Rating.customer_id, Rating.aspect)
    )
    return [AspectRating._make(row) for row in rows]


def _may_be_scored() -> ColumnElement[bool]:
    is_scored = Customer.profiling_allowed, Customer.merged_into_id.is_(None)
    return and_(*is_scored, is_customer(Customer.id))


def _facts(start: datetime, as_of: datetime) -> Select[tuple[object, ...]]:
    orders, variety = _orders(start, as_of), _variety(start, as_of)
    ratings, comments, confirmed = (made(start, as_of) for made in (_ratings, _comments, _confirmed))
    referrer = aliased(Customer)
    credited = case((referrer.profiling_allowed, func.coalesce(referrer.merged_into_id, referrer.id)))
    parts = (orders, variety, ratings, comments, confirmed)
    statement = select(
        Customer.id,
        func.coalesce(orders.c.order_count, 0),
        func.coalesce(orders.c.return_count, 0),
        func.coalesce(orders.c.amount, 0.0),
        func.coalesce(variety.c.variety, 0),
        orders.c.first_at,
        orders.c.last_at,
        credited,
        *(func.coalesce(part.c.given, 0) for part in (ratings, comments, confirmed)),
        func.coalesce(orders.c.purchases_ever, 0),
        func.coalesce(orders.c.returns_ever, 0),
    ).outerjoin(referrer, referrer.id == Customer.referred_by_id)
    for part in parts:
        statement = statement.outerjoin(part, part.c.customer_id == Customer.id)
    known = or_(Customer.created_at < as_of, orders.c.customer_id.is_not(None))
    return statement.where(_may_be_scored(), known).order_by(Customer.id)


def _counts(as_of: datetime) -> ColumnElement[bool]:
    """The order counted at that moment; a cancelled order's last change is its cancellation."""
    return and_(Order.placed_at < as_of, or_(Order.status != CANCELLED, Order.updated_at >= as_of))


def _orders(start: datetime, as_of: datetime) -> Subquery:
    bought, returned = Order.kind == PURCHASE, Order.kind == RETURN
    recent = Order.placed_at >= start
    # Whole ten-thousandths are summed, exactly; the one division comes last.
    amount = func.sum(case((recent, Order.amount), else_=0))
    return (
        select(
            Order.customer_id,
            func.count(case((and_(bought, recent), 1))).label("order_count"),
            func.count(case((and_(returned, recent), 1))).label("return_count"),
            (cast(amount, Float) / MONEY_UNIT).label("amount"),
            func.count(case((bought, 1))).label("purchases_ever"),
            func.count(case((returned, 1))).label("returns_ever"),
            func.min(case((and_(bought, recent), Order.placed_at))).label("first_at"),
            func.max(case((and_(bought, recent), Order.placed_at))).label("last_at"),
        )
        .where(_counts(as_of))
        .group_by(Order.customer_id)
        .subquery("orders")
    )


def _variety(start: datetime, as_of: datetime) -> Subquery:
    return (
        select(Order.customer_id, func.count(distinct(OrderLine.sku)).label("variety"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(_counts(as_of), Order.placed_at >= start, Order.kind == PURCHASE, OrderLine.quantity > 0)
        .group_by(Order.customer_id)
        .subquery("variety")
    )


def _ratings(start: datetime, as_of: datetime) -> Subquery:
    one_form = func.coalesce(Rating.request_id, -Rating.id)
    return (
        select(Rating.customer_id, func.count(distinct(one_form)).label("given"))
        .where(Rating.rated_at >= start, Rating.rated_at < as_of)
        .group_by(Rating.customer_id)
        .subquery("ratings")
    )


def _comments(start: datetime, as_of: datetime) -> Subquery:
    written_at = func.coalesce(RatingRequest.finished_at, RatingRequest.asked_at)
    return (
        select(RatingRequest.customer_id, func.count().label("given"))
        .where(RatingRequest.comment.is_not(None), written_at >= start, written_at < as_of)
        .group_by(RatingRequest.customer_id)
        .subquery("comments")
    )


def _confirmed(start: datetime, as_of: datetime) -> Subquery:
    return (
        select(AnswerFeedback.customer_id, func.count().label("given"))
        .where(AnswerFeedback.helped, AnswerFeedback.created_at >= start, AnswerFeedback.created_at < as_of)
        .group_by(AnswerFeedback.customer_id)
        .subquery("confirmed")
    )
