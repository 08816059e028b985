"""Timers whose work takes too long for the loop of all others: leased, so that another process does what a kill broke
off, and worked on outside any transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from bot.clock import Clock
from crm_store import timers
from crm_store.engine import Store, is_outage
from crm_store.signals import Topic
from crm_store.timers import TimerKind

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 30.0
T = TypeVar("T")


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
    work: Callable[[int], Awaitable[T]],
    *,
    within: timedelta,
) -> list[T]:
    """What the work on each subject that is due gave; one that fails holds up no others, and comes again.

    Should this process go, another does the work after `within`.
    """
    now, given = clock(), list[T]()
    async with store.read() as session:
        if not await timers.is_due(session, kind, now=now):
            return given
    async with store.write() as session:
        due = await timers.lease(session, kind, now=now, until=now + within)
    for timer in due:
        try:
            given.append(await work(timer.subject_id))
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a timer failed", kind=timer.kind, subject=timer.subject_id)
            async with store.write() as session:
                if not await timers.put_off(session, timer, error, now=now):
                    await timers.finish(session, timer, now=now)
            continue
        async with store.write() as session:
            await timers.finish(session, timer, now=now)
    return given
