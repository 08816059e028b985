"""What each person of the staff has on their hands at this moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance
from crm_store.attendance import PresenceState
from crm_store.calendars import Calendars
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import SAID_BY_CUSTOMER, Conversation, Message
from crm_store.models.staff import Agent

_ORDER = tuple(PresenceState)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A held conversation whose customer waits for the holder's reply."""

    conversation: Conversation
    since: datetime
    """When the first words without a reply were said; not before a person was needed."""
    waited: timedelta
    """Since then, of the time in which people are there."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One person: whether they are there, and what they hold."""

    agent: Agent
    presence: PresenceState
    """What it is worth now."""
    holds: int
    oldest: Unanswered | None


async def holds(session: AsyncSession, agent_id: int) -> int:
    """How many conversations somebody holds."""
    held = select(func.count()).where(
        Conversation.agent_id == agent_id, Conversation.status.in_(HELD_BY_PERSON)
    )
    return int(await session.scalar(held) or 0)


@dataclass(frozen=True, slots=True)
class Room:
    """What somebody holds of what they can."""

    agent: Agent
    holds: int

    @property
    def is_left(self) -> bool:
        """Whether they can hold one more."""
        return self.holds < self.agent.capacity


async def room(session: AsyncSession, agent_id: int, *, lock: bool) -> Room | None:
    """What they hold of what they can; None where there is nobody of that number.

    Locked: who reaches for one more of theirs at the same moment is counted after it. Whoever locks them does so
    before any conversation, else two wait for each other.
    """
    query = select(Agent).where(Agent.id == agent_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    agent = await session.scalar(query)
    return Room(agent, await holds(session, agent.id)) if agent is not None else None


async def of_everybody(session: AsyncSession, hours: Calendars, *, now: datetime) -> list[Workload]:
    """All who may take conversations, neither programs nor who is shut out: who is there first, then by name."""
    people = select(Agent).where(
        Agent.disabled_at.is_(None), Agent.is_program.is_(False), attendance.MAY_TAKE
    )
    held = await session.execute(
        select(Conversation.agent_id, func.count())
        .where(Conversation.status.in_(HELD_BY_PERSON))
        .group_by(Conversation.agent_id)
    )
    counts = {agent_id: count for agent_id, count in held}  # noqa: C416 (dict(rows) has no types)
    oldest = await _oldest(session, hours, now)
    found = [
        Workload(one, attendance.presence_of(one, now), counts.get(one.id, 0), oldest.get(one.id))
        for one in await session.scalars(people)
    ]
    return sorted(found, key=lambda one: (_ORDER.index(one.presence), one.agent.name.casefold()))


async def _oldest(session: AsyncSession, hours: Calendars, now: datetime) -> dict[int, Unanswered]:
    """By holder the conversation that has waited longest for their reply."""
    c, m = Conversation, Message
    replied = (
        select(m.conversation_id, func.max(m.id).label("last_id"))
        .join(c, and_(c.id == m.conversation_id, c.status == Status.ASSIGNED))
        .where(m.author == "agent", m.is_note.is_(False))
        .group_by(m.conversation_id)
        .subquery()
    )
    waiting = (
        select(m.conversation_id, func.min(m.created_at).label("since"))
        .join(c, and_(c.id == m.conversation_id, c.status == Status.ASSIGNED))
        .outerjoin(replied, replied.c.conversation_id == m.conversation_id)
        .where(SAID_BY_CUSTOMER, m.id > func.coalesce(replied.c.last_id, 0))
        .group_by(m.conversation_id)
        .subquery()
    )
    found: dict[int, Unanswered] = {}
    rows = await session.execute(select(c, waiting.c.since).join(waiting, waiting.c.conversation_id == c.id))
    for conversation, said_at in rows:
        since = max(said_at, conversation.queued_at or conversation.taken_at or said_at)
        one = Unanswered(conversation, since, hours.waited(conversation.team, since, now))
        before = found.get(conversation.agent_id)
        if before is None or (before.waited, since) < (one.waited, before.since):
            found[conversation.agent_id] = one
    return found
