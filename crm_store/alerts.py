"""Promises near their end, or broken, of which somebody on the staff should hear."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.staff import Agent
from crm_store.owed import Owed
from crm_store.queue import IS_QUEUED, can_serve

MOST = 50
"""Of more than so many the newest are told."""


async def promised(session: AsyncSession, agent: Agent, *, leads: bool, now: datetime) -> list[Conversation]:
    """Where the agent should hear of what is owed, the newest first: what they hold, what waits and they may take, and,
    where they lead, whatever is overdue."""
    c, p = Conversation, Promise
    holds = and_(c.status.in_(HELD_BY_PERSON), c.agent_id == agent.id)
    may_take = and_(IS_QUEUED, can_serve(agent, now))
    escalated = [p.breached_at.is_not(None)] if leads else []
    query = (
        select(c)
        # Open conversations are few of all there ever were: from them to their promises, not the other way.
        .where(c.status.in_((Status.QUEUED, *HELD_BY_PERSON)), or_(holds, may_take, *escalated))
        .join(p, p.conversation_id == c.id)
        .where(p.ended_at.is_(None), or_(p.warned_at.is_not(None), p.breached_at.is_not(None)))
        .group_by(c.id)
        .order_by(func.max(func.coalesce(p.breached_at, p.warned_at)).desc(), c.id.desc())
        .limit(MOST)
    )
    return list(await session.scalars(query))


def concerning(
    found: Sequence[Conversation], urgent: Mapping[int, Sequence[Owed]], agent: Agent, *, leads: bool
) -> list[tuple[Conversation, Owed]]:
    """What the agent should hear of, of what is owed in these conversations (`promised`). Pure."""
    return [
        (one, due)
        for one in found
        for due in urgent.get(one.id, ())
        if due.is_overdue or not leads or _is_theirs(one, agent)
    ]


def _is_theirs(one: Conversation, agent: Agent) -> bool:
    """Held by nobody or by them; who leads hears of what others hold only once it is overdue."""
    return one.status == Status.QUEUED or one.agent_id == agent.id
