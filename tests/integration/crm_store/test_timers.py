"""Timers: due once, whoever looks, and only when their time has come."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import dispatch
from bot.dispatch import Timekeeper
from crm_store import timers
from crm_store.engine import Store
from crm_store.models.plumbing import Timer
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from tests.house import NOON, FakeClock


async def set_timers(store: Store, *hours: int) -> None:
    async with store.write() as session:
        for subject, hour in enumerate(hours):
            due_at = NOON + timedelta(hours=hour)
            await timers.schedule(session, TimerKind.IDLE_CLOSE, subject, due_at)


async def test_what_is_due_comes_in_the_order_of_its_time_and_once(store: Store) -> None:
    await set_timers(store, 3, 1, 2, 9)
    for expected in ([1, 2, 0], []):
        async with store.write() as session:
            due = await timers.claim_due(session, now=NOON + timedelta(hours=3))
            assert [timer.subject_id for timer in due] == expected
    async with store.read() as session:
        assert await timers.next_due_at(session) == NOON + timedelta(hours=9)


async def test_a_cancelled_timer_does_not_fire(store: Store) -> None:
    await set_timers(store, 1)
    async with store.write() as session:
        await timers.cancel(session, [TimerKind.IDLE_CLOSE], 0)
    async with store.write() as session:
        assert await timers.claim_due(session, now=NOON + timedelta(days=1)) == []


async def test_two_processes_share_what_is_due(postgres_store: Store) -> None:
    await set_timers(postgres_store, *range(10))
    async with postgres_store.write() as one, postgres_store.write() as other:
        mine = await timers.claim_due(one, now=NOON + timedelta(days=1), limit=6)
        theirs = await timers.claim_due(other, now=NOON + timedelta(days=1), limit=6)
        assert len(mine) == 6
        assert {t.id for t in mine}.isdisjoint(t.id for t in theirs)


async def test_one_that_breaks_holds_up_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[int] = []

    async def handle(_session: object, subject_id: int, _now: object, _settings: object) -> None:
        if subject_id == 0:
            raise LookupError
        fired.append(subject_id)

    monkeypatch.setitem(dispatch.HANDLERS, TimerKind.IDLE_CLOSE, handle)
    await set_timers(store, 1, 1)
    clock = FakeClock(NOON + timedelta(hours=2))
    assert await Timekeeper(store, clock, StoreSettings()).fire_due() == 2
    assert fired == [1]


async def test_the_timekeeper_fires_what_was_due_while_nobody_ran(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired = asyncio.Event()

    async def handle(*_given: object) -> None:
        fired.set()

    monkeypatch.setitem(dispatch.HANDLERS, TimerKind.IDLE_CLOSE, handle)
    await set_timers(store, -5)
    running = asyncio.create_task(Timekeeper(store, FakeClock(), StoreSettings()).run())
    await asyncio.wait_for(fired.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with store.read() as session:
        assert (await session.scalars(select(Timer.fired_at))).all() == [NOON]
