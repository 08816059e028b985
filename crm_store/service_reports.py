"""Read-only rows for reports on the work of people in a time range [start, end); shares and percentiles are made above.

Human times start when the customer begins to wait for a person: at the hand-over, and again at reopening. What the
bot says never counts as a response, nor does an internal note.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    Subquery,
    and_,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from crm_store import merged_replies, parts
from crm_store.calendars import Calendars
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import ANSWERS, Assignment, Conversation, Handoff, Message, StatusChange
from crm_store.models.staff import Agent
from crm_store.targets import UNDONE

_NOT_HUMAN = (Status.BOT, Status.RESOLVED)


class Episode(NamedTuple):
    """One time a conversation needed a person, from the hand-over (or reopening, or being taken) on."""

    conversation_id: int
    channel: str
    started_at: datetime
    waited: bool
    """False where an agent stepped in unasked: there is no response time then."""
    first_reply_at: datetime | None
    """By an agent; None while, or because, nobody replied."""
    resolved_at: datetime | None
    cancelled_at: datetime | None
    """When the customer no longer wanted to wait."""
    team: str | None = None
    """Whose it is now."""

    @property
    def ended_unserved(self) -> bool:
        """Whether it was closed, or the customer gave up, before an agent had written to them."""
        ended_at = min((at for at in (self.resolved_at, self.cancelled_at) if at is not None), default=None)
        return ended_at is not None and (self.first_reply_at is None or self.first_reply_at > ended_at)


class HandoffReason(NamedTuple):
    """How often conversations were handed over for one reason."""

    reason: str
    handoffs: int


class QueueNow(NamedTuple):
    """The queue at this moment."""

    length: int
    oldest_queued_at: datetime | None
    longest_wait: timedelta | None
    """Of the time in which people are there."""


class AgentWork(NamedTuple):
    """What one agent did in the range, and holds now."""

    agent_id: int
    name: str
    taken: int
    """Conversations assigned to them, each once."""
    replies: int
    resolved: int
    holding_now: int
    is_program: bool = False


def within(column: InstrumentedAttribute[datetime], start: datetime, end: datetime) -> ColumnElement[bool]:
    """[start, end)."""
    return and_(column >= start, column < end)


def needs_person(change: type[StatusChange]) -> ColumnElement[bool]:
    """The start of an episode: from the bot, or from its end, into the queue or to an agent; not one undone at once."""
    return and_(
        change.from_status.in_(_NOT_HUMAN),
        change.to_status.in_((Status.QUEUED, Status.ASSIGNED)),
        change.reason.is_distinct_from(UNDONE),
        ~_was_undone(change),
    )


def resolves(change: type[StatusChange]) -> ColumnElement[bool]:
    """A matter's end, unless it was undone."""
    return and_(change.to_status == Status.RESOLVED, ~_was_undone(change))


def _was_undone(change: type[StatusChange]) -> ColumnElement[bool]:
    """The next that happened to the conversation undid it: only an act that nothing followed can be undone."""
    after, undoing = aliased(StatusChange), aliased(StatusChange)
    next_id = (
        select(func.min(after.id))
        .where(after.conversation_id == change.conversation_id, after.id > change.id)
        .correlate(change)
        .scalar_subquery()
    )
    return (
        select(undoing.id).where(undoing.id == next_id, undoing.reason == UNDONE).correlate(change).exists()
    )


async def handoff_reasons(session: AsyncSession, start: datetime, end: datetime) -> list[HandoffReason]:
    """Why conversations came into the queue, most frequent first; what was undone never came."""
    count = func.count()
    rows = await session.execute(
        select(Handoff.reason, count)
        .where(within(Handoff.queued_at, start, end), Handoff.outcome.is_distinct_from(UNDONE))
        .group_by(Handoff.reason)
        .order_by(count.desc(), Handoff.reason)
    )
    return [HandoffReason._make(row) for row in rows]


async def episodes(session: AsyncSession, start: datetime, end: datetime) -> list[Episode]:
    """Every time a person was needed, by its start."""
    began = _began(start)
    query = (
        select(
            began.c.conversation_id,
            Conversation.channel,
            began.c.changed_at,
            began.c.to_status == Status.QUEUED,
            _first_reply(began),
            _first(began, resolves),
            _first(began, lambda change: change.to_status == Status.BOT),
            Conversation.team,
            began.c.next_at,
        )
        .join(Conversation, Conversation.id == began.c.conversation_id)
        .where(began.c.changed_at < end)
        .order_by(began.c.id)
    )
    written = await merged_replies.replies(session, start)
    rows = parts.rows(session, query)
    return [_where_given(Episode._make(row), next_at, written) async for *row, next_at in rows]


