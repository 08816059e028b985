"""When everybody's scores are due again: every night, and soon after orders have changed who is worth what.

It is read from what is stored, so that it outlives restarts, and a run by hand counts as well.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import scores
from crm_store.models.customers import Customer
from crm_store.models.orders import Order
from crm_store.settings import StoreSettings

ORDERS_SEEN = "orders_seen"
"""In a run's context: the number of the newest order there was."""
GROWN_BY = 0.1
"""So many orders more than there were have changed the scores much."""
LEAST_APART = timedelta(minutes=10)
"""Runs for the sake of orders; an import of many files is no reason for many runs."""


class Why(StrEnum):
    """Why scores are due."""

    NIGHT = "night"
    ORDERS = "orders"


async def why_due(session: AsyncSession, *, now: datetime, settings: StoreSettings) -> Why | None:
    """Why everybody is to be scored now; None while the last run will do, or where it is never done by itself."""
    at = settings.scored_at
    if at is None:
        return None
    run = await scores.latest_run(session)
    seen = 0 if run is None else int(run.context.get(ORDERS_SEEN, 0))
    newest = await newest_order(session)
    is_apart = run is None or now - run.computed_at >= LEAST_APART
    if is_apart and newest - seen >= max(1.0, GROWN_BY * seen):
        return Why.ORDERS
    if run is None:
        return None if await session.scalar(select(Customer.id).limit(1)) is None else Why.NIGHT
    return Why.NIGHT if run.computed_at < last_night(now, at, settings) else None


def last_night(now: datetime, at: time, settings: StoreSettings) -> datetime:
    """The newest moment that is not to come at which the business's clocks showed this time."""
    zone = settings.hours.zone
    today = datetime.combine(now.astimezone(zone).date(), at, zone)
    found = today if today <= now else datetime.combine(today.date() - timedelta(days=1), at, zone)
    return found.astimezone(now.tzinfo)


async def newest_order(session: AsyncSession) -> int:
    """Its number, 0 while there is none."""
    return int(await session.scalar(select(func.max(Order.id))) or 0)
