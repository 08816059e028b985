"""What happens by itself: timers, each kind with what it does, in one table; and whoever waits is given to agents."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from bot import telling, waits
from bot.clock import Clock
from crm_store import (
    asking,
    bans,
    case_deadlines,
    dispatching,
    follow_ups,
    idling,
    queue_hours,
    ratings,
    timers,
    unanswered,
    waking,
)
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource
from crm_store.session import Session
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 30.0
GIVE_EVERY_S = 15.0
"""Should no signal tell that somebody came or was freed."""

Handler = Callable[[Session, int, datetime, StoreSettings], Coroutine[Any, Any, object]]


async def _remind(session: Session, request_id: int, now: datetime, settings: StoreSettings) -> object:
    return await ratings.remind(session, request_id, now=now, settings=settings)


async def _expire(session: Session, request_id: int, now: datetime, _settings: StoreSettings) -> object:
    return await ratings.expire(session, request_id, now=now)


async def _ask(session: Session, conversation_id: int, now: datetime, settings: StoreSettings) -> object:
    return await asking.ask_later(session, conversation_id, now=now, settings=settings)


async def _look_at_rating(
    session: Session, request_id: int, now: datetime, settings: StoreSettings
) -> object:
    return await follow_ups.look(session, request_id, now=now, settings=settings)


async def _close_idle(
    session: Session, conversation_id: int, now: datetime, settings: StoreSettings
) -> object:
    return await idling.close_idle(session, conversation_id, now=now, settings=settings)


async def _wake(session: Session, conversation_id: int, now: datetime, _settings: StoreSettings) -> object:
    return await waking.wake(session, conversation_id, now=now)


async def _tell(session: Session, wish_id: int, now: datetime, _settings: StoreSettings) -> object:
    return await telling.tell(session, wish_id, now)


async def _look(session: Session, conversation_id: int, now: datetime, settings: StoreSettings) -> object:
    again = await unanswered.look(session, conversation_id, now=now, settings=settings)
    await waits.follow(session, conversation_id, now=now, settings=settings)
    return again


async def _end_ban(session: Session, customer_id: int, now: datetime, _settings: StoreSettings) -> object:
    return await bans.end(session, customer_id, now=now)


async def _warn_of_case(session: Session, case_id: int, now: datetime, settings: StoreSettings) -> object:
    return await case_deadlines.warn(session, case_id, now=now, settings=settings)


async def _tell_of_case(session: Session, case_id: int, now: datetime, settings: StoreSettings) -> object:
    return await case_deadlines.breach(session, case_id, now=now, settings=settings)


HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.RATING_REMINDER: _remind,
    TimerKind.RATING_EXPIRY: _expire,
    TimerKind.RATING_ASK: _ask,
    TimerKind.RATING_GIVEN: _look_at_rating,
    TimerKind.IDLE_CLOSE: _close_idle,
    TimerKind.WAKE_SNOOZED: _wake,
    TimerKind.UNANSWERED: _look,
    TimerKind.TELL_ANSWER: _tell,
    TimerKind.BAN_OVER: _end_ban,
    TimerKind.CASE_DUE_SOON: _warn_of_case,
    TimerKind.CASE_OVERDUE: _tell_of_case,
}


class Timekeeper:
    """Fires timers as they come due, and closes what waits for a customer who is silent."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsSource) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._not_before = datetime.min.replace(tzinfo=UTC)
        """When the closing of silent conversations is tried again after an error."""
        self._hours_not_before = self._not_before
        """When the queue's hours are looked at again after an error."""
        self._name = secrets.token_hex(4)
        """Tells whose settings the queue's hours are, where several processes keep them."""

    async def run(self) -> None:
        """Fire until cancelled."""
        listener = self._store.signals.listen(Topic.TIMERS)
        while True:
            try:
                wait = await self._until_next()
                if wait == 0:
                    await self.fire_due()
            except Exception as error:
                if not is_outage(error):
                    log.exception("the timers stumbled; they go on")
                wait = 1.0
            if wait > 0:
                await listener.wait(wait)

    async def fire_due(self) -> int:
        """Fire what is due now; the number of timers fired. One that fails holds up no others, and comes again."""
        now, settings = self._clock(), self._settings.current
        await self._keep_hours(now, settings)
        async with self._store.write() as session:
            due = await timers.claim_due(session, now=now)
            for timer in due:
                try:
                    async with session.begin_nested():
                        await HANDLERS[TimerKind(timer.kind)](session, timer.subject_id, now, settings)
                except Exception as error:
                    if is_outage(error):
                        raise
                    again = await timers.put_off(session, timer, error, now=now)
                    log.exception(
                        "a timer failed", kind=timer.kind, subject=timer.subject_id, comes_again=again
                    )
        return len(due) + await self._close_silent(now, settings)

    async def _keep_hours(self, now: datetime, settings: StoreSettings) -> None:
        """Let the queue count by the hours that the settings say, so many of it at a time."""
        if not await self._are_hours_due(now, settings):
            return
        try:
            async with self._store.write() as session:
                await queue_hours.keep(session, settings.calendars, now=now, by=self._name)
        except Exception as error:
            self._put_hours_off(now, error)

    async def _are_hours_due(self, now: datetime, settings: StoreSettings) -> bool:
        if now < self._hours_not_before:
            return False
        try:
            async with self._store.read() as session:
                return await queue_hours.are_due(session, settings.calendars, now=now, by=self._name)
        except Exception as error:
            self._put_hours_off(now, error)
            return False

    def _put_hours_off(self, now: datetime, error: Exception) -> None:
        """An error waits for a later look and holds up no timer, even where the store was away for it alone."""
        self._hours_not_before = now + timedelta(seconds=LOOK_EVERY_S)
        tell = log.warning if is_outage(error) else log.error
        tell("the queue could not be ranked by its hours; it is tried again", exc_info=error)

    async def _close_silent(self, now: datetime, settings: StoreSettings) -> int:
        """Close whose customers have been silent for long enough; an error waits for a later look."""
        async with self._store.read() as session:
            due_at = await idling.next_silent_at(session, settings)
        if due_at is None or due_at > now or now < self._not_before:
            return 0
        try:
            async with self._store.write() as session:
                return await idling.close_silent(session, now=now, settings=settings)
        except Exception as error:
            if is_outage(error):
                raise
            self._not_before = now + timedelta(seconds=LOOK_EVERY_S)
            log.exception("conversations whose customers are silent could not be closed")
            return 0

    async def _until_next(self) -> float:
        """Seconds; a look that takes no write lock."""
        if await self._are_hours_due(self._clock(), self._settings.current):
            return 0.0
        async with self._store.read() as session:
            timer_at = await timers.next_due_at(session)
            silent_at = await idling.next_silent_at(session, self._settings.current)
        silent_at = None if silent_at is None else max(silent_at, self._not_before)
        due_at = min((at for at in (timer_at, silent_at) if at is not None), default=None)
        if due_at is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.0, (due_at - self._clock()).total_seconds()))


class Dispatcher:
    """Gives whoever waits to the best agent who is free: at once when somebody comes, frees up or comes online."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsSource) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    async def run(self) -> None:
        """Give until cancelled; nothing is given while agents only take by themselves."""
        listener = self._store.signals.listen(Topic.QUEUE)
        while True:
            try:
                if self._settings.current.pushes:
                    await self.give_all()
                wait = GIVE_EVERY_S
            except Exception as error:
                if not is_outage(error):
                    log.exception("the dispatch stumbled; it goes on")
                wait = 1.0
            await listener.wait(wait)

    async def give_all(self) -> int:
        """Give until nobody waits whom somebody free could serve; how many were given."""
        count = 0
        while True:
            now = self._clock()
            async with self._store.read() as session:
                if not await dispatching.is_needed(session, now=now):
                    return count
            async with self._store.write() as session:
                given = await dispatching.give(session, now=now)
            if not given:
                return count
            count += len(given)


async def run_all(*loops: Coroutine[Any, Any, object]) -> None:
    """Run these until one fails or this task is cancelled; then none is left running."""
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop)
