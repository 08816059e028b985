"""Scores kept fresh by themselves: when they are due, by whose clock, and that nothing is done twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from admin_api.rescoring import score_if_due
from crm_store import orders, rescoring
from crm_store.engine import Store
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.orders import OrderDraft
from crm_store.settings import StoreSettings
from tests.house import NOON
from tests.integration.crm_store.test_queue_order import waits

SETTINGS = StoreSettings(scores_at="03:00", time_zone="Europe/Berlin")
HOUR = timedelta(hours=1)


async def buys(store: Store, *numbers: int, customer_id: int = 1) -> None:
    async with store.write() as session:
        for number in numbers:
            draft = OrderDraft(f"N{number}", Decimal(number + 10), NOON - timedelta(days=number + 1))
            await orders.record(session, customer_id, draft, now=NOON)


async def look(store: Store, now: datetime, settings: StoreSettings = SETTINGS) -> str | None:
    return await score_if_due(store, now=now, settings=settings)


async def test_orders_first_then_every_night_and_when_many_more_come(store: Store) -> None:
    assert await look(store, NOON) is None  # nobody is here
    for n in (1, 2, 3):
        await waits(store, str(n), NOON)
    await buys(store, 1, 2, 3)
    assert await look(store, NOON) == "orders"
    assert await look(store, NOON + HOUR) is None
    night = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # three in Berlin
    assert await look(store, night - timedelta(seconds=1)) is None
    assert await look(store, night) == "night"
    assert await look(store, night + timedelta(seconds=60)) is None
    await buys(store, 4)
    assert await look(store, night + timedelta(minutes=9)) is None  # not so soon again
    assert await look(store, night + timedelta(minutes=10)) == "orders"
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(ScoreRun)) == 3
        newest = select(func.max(ScoreRun.id)).scalar_subquery()
        row = await session.get_one(CustomerScore, (await session.scalar(select(newest)), 1))
        assert row.values["value"]["index"] is not None


async def test_a_night_that_nobody_was_there_for_is_made_up_for(store: Store) -> None:
    await waits(store, "1", NOON)
    assert await look(store, NOON) == "night"
    assert await look(store, NOON + timedelta(days=3)) == "night"
    assert await look(store, NOON + timedelta(days=3, minutes=1)) is None


async def test_only_by_hand_where_the_owner_wants_it(store: Store) -> None:
    await waits(store, "1", NOON)
    await buys(store, 1)
    assert await look(store, NOON, StoreSettings(scores_at="")) is None


@pytest.mark.parametrize("day", [28, 29])
def test_the_night_is_the_business_s(day: int) -> None:
    """On the 29th of March 2026 Berlin's clocks go from two to three."""
    now = datetime(2026, 3, day, 12, tzinfo=UTC)
    at = SETTINGS.scored_at
    assert at is not None
    shown = rescoring.last_night(now, at, SETTINGS)
    assert shown == datetime(2026, 3, day, 2 if day == 28 else 1, tzinfo=UTC)
