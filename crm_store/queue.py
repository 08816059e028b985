"""The human queue: who is next, who takes it, who gives it back. The rules of order are in queueing.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import asking, coming_back, owed_since, promises, queue_rules, queueing, timers, workload
from crm_store.calendars import Calendars
from crm_store.conversations import (
    change,
    end_assignments,
    end_handoffs,
    get,
    hold,
    say,
)
from crm_store.errors import Conflict, HeldByOther
from crm_store.lifecycle import Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Handoff, StatusChange
from crm_store.models.staff import Agent
from crm_store.queueing import Reason
from crm_store.sentences import Sentence, system_intent
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind

_C = table_of(Conversation).c
# A literal: the plan of a prepared statement then knows that few wait of all there ever were.
IS_QUEUED = _C.status == literal_column("'queued'")
IN_ORDER = (_C.ranked_at, _C.queued_at, _C.id)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A waiting conversation with its place and what speaks for it."""

    conversation: Conversation
    position: int
    waited: timedelta
    """Of the time in which people are there."""
    points: float
    why_next: tuple[Reason, ...]


async def listing(session: AsyncSession, *, now: datetime, limit: int | None = None) -> list[QueueEntry]:
    """The queue, next first."""
    hours = (await queue_rules.counted_hours(session)).calendars
    rows = await session.scalars(select(Conversation).where(IS_QUEUED).order_by(*IN_ORDER).limit(limit))
    return [_entry(row, place, hours, now) for place, row in enumerate(rows, start=1)]


async def place(session: AsyncSession, conversation: Conversation, *, now: datetime) -> QueueEntry | None:
    """Where one conversation stands; None when it does not wait."""
    if conversation.status != Status.QUEUED:
        return None
    own = (conversation.ranked_at, conversation.queued_at, conversation.id)
    before = select(func.count()).where(IS_QUEUED, tuple_(*IN_ORDER) < tuple_(*map(literal, own)))
    hours = (await queue_rules.counted_hours(session)).calendars
    return _entry(conversation, 1 + int(await session.scalar(before) or 0), hours, now)


def _entry(conversation: Conversation, position: int, hours: Calendars, now: datetime) -> QueueEntry:
    wait, why = waited(conversation, hours, now), why_next(conversation, hours, now)
    return QueueEntry(conversation, position, wait, queueing.points_of(wait, why), why)


def waited(one: Conversation, hours: Calendars, now: datetime) -> timedelta:
    """How long its customer has waited for people, of the time in which they are there."""
    return hours.waited(one.team, _since(one), now)


def why_next(one: Conversation, hours: Calendars, now: datetime) -> tuple[Reason, ...]:
    """What speaks for it in the queue, its wait first, and the skill it waits for; nothing once it no longer waits."""
    if one.status != Status.QUEUED:
        return ()
    told = queueing.explained(waited(one, hours, now), one.ranked_for)
    kept_until = one.meant_until if one.meant_for_id is not None else None
    return (*told, *queueing.skill_needed(one.skill, one.skill_until, now, kept_until=kept_until))


def _since(conversation: Conversation) -> datetime:
    return conversation.queued_at or conversation.created_at


def can_serve(agent: Agent, now: datetime) -> ColumnElement[bool]:
    """Whether the agent speaks the conversation's language and serves its team; who names none serves every one.

    What needs a skill is for a while for those alone who have it; what was handed on to somebody, theirs alone.
    """
    teams = {*agent.skills, *([agent.team] if agent.team else ())}
    speaks = [_C.language.in_(sorted(agent.languages))] if agent.languages else []
    serves = [or_(_C.team.is_(None), _C.team.in_(sorted(teams)))] if teams else []
    knows = or_(_C.skill.is_(None), _C.skill_until <= now, _C.skill.in_(sorted(teams)))
    is_for_all = or_(_C.meant_for_id.is_(None), _C.meant_until <= now)
    return or_(_C.meant_for_id == agent.id, and_(is_for_all, knows, *speaks, *serves))


async def take(session: AsyncSession, conversation_id: int, agent: Agent, *, now: datetime) -> Conversation:
    """The agent holds it from now on; raises Conflict naming who was faster."""
    conversation = await get(session, conversation_id, lock=True)
    await hold(session, conversation, agent, now=now, how="take")
    return conversation


async def take_next(session: AsyncSession, agent: Agent, *, now: datetime) -> Conversation | None:
    """The agent takes the first in the queue they can serve, or None when there is none; raises Conflict where they
    hold as many as they can. Whom they name (`take`, a reply) they get all the same: that one they have looked at.

    Agents who reach for it at once pass each other by instead of waiting, so that each goes back by at most as many
    places as there are others. Where all are locked they wait: it may be that they are ranked anew.
    """
    room = await workload.room(session, agent.id, lock=True)
    first = select(Conversation).where(IS_QUEUED, can_serve(agent, now)).order_by(*IN_ORDER).limit(1)
    unlocked = first.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    conversation = await session.scalar(unlocked)
    if conversation is None and await session.scalar(first.with_for_update()) is not None:
        # Whoever had locked them may have put them in another order.
        conversation = await session.scalar(unlocked)
    if conversation is not None:
        _refuse_when_full(room)
        await hold(session, conversation, agent, now=now, how="take")
    return conversation


