"""Who is on duty, and who should take what. The rules of the choice are in queueing.py."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, queue, queueing, ranking
from crm_store.conversations import get
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent

LOOKED_AT = 500
"""So many of the first in the queue are looked through for one that somebody online can take."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The agent a conversation should go to."""

    conversation: Conversation
    agent: Agent
    why: tuple[str, ...]


async def candidates(
    session: AsyncSession, *, now: datetime, lock: bool = False
) -> dict[int, tuple[Agent, queueing.Candidate]]:
    """The agents who are online now, with what they hold; locked against going away when asked."""
    online = select(Agent).where(attendance.is_online(now)).order_by(Agent.id)
    if lock:
        online = online.with_for_update(key_share=True).execution_options(populate_existing=True)
    agents = list(await session.scalars(online))
    if not agents:
        return {}
    loads = await session.execute(
        select(Conversation.agent_id, func.count(), func.max(Conversation.taken_at))
        .where(Conversation.status.in_(HELD_BY_PERSON), Conversation.agent_id.in_([a.id for a in agents]))
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
                skills=tuple(sorted({*agent.skills, *([agent.team] if agent.team else ())})),
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
    for waiting in await ranking.waiting_of(session, ids, now=now):
        choice = queueing.choose(waiting, [candidate for _, candidate in online.values()])
        if choice is not None:
            conversation = await get(session, waiting.conversation_id)
            return Suggestion(conversation, online[choice.agent_id][0], choice.why)
    return None
