"""What is to happen at a time: rows that survive restarts and fire once, whoever looks first."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.models.base import table_of
from crm_store.models.plumbing import Timer
from crm_store.signals import Topic


class TimerKind(StrEnum):
    """What a timer does; `subject_id` names what it is about."""

    RATING_REMINDER = "rating_reminder"
    RATING_EXPIRY = "rating_expiry"
    RATING_ASK = "rating_ask"
    RATING_GIVEN = "rating_given"
    IDLE_CLOSE = "idle_close"
    WAKE_SNOOZED = "wake_snoozed"
    UNANSWERED = "unanswered"
    LEARN_PHRASINGS = "learn_phrasings"
    TEACH_PHRASING = "teach_phrasing"
    TELL_ANSWER = "tell_answer"
    BAN_OVER = "ban_over"
    CASE_DUE_SOON = "case_due_soon"
    CASE_OVERDUE = "case_overdue"


APART = (TimerKind.LEARN_PHRASINGS, TimerKind.TEACH_PHRASING)
"""What takes long and has a loop of its own (bot/slow_timers.py); `claim_due` and `next_due_at` pass it over."""
RETRY_AFTER = timedelta(seconds=30)
MAX_ATTEMPTS = 9
"""The last try comes two hours after the first."""


class Due(NamedTuple):
    """A timer that came due; no row of the session, which would be lost with what its handler did."""

    id: int
    kind: str
    subject_id: int
    due_at: datetime
    attempts: int


_TIMERS = table_of(Timer)
# Built once: every message, hand-over and change of holder sets or forgets a timer.
_SCHEDULE = insert(_TIMERS)
_CANCEL = delete(_TIMERS).where(
    _TIMERS.c.kind.in_(bindparam("kinds", expanding=True)),
    _TIMERS.c.subject_id == bindparam("of"),
    _TIMERS.c.fired_at.is_(None),
)
_NEXT = (
    select(_TIMERS.c.due_at)
    .where(_TIMERS.c.fired_at.is_(None), _TIMERS.c.kind.not_in(APART))
    .order_by(_TIMERS.c.due_at)
    .limit(1)
)


async def schedule(session: AsyncSession, kind: TimerKind, subject_id: int, due_at: datetime) -> None:
    """Let `kind` happen to the subject at `due_at`."""
    await session.execute(_SCHEDULE, {"kind": kind, "subject_id": subject_id, "due_at": due_at})
    signals.notify(session, Topic.TIMERS)


async def restart(session: AsyncSession, kind: TimerKind, subject_id: int, due_at: datetime) -> None:
    """Let `kind` happen to the subject at `due_at`, and at no other time that was set before."""
    await cancel(session, [kind], subject_id)
    await schedule(session, kind, subject_id, due_at)


async def restart_all(
    session: AsyncSession, kind: TimerKind, subjects: Select[int], due_at: datetime
) -> None:
    """Let `kind` happen to all of these subjects at `due_at`, and at no other time that was set before."""
    t = _TIMERS.c
    await session.execute(
        delete(_TIMERS).where(t.kind == kind, t.subject_id.in_(subjects), t.fired_at.is_(None))
    )
    ids = subjects.subquery().c[0]
    made = select(literal(kind.value), ids, literal(due_at, t.due_at.type), literal(0))
    await session.execute(insert(_TIMERS).from_select(["kind", "subject_id", "due_at", "attempts"], made))
    signals.notify(session, Topic.TIMERS)


async def bring_forward(
    session: AsyncSession, kind: TimerKind, subjects: Select[int], due_at: datetime
) -> None:
    """Let the unfired timers of these subjects come at `due_at`, where they would come later."""
    t = _TIMERS.c
    later = (t.kind == kind, t.subject_id.in_(subjects), t.fired_at.is_(None), t.due_at > due_at)
    await session.execute(update(_TIMERS).where(*later).values(due_at=due_at))
    signals.notify(session, Topic.TIMERS)


async def cancel(session: AsyncSession, kinds: Iterable[TimerKind], subject_id: int) -> None:
    """Forget the unfired timers of these kinds for the subject."""
    await session.execute(_CANCEL, {"kinds": list(kinds), "of": subject_id})


async def claim_due(session: AsyncSession, *, now: datetime, limit: int = 100) -> list[Due]:
    """Timers that came due, marked as fired in this transaction; no other process gets the same ones."""
    due = (
        select(Timer.id)
        .where(Timer.fired_at.is_(None), Timer.due_at <= now, Timer.kind.not_in(APART))
        .order_by(Timer.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await session.execute(
        update(Timer)
        .where(Timer.id.in_(due))
        .values(fired_at=now, error=None)
        .returning(*(getattr(Timer, name) for name in Due._fields))
        .execution_options(synchronize_session=False)
    )
    return sorted((Due(*row) for row in claimed), key=lambda timer: (timer.due_at, timer.id))


async def put_off(session: AsyncSession, timer: Due, error: Exception, *, now: datetime) -> bool:
    """Let a timer that was fired in this transaction, and failed, fire again after a while, twice as long each time.

    False once it was tried enough.
    """
    attempts = timer.attempts + 1
    values: dict[str, object] = {"attempts": attempts, "error": type(error).__name__[:64]}
    if attempts < MAX_ATTEMPTS:
        values |= {"fired_at": None, "due_at": now + RETRY_AFTER * 2 ** (attempts - 1)}
    await session.execute(update(_TIMERS).where(_TIMERS.c.id == timer.id).values(values))
    return attempts < MAX_ATTEMPTS


async def next_due_at(session: AsyncSession) -> datetime | None:
    """When the next timer comes due, or None."""
    return await session.scalar(_NEXT)


async def is_due(session: AsyncSession, kind: TimerKind, *, now: datetime) -> bool:
    """Whether a timer of this kind came due; a look that takes no write lock."""
    t = _TIMERS.c
    due = select(t.id).where(t.fired_at.is_(None), t.due_at <= now, t.kind == kind)
    return await session.scalar(due.limit(1)) is not None


async def lease(session: AsyncSession, kind: TimerKind, *, now: datetime, until: datetime) -> list[Due]:
    """Timers of a kind that came due; no other process gets the same ones before `until`, if they are not finished."""
    due = update(Timer).where(Timer.fired_at.is_(None), Timer.due_at <= now, Timer.kind == kind)
    claimed = await session.execute(
        due.values(due_at=until)
        .returning(*(getattr(Timer, name) for name in Due._fields))
        .execution_options(synchronize_session=False)
    )
    return sorted((Due(*row) for row in claimed), key=lambda timer: timer.id)


async def finish(session: AsyncSession, timer: Due, *, now: datetime) -> bool:
    """What a leased timer is for is done in this transaction; False where it is done already: then do nothing."""
    open_one = update(_TIMERS).where(_TIMERS.c.id == timer.id, _TIMERS.c.fired_at.is_(None))
    finished = await session.execute(open_one.values(fired_at=now, error=None).returning(_TIMERS.c.id))
    return finished.one_or_none() is not None
