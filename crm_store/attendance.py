"""Which agents are there. Being online is a lease: an open desk renews it by itself, else it ends."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals, timers
from crm_store.errors import InvalidValue
from crm_store.lifecycle import Status
from crm_store.models.base import Moment
from crm_store.models.conversations import Assignment, Conversation, Message, StatusChange
from crm_store.models.staff import Agent, AuditEntry
from crm_store.signals import Topic
from crm_store.timers import TimerKind

DESK_LASTS = timedelta(minutes=2)
"""How long an agent is online after the last sign of their desk."""
SHIFT_LASTS = timedelta(hours=8)
"""How long who said so in Telegram, where nothing tells that they are still there."""
NO_REPLY, GIVEN, WOKEN = "no_reply", "dispatch", "woken"
"""Why a conversation comes back whose holder did not write, and how agents come by one without doing anything:
it is given to them, for which they may be relieved, or comes back to them after a snooze."""
MAY_TAKE = Agent.role != "analyst"


class PresenceState(StrEnum):
    """Whether an agent is there."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


def is_online(now: Moment) -> ColumnElement[bool]:
    """Whether an agent may be given conversations now."""
    there = and_(Agent.presence == PresenceState.ONLINE, Agent.present_until > now)
    return and_(there, Agent.disabled_at.is_(None), MAY_TAKE)


def presence_of(agent: Agent, now: datetime) -> PresenceState:
    """What the agent's presence is worth now: online ends with its lease."""
    said = PresenceState(agent.presence)
    is_over = agent.present_until is None or agent.present_until <= now
    return PresenceState.OFFLINE if said is PresenceState.ONLINE and is_over else said


def is_there(agent: Agent, now: datetime) -> bool:
    """Whether the agent is online now."""
    return presence_of(agent, now) is PresenceState.ONLINE


def has_gone(agent: Agent, now: datetime) -> bool:
    """Whether the agent told that they were there and is not any more; who never told may be there all the same."""
    return agent.seen_at is not None and presence_of(agent, now) is not PresenceState.ONLINE


async def set_presence(
    session: AsyncSession, agent: Agent, presence: str, *, now: datetime, lasts: timedelta = DESK_LASTS
) -> None:
    """The agent is online, away or offline from now on; online for as long as it `lasts`, unless renewed."""
    if presence not in tuple(PresenceState):
        raise InvalidValue(f"'{presence}' is no presence; use {', '.join(PresenceState)}")
    until = now + lasts if presence == PresenceState.ONLINE else None
    came = {"came_at": now} if until is not None else {}
    await session.execute(
        update(Agent)
        .where(Agent.id == agent.id)
        .values(presence=presence, seen_at=now, present_until=until, **came)
        .execution_options(synchronize_session="fetch")
    )
    if until is None:  # somebody may wait for more words of this agent, who goes
        held = select(Conversation.id).where(
            Conversation.agent_id == agent.id, Conversation.status == Status.ASSIGNED
        )
        await timers.bring_forward(session, TimerKind.UNANSWERED, held, now)
    signals.notify(session, Topic.QUEUE)


async def renew(session: AsyncSession, agent_id: int, *, now: datetime) -> bool:
    """The agent's desk is open: who is online stays so; False when they are not, or nothing need be written."""
    soon = or_(Agent.present_until.is_(None), Agent.present_until < now + DESK_LASTS * 3 / 4)
    renewed = await session.scalar(
        update(Agent)
        .where(
            Agent.id == agent_id, Agent.presence == PresenceState.ONLINE, soon, Agent.disabled_at.is_(None)
        )
        .values(seen_at=now, present_until=now + DESK_LASTS)
        .returning(Agent.id)
    )
    if renewed is None:
        return False
    signals.notify(session, Topic.QUEUE)
    return True


async def relieve(session: AsyncSession, held: Assignment) -> Agent | None:
    """Who was given a conversation and did nothing at all since is away: they would only be given the next. The agent,
    where they were online until now, or are away for another that they let lie; None for who worked elsewhere
    meanwhile, and goes on."""
    if await _has_worked(session, held):
        return None
    relieved = await session.scalar(
        update(Agent)
        .where(Agent.id == held.agent_id, Agent.presence == PresenceState.ONLINE)
        .values(presence=PresenceState.AWAY, present_until=None)
        .returning(Agent)
        .execution_options(populate_existing=True)
    )
    if relieved is not None:
        return relieved
    agent = await session.get_one(Agent, held.agent_id)
    return agent if await relieved_of(session, agent) is not None else None


async def _has_worked(session: AsyncSession, held: Assignment) -> bool:
    """Whether the holder did anything since they were given it: wrote (a note, too), changed a conversation or what
    else is written down with its actor. What was given to them is nothing that they did."""
    m, c, a = Message, StatusChange, AuditEntry
    since, actor = held.assigned_at, f"agent:{held.agent_id}"
    earlier = select(func.max(m.id)).where(m.conversation_id == held.conversation_id, m.created_at <= since)
    first = await session.scalar(earlier) or 0  # numbers rise with time, and are found without reading all
    by_itself = func.coalesce(c.reason, "").in_((GIVEN, WOKEN))
    done = or_(
        exists().where(m.id > first, m.agent_id == held.agent_id, m.created_at > since),
        exists().where(c.changed_at > since, c.actor == actor, ~by_itself),
        exists().where(a.happened_at > since, a.actor.startswith(f"{actor} ", autoescape=True)),
    )
    return bool(await session.scalar(select(done)))


async def relieved_of(session: AsyncSession, agent: Agent) -> Assignment | None:
    """What the agent was given and did not answer, for which they are away; until they say again where they are."""
    if agent.presence != PresenceState.AWAY or agent.seen_at is None:
        return None
    gave_back = exists().where(
        StatusChange.conversation_id == Assignment.conversation_id,
        StatusChange.changed_at == Assignment.ended_at,
        StatusChange.reason == NO_REPLY,
    )
    return await session.scalar(
        select(Assignment)
        .where(Assignment.agent_id == agent.id, Assignment.reason == GIVEN)
        .where(Assignment.ended_at > agent.seen_at, gave_back)
        .order_by(Assignment.id.desc())
        .limit(1)
    )
