"""Promised replies and resolutions: followed from the changes of holder, warned of, escalated, and reported.

`follow` may be called at any time and any number of times: what it writes is a function of what happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import desk, parts, ranking, signals, timers
from crm_store.lifecycle import WITH_A_PERSON, Status
from crm_store.models.conversations import (
    IS_HEARD,
    SAID_BY_CUSTOMER,
    Conversation,
    Message,
    Promise,
    StatusChange,
)
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.targets import WARN_AT, Clock, Moved, clocks
from crm_store.timers import TimerKind
from crm_store.working_hours import WorkingHours


@dataclass(frozen=True, slots=True)
class Share:
    """How many promises of a kind were made in a time, and what became of them."""

    kind: str
    made: int
    kept: int
    missed: int
    """Answered too late, or overdue now."""

    @property
    def decided(self) -> int:
        """Of how many it is known whether they were kept."""
        return self.kept + self.missed

    @property
    def share(self) -> float | None:
        """Kept of those that are decided; None while none is."""
        return self.kept / self.decided if self.decided else None


async def follow(
    session: AsyncSession, conversation: Conversation, *, now: datetime, settings: StoreSettings
) -> datetime | None:
    """Bring the conversation's promises up to date; when to look again, or None.

    Where nothing is promised any more, what was is over: see `_let_go`.
    """
    if not settings.targets.rules:
        await _let_go(session, conversation, now, settings)
        return None
    hours, looks = settings.hours_of(conversation.team), []
    of_it = select(Promise).where(Promise.conversation_id == conversation.id)
    kept = {(row.kind, row.started_at): row for row in await session.scalars(of_it)}
    before = _weighed(kept.values())
    for row, clock in await _promised(session, conversation, kept, settings):
        was_overdue = row.breached_at is not None
        look, is_near = _bring_up(row, clock, hours, now)
        if row.breached_at is not None and not was_overdue:
            await _tell(session, conversation, "overdue", row, now)
        elif is_near and row.warned_at is None and row.breached_at is None:
            row.warned_at = now
            await _tell(session, conversation, "due_soon", row, now)
        elif not is_near and row.ended_at is None:
            row.warned_at = None  # it was lengthened: near its end once more, it is news once more
        looks += [look] if look is not None else []
    await session.flush()
    if before != _weighed(kept.values()) and conversation.status == Status.QUEUED:
        await ranking.rank_anew(session, conversation.id)
    return min(looks, default=None)


async def _let_go(
    session: AsyncSession, conversation: Conversation, now: datetime, settings: StoreSettings
) -> None:
    """The targets are switched off: what is answered or closed ended then, what was broken ends as that, and what
    still ran was never owed. Switched on again, the clocks tell once more what is."""
    query = select(Promise).where(Promise.conversation_id == conversation.id)
    rows = (await session.scalars(query.order_by(Promise.id))).all()
    if not rows:
        return
    started = (await clocks_of(session, [conversation.id])).get(conversation.id, [])
    running = {(clock.kind.value, clock.started_at): clock for clock in started}
    hours, was_open = settings.hours_of(conversation.team), any(row.ended_at is None for row in rows)
    for row in rows:
        clock = running.get((row.kind, row.started_at))
        if clock is not None and (row.ended_at is None or clock.ended_at is not None):
            _bring_up(row, clock, hours, now)
        if clock is None or (row.ended_at is None and row.breached_at is None):
            await session.delete(row)
        elif row.ended_at is None:
            row.ended_at, row.was_kept = now, False
    await session.flush()
    if was_open and conversation.status == Status.QUEUED:
        await ranking.rank_anew(session, conversation.id)
        signals.notify(session, Topic.CONVERSATIONS)


def _weighed(rows: Iterable[Promise]) -> set[tuple[str, int, bool]]:
    """What of these promises the queue's order heeds."""
    return {(row.kind, row.target_s, row.breached_at is None) for row in rows if row.ended_at is None}


async def _promised(
    session: AsyncSession,
    conversation: Conversation,
    kept: dict[tuple[str, datetime], Promise],
    settings: StoreSettings,
) -> list[tuple[Promise, Clock]]:
    """The promises not settled as their clocks say, each with its clock; what is running is as long as priority and
    segment make it now, from its start. `kept` are those written down, and is brought up to date."""
    started = (await clocks_of(session, [conversation.id])).get(conversation.id, [])
    segment = await _segment(session, conversation.customer_id)
    lengths, to_all = settings.targets.of(conversation.priority, segment), settings.targets.to_all()
    # Without its clock the reply before it was taken back; it was never owed, as what no rule promises any more.
    owed = {(c.kind.value, c.started_at) for c in started if c.ended_at is not None or c.kind in lengths}
    for start in [one for one in kept if one not in owed]:
        await session.delete(kept.pop(start))
    found = []
    for clock in started:
        row = kept.get((clock.kind, clock.started_at))
        # What ended before it was looked at: by labels that came afterwards nothing had been promised.
        length = (lengths if clock.ended_at is None else to_all).get(clock.kind)
        if row is None and length is not None:
            row = Promise(conversation_id=conversation.id, kind=clock.kind, started_at=clock.started_at)
            row.target_s = _seconds(length)
            session.add(row)
            kept[clock.kind.value, clock.started_at] = row
        elif row is not None and length is not None and clock.ended_at is None:
            row.target_s = _seconds(length)
        if row is not None and (row.ended_at is None or row.ended_at != clock.ended_at):
            found.append((row, clock))
    return found


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


