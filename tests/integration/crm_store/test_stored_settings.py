"""Settings that are changed while everything runs: stored over the environment's, checked, heeded by all."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.dispatch import Dispatcher, Timekeeper
from crm_store import attendance, staff, stored_settings, timers
from crm_store.engine import Store
from crm_store.errors import InvalidValue, NotFound
from crm_store.lifecycle import Status
from crm_store.live_settings import LiveSettings
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import KeyValue, Timer
from crm_store.settings import StoreSettings
from crm_store.stored_settings import SETTLED_AFTER
from crm_store.timers import TimerKind
from tests.desk_stage import customer_waits
from tests.house import NOON, FakeClock
from tests.served_desk import Elsewhere

BASE = StoreSettings(_env_file=None)


async def put(store: Store, name: str, value: object, base: StoreSettings = BASE) -> None:
    async with store.write() as session:
        await stored_settings.change(session, name, value, base=base, by="agent:1 Ann", now=NOON)


async def test_a_stored_value_counts_more_and_can_be_taken_back(store: Store) -> None:
    base = StoreSettings(_env_file=None, first_reply_minutes=12)
    await put(store, "first_reply_minutes", 7, base)
    await put(store, "first_reply_minutes", "8", base)
    await put(store, "team_hours", {"night": "mon-sun 22:00-06:00"}, base)
    async with store.read() as session:
        now = await stored_settings.in_force(session, base)
        kept = await stored_settings.read(session)
    assert (now.first_reply_minutes, now.team_hours) == (8, {"night": "mon-sun 22:00-06:00"})
    assert (kept["first_reply_minutes"].by, kept["first_reply_minutes"].at) == ("agent:1 Ann", NOON)
    async with store.write() as session:
        await stored_settings.back_to_default(session, "first_reply_minutes", base=base, now=NOON)
    async with store.read() as session:
        assert (await stored_settings.in_force(session, base)).first_reply_minutes == 12


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("dispatch", "sideways", "both', 'pull' or 'push"),
        ("first_reply_minutes", -1, "greater than or equal to 0"),
        ("first_reply_minutes", 10**12, "less than or equal to"),
        ("first_reply_minutes", "soon", "valid integer"),
        ("first_reply_minutes", {"a": "b"}, "valid integer"),
        ("wrong_budget", 0.5, "less than 0.5"),
        ("wrong_budget", float("nan"), "less than 0.5"),
        ("working_hours", "mondays", "names no working hours"),
        ("time_zone", "Atlantis/Capital", "no time zone"),
        ("holidays", "christmas", "christmas"),
        ("team_hours", {"night": "late"}, "team 'night'"),
        ("response_targets", "first soon", "is no target"),
        ("rating_aspects", "price,price", "different aspects"),
        ("rating_aspects", ",".join(f"a{n}" for n in range(11)), "up to 10"),
        ("rating_aspects", "x" * 41, "up to 40 characters"),
        ("default_capacity", 0, "greater than or equal to 1"),
        ("default_capacity", True, "not switched on or off"),
        ("first_contact_check", "perhaps", "valid boolean"),
        ("retention_days", 36_501, "less than or equal to 36500"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_reason(
    sqlite_store: Store, name: str, value: Any, told: str
) -> None:
    with pytest.raises(InvalidValue, match=f"^{name}: ") as refusal:
        await put(sqlite_store, name, value)
    assert told in str(refusal.value)
    async with sqlite_store.read() as session:
        assert await stored_settings.read(session) == {}


@pytest.mark.parametrize("name", ["database_url", "files_folder", "nothing", ""])
async def test_what_the_environment_sets_is_not_changed_here(sqlite_store: Store, name: str) -> None:
    with pytest.raises(NotFound, match="these are: working_hours"):
        await put(sqlite_store, name, "sqlite:///elsewhere.db")


def test_every_setting_that_is_changed_here_exists() -> None:
    assert set(stored_settings.CHANGEABLE) <= StoreSettings.model_fields.keys()


async def test_a_stored_value_that_is_taken_no_more_stops_no_server(sqlite_store: Store) -> None:
    await put(sqlite_store, "idle_close_hours", 3)
    await put(sqlite_store, "dispatch", "pull")
    async with sqlite_store.write() as session:
        spoilt = '{"value": "sideways", "by": "a", "at": "2026-03-02T12:00:00+00:00"}'
        await session.execute(update(KeyValue).where(KeyValue.key == "setting:dispatch").values(value=spoilt))
    async with sqlite_store.read() as session:
        now = await stored_settings.in_force(session, BASE)
    assert (now.dispatch, now.idle_close_hours) == ("both", 3)


async def heeded(live: LiveSettings, name: str, value: object) -> None:
    async with asyncio.timeout(60):
        while getattr(live.current, name) != value:
            await asyncio.sleep(0.01)


async def test_a_running_server_heeds_a_change(store: Store) -> None:
    live, heard = LiveSettings(store, BASE), list[str]()
    live.hear(lambda settings: heard.append(settings.dispatch))
    following = asyncio.create_task(live.follow())
    await put(store, "dispatch", "push")
    await heeded(live, "dispatch", "push")
    async with store.write() as session:
        await stored_settings.back_to_default(session, "dispatch", base=BASE, now=NOON)
    await heeded(live, "dispatch", "both")
    following.cancel()
    assert heard == ["push", "both"]
    assert live.base is BASE


async def test_giving_can_be_switched_on_while_somebody_waits(sqlite_store: Store) -> None:
    clock, live = FakeClock(), LiveSettings(sqlite_store, StoreSettings(_env_file=None, dispatch="pull"))
    number = await customer_waits(Elsewhere(sqlite_store, clock), "my lamp flickers")
    async with sqlite_store.write() as session:
        agent = await staff.create_agent(session, name="Ann", role=staff.Role.AGENT, now=clock())
        await attendance.set_presence(session, agent, "online", now=clock())
    tasks = [
        asyncio.create_task(each) for each in (live.follow(), Dispatcher(sqlite_store, clock, live).run())
    ]
    assert await status_of(sqlite_store, number) == Status.QUEUED
    await put(sqlite_store, "dispatch", "push", live.base)
    async with asyncio.timeout(60):
        while await status_of(sqlite_store, number) != Status.ASSIGNED:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()


async def status_of(store: Store, number: int) -> str:
    async with store.read() as session:
        return (await session.get_one(Conversation, number)).status


async def test_clocks_set_by_the_old_value_are_looked_at_again(store: Store) -> None:
    """A reminder that was switched off, so that no timer was left, comes once it is switched on."""
    clock, never = FakeClock(), StoreSettings(_env_file=None, handoff_notice_minutes=0)
    live = LiveSettings(store, never)
    number = await customer_waits(Elsewhere(store, clock), "my lamp flickers")
    async with store.write() as session:
        await session.execute(delete(Timer).where(Timer.subject_id == number))
    await put(store, "handoff_notice_minutes", 5, never)
    await live.load()
    keeper = Timekeeper(store, clock, live)
    assert await keeper.fire_due() == 0
    clock.advance(SETTLED_AFTER)
    assert await keeper.fire_due() == 1
    async with store.read() as session:
        due_at = await session.scalar(
            select(Timer.due_at).where(Timer.kind == TimerKind.UNANSWERED, Timer.fired_at.is_(None))
        )
    assert due_at == NOON + timedelta(minutes=5)


async def test_a_shorter_silence_closes_what_is_silent_already(store: Store) -> None:
    async with store.write() as session:
        await timers.schedule(session, TimerKind.IDLE_CLOSE, 999, NOON + timedelta(hours=24))
    number = await customer_waits(Elsewhere(store, FakeClock()), "my lamp flickers")
    async with store.write() as session:
        await session.execute(update(Conversation).where(Conversation.id == number).values(status=Status.BOT))
        await timers.schedule(session, TimerKind.IDLE_CLOSE, number, NOON + timedelta(hours=24))
    await put(store, "idle_close_hours", 1)
    async with store.read() as session:
        rows = await session.execute(
            select(Timer.subject_id, Timer.due_at).where(Timer.kind == TimerKind.IDLE_CLOSE)
        )
        due = dict(rows.all())
    assert due == {999: NOON + timedelta(hours=24), number: NOON + SETTLED_AFTER}