def _refuse_when_full(room: workload.Room | None) -> None:
    if room is not None and not room.is_left:
        name, most = room.agent.name, room.agent.capacity
        raise Conflict(
            f"{name} holds {room.holds} conversations and may hold {most}; close or hand on one first",
            kind="at_capacity",
            holds=room.holds,
            most=most,
        )


async def _held(session: AsyncSession, conversation_id: int, by: Agent) -> Conversation:
    """The conversation if `by` may decide over it: its holder, or a supervisor or admin."""
    conversation = await get(session, conversation_id, lock=True)
    if conversation.agent_id not in (None, by.id) and by.role not in ("supervisor", "admin"):
        holder = await session.get(Agent, conversation.agent_id)
        raise HeldByOther(holder.name if holder else None)
    return conversation


async def release(session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime) -> Conversation:
    """Back into the queue at its old place; who was answered waits from when they wrote again, or from now."""
    conversation = await _held(session, conversation_id, by)
    queued_at = await owed_since.since(session, conversation) or now
    actor = f"agent:{by.id}"
    await change(
        session, conversation, Change.RELEASE, actor=actor, now=now, agent_id=None, queued_at=queued_at
    )
    await end_assignments(session, conversation.id, now)
    session.add(Handoff(conversation_id=conversation.id, reason="released", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    await coming_back.tell(session, conversation, Sentence.BACK_IN_QUEUE, now=now)
    return conversation


async def kept_for(
    session: AsyncSession, waiting: Sequence[Conversation], *, now: datetime
) -> dict[int, str]:
    """By conversation the name of the agent for whom alone it waits now."""
    kept = {
        one.id: one.meant_for_id
        for one in waiting
        if one.meant_for_id is not None and one.meant_until is not None and one.meant_until > now
    }
    if not kept:
        return {}
    rows = await session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(set(kept.values()))))
    names = {row.id: row.name for row in rows}
    return {number: names[agent] for number, agent in kept.items() if agent in names}


async def resolve(
    session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime, settings: StoreSettings
) -> Conversation:
    """Closed, which who was served or still waited is told; and asked for stars is who was served."""
    conversation = await _held(session, conversation_id, by)
    waited = conversation.status == Status.QUEUED
    served = asking.server_of(conversation, await asking.served_by(session, conversation))
    actor = f"agent:{by.id}"
    await change(
        session,
        conversation,
        Change.RESOLVE,
        actor=actor,
        now=now,
        resolved_at=now,
        resolved_by="agent",
        agent_id=conversation.agent_id or by.id,
        memory={},
    )
    await end_assignments(session, conversation.id, now)
    await end_handoffs(session, conversation.id, "resolved", now)
    await promises.follow(session, conversation, now=now, settings=settings)
    if served is not None or waited:
        await say(
            session, conversation, author="system", now=now, intent=system_intent(Sentence.RESOLVED, by)
        )
    if served is not None:
        await asking.after_resolve(session, conversation, served, now=now, settings=settings)
    return conversation


async def wake(session: AsyncSession, conversation_id: int, *, now: datetime) -> bool:
    """A snoozed conversation whose time has come goes back to the queue, for whom it waited first for as long as was
    left then; False when it is no longer snoozed."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.status != Status.SNOOZED:
        return False
    values = await _meant_still(session, conversation, now)
    values |= {"agent_id": None, "queued_at": conversation.queued_at or now}
    await change(session, conversation, Change.WAKE, actor="system", now=now, **values)
    session.add(Handoff(conversation_id=conversation.id, reason="woken", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    await coming_back.tell(session, conversation, Sentence.BACK_IN_QUEUE, now=now)
    return True


async def _meant_still(session: AsyncSession, one: Conversation, now: datetime) -> dict[str, Any]:
    """For whom it waits first after a snooze, in which their time stood still."""
    if one.meant_for_id is None or one.meant_until is None:
        return {}
    aside = select(func.max(StatusChange.changed_at)).where(
        StatusChange.conversation_id == one.id, StatusChange.change == Change.SNOOZE
    )
    stood = now - (await session.scalar(aside) or now)
    return {"meant_for_id": one.meant_for_id, "meant_until": one.meant_until + stood}


async def length(session: AsyncSession) -> int:
    """How many wait."""
    query = select(func.count()).select_from(Conversation).where(Conversation.status == Status.QUEUED)
    return int(await session.scalar(query) or 0)