async def look_at_regrouped(session: AsyncSession, *, now: datetime) -> None:
    """After new scores: whoever is with people, or waits for them, and is in another segment now is looked at."""
    newest = select(func.max(ScoreRun.id)).scalar_subquery()
    one_before = select(func.max(ScoreRun.id)).where(ScoreRun.id < newest).scalar_subquery()
    after, before = aliased(CustomerScore), aliased(CustomerScore)
    c = Conversation
    moved = (
        select(c.id)
        .outerjoin(after, and_(after.customer_id == c.customer_id, after.run_id == newest))
        .outerjoin(before, and_(before.customer_id == c.customer_id, before.run_id == one_before))
        .where(c.status.in_(WITH_A_PERSON), after.segment.is_distinct_from(before.segment))
    )
    await timers.restart_all(session, TimerKind.UNANSWERED, moved, now)


async def clocks_of(session: AsyncSession, ids: Iterable[int]) -> dict[int, list[Clock]]:
    """The clocks of these conversations, read anew from the changes of holder and from what the customers said."""
    moves, m = await moves_of(session, StatusChange.conversation_id.in_(sorted(set(ids)))), Message
    words = await session.execute(
        select(m.conversation_id, m.created_at)
        .where(m.conversation_id.in_(list(moves)), SAID_BY_CUSTOMER, IS_HEARD)
        .order_by(m.id)
    )
    said: dict[int, list[datetime]] = {}
    for number, at in words:
        said.setdefault(number, []).append(at)
    return {number: clocks(some, said.get(number, ())) for number, some in moves.items()}


async def moves_of(
    session: AsyncSession, which: ColumnElement[bool], *, are_many: bool = False
) -> dict[int, list[Moved]]:
    """These changes of holder by their conversation, oldest first; many are fetched in parts."""
    s = StatusChange
    query = (
        select(s.conversation_id, s.change, s.from_status, s.to_status, s.changed_at, s.reason)
        .where(which)
        .order_by(s.id)
    )
    changes = parts.rows(session, query) if are_many else parts.of(await session.execute(query))
    moves: dict[int, list[Moved]] = {}
    async for number, what, before, after, at, reason in changes:
        moves.setdefault(number, []).append(Moved(what, before, after, at, reason))
    return moves


async def _segment(session: AsyncSession, customer_id: int) -> str | None:
    latest = select(func.max(ScoreRun.id)).scalar_subquery()
    return await session.scalar(
        select(CustomerScore.segment).where(
            CustomerScore.run_id == latest, CustomerScore.customer_id == customer_id
        )
    )


def _bring_up(row: Promise, clock: Clock, hours: WorkingHours, now: datetime) -> tuple[datetime | None, bool]:
    """The row as the clock says; when there is more to say, and whether its end is near."""
    length = timedelta(seconds=row.target_s)
    row.due_at, row.ended_at = clock.reaches(length, hours), clock.ended_at
    is_over = row.due_at is not None and (
        row.due_at <= now if clock.ended_at is None else row.due_at < clock.ended_at
    )
    row.breached_at = row.due_at if is_over else None
    row.was_kept = None
    if clock.ended_at is not None:
        row.was_kept = None if clock.is_void and not is_over else not is_over
        return None, False
    warn_at = clock.reaches(length * WARN_AT, hours)
    is_near = warn_at is not None and warn_at <= now
    return min((at for at in (warn_at, row.due_at) if at is not None and at > now), default=None), is_near


async def _tell(
    session: AsyncSession, conversation: Conversation, what: str, row: Promise, now: datetime
) -> None:
    """The staff hear once that a promise is near its end, and once that it is broken: their group, and open desks."""
    signals.notify(session, Topic.CONVERSATIONS)
    await desk.post(session, conversation, what, text=f"{row.kind} {row.target_s // 60}", now=now)


async def shares(session: AsyncSession, start: datetime, end: datetime) -> list[Share]:
    """What became of the promises made in the time, by kind."""
    p = Promise
    kept = func.count().filter(p.was_kept.is_(True))
    missed = func.count().filter(p.was_kept.is_(False) | (p.ended_at.is_(None) & p.breached_at.is_not(None)))
    rows = await session.execute(
        select(p.kind, func.count(), kept, missed)
        .where(p.started_at >= start, p.started_at < end)
        .group_by(p.kind)
        .order_by(p.kind)
    )
    return [Share(*row) for row in rows]


async def overdue(session: AsyncSession, *, limit: int = 100) -> list[Promise]:
    """Promises that are broken and still owed, the longest first."""
    query = select(Promise).where(Promise.ended_at.is_(None), Promise.breached_at.is_not(None))
    return list(await session.scalars(query.order_by(Promise.breached_at, Promise.id).limit(limit)))
