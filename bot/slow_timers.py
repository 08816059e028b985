"""Timers whose work takes too long for the loop of all others: leased, so that another process does what a kill broke
off, and worked on outside any transaction but the last, which notes as well that it is done.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from bot.clock import Clock
from crm_store import timers
from crm_store.engine import Store, is_outage
from crm_store.session import Session
from crm_store.signals import Topic
from crm_store.timers import Due, TimerKind

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 30.0
T = TypeVar("T")


async def _nothing(_session: Session, _timer: Due) -> None:
    """Nobody has to be told."""


async def follow(store: Store, fire: Callable[[], Awaitable[object]]) -> None:
    """Fire whenever a timer was set, and now and then, until cancelled."""
    listener = store.signals.listen(Topic.TIMERS)
    try:
        while True:
            try:
                await fire()
            except Exception as error:
                if not is_outage(error):
                    log.exception("what takes long stumbled; it goes on")
            await listener.wait(LOOK_EVERY_S)
    finally:
        store.signals.forget(listener)


async def fire_due(
    store: Store,
    clock: Clock,
    kind: TimerKind,
    work: Callable[[Due], Awaitable[T]],
    *,
    within: timedelta,
    give_up: Callable[[Session, Due], Awaitable[None]] = _nothing,
) -> list[T]:
    """What the work on each timer that is due gave; one that fails holds up no others, and comes again.

    The work finishes its timer in the transaction that does what it is for, so that this happens once: should this
    process go, or be slow, another does the work after `within`. After the last try `give_up` tells whom it concerns.
    """
    now, given = clock(), list[T]()
    async with store.read() as session:
        if not await timers.is_due(session, kind, now=now):
            return given
    async with store.write() as session:
        due = await timers.lease(session, kind, now=now, until=now + within)
    for timer in due:
        try:
            given.append(await work(timer))
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a timer failed", kind=timer.kind, subject=timer.subject_id)
            async with store.write() as session:
                if await timers.finish(session, timer, now=now) and not await timers.put_off(
                    session, timer, error, now=now
                ):
                    await give_up(session, timer)
    return given