def _where_given(one: Episode, next_at: datetime | None, written: merged_replies.Replies) -> Episode:
    """With the first reply that was given in it, wherever that stands since a merge."""
    if one.conversation_id not in written:
        return one
    times = [at for at in written[one.conversation_id] if at >= one.started_at]
    first = next((at for at in times if next_at is None or at < next_at), None)
    return one._replace(first_reply_at=first)


def _first(
    began: Subquery, is_it: Callable[[type[StatusChange]], ColumnElement[bool]]
) -> ScalarSelect[datetime]:
    """When the first change like that was within the episode."""
    later = aliased(StatusChange)
    return (
        select(func.min(later.changed_at))
        .where(
            later.conversation_id == began.c.conversation_id,
            is_it(later),
            later.id > began.c.id,
            or_(began.c.next_id.is_(None), later.id < began.c.next_id),
        )
        .scalar_subquery()
    )


def _first_reply(began: Subquery) -> ScalarSelect[datetime]:
    """When an agent first wrote to the customer within the episode, and it arrived."""
    return (
        select(func.min(Message.created_at))
        .where(
            Message.conversation_id == began.c.conversation_id,
            ANSWERS,
            Message.created_at >= began.c.changed_at,
            or_(began.c.next_at.is_(None), Message.created_at < began.c.next_at),
        )
        .scalar_subquery()
    )


def _began(start: datetime) -> Subquery:
    """The starts of all episodes since `start`, each with the next of its conversation."""
    of_it, in_order = StatusChange.conversation_id, StatusChange.id
    return (
        select(
            StatusChange.id,
            StatusChange.conversation_id,
            StatusChange.changed_at,
            StatusChange.to_status,
            func.lead(StatusChange.id).over(partition_by=of_it, order_by=in_order).label("next_id"),
            func.lead(StatusChange.changed_at).over(partition_by=of_it, order_by=in_order).label("next_at"),
        )
        .where(needs_person(StatusChange), StatusChange.changed_at >= start)
        .subquery("began")
    )


async def queue_now(session: AsyncSession, hours: Calendars, *, now: datetime) -> QueueNow:
    """How many wait, since when the first of them, and how long who has waited longest."""
    c = Conversation
    query = select(c.team, func.count(), func.min(c.queued_at)).where(c.status == Status.QUEUED)
    rows = (await session.execute(query.group_by(c.team))).all()
    waits = [(hours.waited(row[0], row[2], now), row[2]) for row in rows if row[2] is not None]
    return QueueNow(
        sum(row[1] for row in rows),
        min((since for _, since in waits), default=None),
        max((wait for wait, _ in waits), default=None),
    )


async def agents(session: AsyncSession, start: datetime, end: datetime) -> list[AgentWork]:
    """What each agent did, by name; who did nothing is there with zeros."""
    giving = aliased(StatusChange)
    given_back = select(giving.id).where(
        giving.conversation_id == Assignment.conversation_id,
        giving.changed_at == Assignment.assigned_at,
        _was_undone(giving),
    )
    taken = _per(
        Assignment.agent_id,
        distinct(Assignment.conversation_id),
        and_(within(Assignment.assigned_at, start, end), ~given_back.exists()),
    )
    replies = _per(
        Message.agent_id,
        Message.id,
        and_(Message.author == "agent", Message.is_note.is_(False), within(Message.created_at, start, end)),
    )
    holding = _per(Conversation.agent_id, Conversation.id, Conversation.status.in_(HELD_BY_PERSON))
    resolved = _per(
        StatusChange.actor,
        StatusChange.id,
        and_(resolves(StatusChange), within(StatusChange.changed_at, start, end)),
    )
    actor = literal("agent:") + cast(Agent.id, String)
    parts = (taken, replies, resolved, holding)
    counts = (func.coalesce(part.c.done, 0) for part in parts)
    wanted = select(Agent.id, Agent.name, *counts, Agent.is_program).order_by(Agent.name)
    for part in parts:
        wanted = wanted.outerjoin(part, part.c.who == (actor if part is resolved else Agent.id))
    return [AgentWork._make(row) for row in await session.execute(wanted)]


def _per(
    who: InstrumentedAttribute[Any],
    counted: ColumnElement[Any] | InstrumentedAttribute[Any],
    where: ColumnElement[bool],
) -> Subquery:
    """How many of `counted` there are for each `who`."""
    return select(who.label("who"), func.count(counted).label("done")).where(where).group_by(who).subquery()
