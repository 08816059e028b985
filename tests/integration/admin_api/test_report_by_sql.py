"""The report's figures are those that plain SQL finds in the stored events, working hours and all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from admin_api.app import build_app
from admin_api.services import Services
from admin_api.settings import AdminSettings
from bot.dispatch import Timekeeper
from crm_store import api_keys, conversations, queue, staff
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.admin_stage import Shelf
from tests.house import FakeClock, House, open_house

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SETTINGS = StoreSettings(
    working_hours="mon-fri 09:00-12:30 13:30-18:00",
    time_zone="Europe/Berlin",
    response_targets="first 30m, next 1h, resolution 3h",
    first_reply_minutes=0,
)
OPEN = [
    (MONDAY + timedelta(days=day, hours=first), MONDAY + timedelta(days=day, hours=last))
    for day in (*range(5), *range(7, 12))
    for first, last in ((8, 11.5), (12.5, 17))
]
"""The hours above in UTC: it is winter in Berlin."""


def worked(since: datetime, until: datetime) -> float:
    """Seconds of the time between that lie in working hours."""
    return sum(max(0.0, (min(until, b) - max(since, a)).total_seconds()) for a, b in OPEN)


@asynccontextmanager
async def asked(store: Store, clock: FakeClock, key: str) -> AsyncIterator["TestClient[Any, Any]"]:
    services = Services(store, AdminSettings(), SETTINGS, clock, Shelf, lambda: True)
    async with TestClient(
        TestServer(build_app(services)), headers={"Authorization": f"Bearer {key}"}
    ) as client:
        yield client


def moment(day: int, hour: float) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


DAYS: tuple[tuple[int, float, str | int, str], ...] = (
    (0, 9, "bot alone", "how long does delivery take?"),
    (0, 16.75, "night", "/human"),  # a quarter of an hour before the end of the day
    (1, 8.1, 2, "reply"),
    (1, 9, "night", "and now?"),
    (1, 11, 2, "reply"),
    (1, 16, 2, "resolve"),
    (2, 9, "quick", "/human"),
    (2, 9.2, 3, "reply"),
    (3, 15, "quick", "here I am again"),
    (3, 15.5, 3, "resolve"),
    (4, 16.9, "weekend", "/human"),
    (4, 16.95, "unanswered", "/human"),
    (4, 16.97, "gone", "/human"),
    (4, 16.98, "gone", "/cancel"),
    (7, 8.05, 5, "resolve"),  # by hand, without a word
    (7, 12, 4, "reply"),
    (7, 12.6, 4, "resolve"),
)
"""The day and the hour (UTC); who says what, or what is done to which conversation."""


async def live_through(house: House, ann: Agent) -> None:
    """All of these days, with the timers that come due."""
    timekeeper = Timekeeper(house.store, house.clock, house.settings)
    for day, hour, who, what in DAYS:
        house.clock.now = moment(day, hour)
        while await timekeeper.fire_due():
            pass
        if isinstance(who, str):
            await house.say(what, address=who)
            continue
        async with house.store.write() as session:
            if what == "reply":
                await conversations.reply(session, who, ann, "Hello!", now=house.clock())
            else:
                await queue.resolve(session, who, ann, now=house.clock(), settings=house.settings)
    house.clock.now = moment(7, 13)


async def rows(store: Store, sql: str) -> list[Any]:
    async with store.read() as session:
        return list(await session.execute(text(sql)))


def utc(value: Any) -> datetime:
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)


def times(spans: list[float]) -> dict[str, Any]:
    return {"measured": len(spans), "median": median(spans), "p90": max(spans)}


REPLIED = """SELECT h.queued_at, min(m.created_at) FROM handoff h JOIN message m USING (conversation_id)
WHERE m.author = 'agent' AND NOT m.is_note AND m.created_at >= h.queued_at GROUP BY h.id"""
HELD = """SELECT conversation_id, to_status, changed_at, lead(changed_at) OVER (
  PARTITION BY conversation_id ORDER BY id) FROM status_change WHERE conversation_id IN (
  SELECT conversation_id FROM message WHERE author = 'agent' AND NOT is_note)"""
UNSERVED = """SELECT count(*) FROM handoff WHERE ended_at IS NOT NULL AND conversation_id NOT IN (
  SELECT conversation_id FROM message WHERE author = 'agent' AND NOT is_note)"""


async def test_human_times_promises_and_deflection(sqlite_store: Store) -> None:
    clock = FakeClock(MONDAY)
    async with open_house(sqlite_store, clock=clock, settings=SETTINGS) as house:
        ann = await house.agent()
        async with sqlite_store.write() as session:
            made = await api_keys.create(
                session, name="me", role=staff.Role.ADMIN, agent_id=None, now=clock()
            )
        await live_through(house, ann)
    async with asked(sqlite_store, clock, made.key) as client:
        told = await (await client.get("/api/v1/reports/summary")).json()
    replied = [worked(utc(since), utc(until)) for since, until in await rows(sqlite_store, REPLIED)]
    assert told["first_response"] == times(replied)
    served: dict[int, float] = {}
    for number, status, since, until in await rows(sqlite_store, HELD):
        if status in ("queued", "assigned"):
            served[number] = served.get(number, 0) + worked(utc(since), utc(until))
    assert told["resolution"] == times(list(served.values()))
    assert max(served.values()) < 4 * 3600
    kept = {one["kind"]: (one["made"], one["kept"], one["missed"]) for one in told["promises"]}
    assert kept["first"] == (5, sum(seconds <= 30 * 60 for seconds in replied), 1) == (5, 2, 1)
    assert kept["resolution"] == (5, sum(seconds <= 3 * 3600 for seconds in served.values()), 1)
    assert [(told["closed_unserved"],)] == await rows(sqlite_store, UNSERVED) == [(2,)]
    assert told["conversations"]["deflection_rate"] == 1
