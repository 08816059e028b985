"""A timer whose handler fails: it holds up no others, comes again, and is seen by the doctor."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import dispatch
from bot.dispatch import Timekeeper
from crm_store import health, timers
from crm_store.engine import Store
from crm_store.models.customers import Customer
from crm_store.models.plumbing import Timer
from crm_store.session import Session
from crm_store.settings import StoreSettings
from crm_store.timers import MAX_ATTEMPTS, RETRY_AFTER, TimerKind
from tests.house import NOON, FakeClock


class Moody:
    """A handler that fails so many times after it has written; then it does what it is for."""

    def __init__(self, fails: int) -> None:
        self.fails, self.done = fails, list[int]()

    async def __call__(self, session: Session, subject_id: int, *_: object) -> None:
        session.add(Customer(created_at=NOON, updated_at=NOON))
        await session.flush()
        if self.fails > 0 and subject_id == 1:
            self.fails -= 1
            raise LookupError("out of order")
        self.done.append(subject_id)


async def scene(
    store: Store, monkeypatch: pytest.MonkeyPatch, fails: int
) -> tuple[Timekeeper, FakeClock, Moody]:
    """Two timers that are due, the first of which fails."""
    clock, moody = FakeClock(), Moody(fails)
    monkeypatch.setitem(dispatch.HANDLERS, TimerKind.UNANSWERED, moody)
    async with store.write() as session:
        for subject in (1, 2):
            await timers.schedule(session, TimerKind.UNANSWERED, subject, clock())
    return Timekeeper(store, clock, StoreSettings()), clock, moody


async def failed(store: Store) -> int:
    async with store.read() as session:
        return (await health.state(session)).failed_timers


async def test_it_holds_up_nobody_and_comes_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, clock, moody = await scene(store, monkeypatch, fails=2)
    assert (await keeper.fire_due(), moody.done, await failed(store)) == (2, [2], 1)
    assert await keeper.fire_due() == 0
    clock.advance(RETRY_AFTER)
    assert (await keeper.fire_due(), moody.done) == (1, [2])
    clock.advance(RETRY_AFTER)
    assert await keeper.fire_due() == 0  # twice as long
    clock.advance(RETRY_AFTER)
    assert (await keeper.fire_due(), moody.done, await failed(store)) == (1, [2, 1], 0)
    clock.advance(timedelta(days=2))
    assert await keeper.fire_due() == 0


async def test_it_is_given_up_after_two_hours(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, clock, moody = await scene(store, monkeypatch, fails=100)
    began = clock()
    for _ in range(10 * 60):
        await keeper.fire_due()
        clock.advance(RETRY_AFTER)
    assert (100 - moody.fails, moody.done, await failed(store)) == (MAX_ATTEMPTS, [2], 1)
    async with store.read() as session:
        last = await session.scalar(select(Timer.fired_at).where(Timer.error == "LookupError"))
    assert last is not None
    assert timedelta(hours=2) <= last - began < timedelta(hours=2, minutes=15)
