"""Who is on duty, and who should take what. The rules of the choice are in queueing.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import queue, queueing, ranking
from crm_store.conversations import get
from crm_store.errors import InvalidValue
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent

PRESENCE_LASTS = timedelta(minutes=2)
LOOKED_AT = 500
"""So many of the first in the queue are looked through for one that somebody online can take."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The agent a conversation should go to."""

    conversation: Conversation
    agent: Agent
    why: tuple[str, ...]


async def candidates(session: AsyncSession, *, now: datetime) -> dict[int, tuple[Agent, queueing.Candidate]]:
    """The agents who are online now, with what they hold."""
    online = select(Agent).where(
        Agent.presence == "online",
        Agent.seen_at >= now - PRESENCE_LASTS,
        Agent.disabled_at.is_(None),
        Agent.role != "analyst",
    )
    agents = list(await session.scalars(online))
    loads = await session.execute(
        select(Conversation.agent_id, func.count(), func.max(Conversation.taken_at))
        .where(Conversation.status.in_(HELD_BY_PERSON))
        .group_by(Conversation.agent_id)
    )
    held = {agent_id: (count, last) for agent_id, count, last in loads}
    return {
        agent.id: (
            agent,
            queueing.Candidate(
                agent_id=agent.id,
                load=held.get(agent.id, (0, None))[0],
                capacity=agent.capacity,
                languages=tuple(agent.languages),
                skills=tuple(agent.skills),
                idle_since=held.get(agent.id, (0, None))[1],
            ),
        )
        for agent in agents
    }


async def choose_agent(
    session: AsyncSession, conversation_id: int | None, *, now: datetime
) -> Suggestion | None:
    """Who should take this conversation (or the next one somebody can take); None when nobody is free."""
    online = await candidates(session, now=now)
    if conversation_id is not None:
        await get(session, conversation_id)
        ids = [conversation_id]
    else:
        ids = [entry.conversation.id for entry in await queue.listing(session, now=now, limit=LOOKED_AT)]
    for waiting in await ranking.waiting_of(session, ids):
        choice = queueing.choose(waiting, [candidate for _, candidate in online.values()])
        if choice is not None:
            conversation = await get(session, waiting.conversation_id)
            return Suggestion(conversation, online[choice.agent_id][0], choice.why)
    return None


async def set_presence(session: AsyncSession, agent: Agent, presence: str, *, now: datetime) -> None:
    """The agent is online, away or offline; online must be renewed within PRESENCE_LASTS."""
    if presence not in ("online", "away", "offline"):
        raise InvalidValue(f"'{presence}' is no presence; use online, away or offline")
    await session.execute(update(Agent).where(Agent.id == agent.id).values(presence=presence, seen_at=now))
