"""What an agent is not given back at once: a conversation they had let lie, or had just passed on to a team.

Whoever worked elsewhere while their time for a first reply ran out stays online, and would else be the best choice for
the very conversation a moment later, for ever. They may take it by hand at any time, and who says that they are online
is given everything anew.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import queueing
from crm_store.attendance import MAY_TAKE, NO_REPLY
from crm_store.lifecycle import Status
from crm_store.models.conversations import Assignment, Conversation, StatusChange
from crm_store.models.staff import Agent
from crm_store.queueing import Candidate

FIRST_REST, LONGEST_REST = timedelta(minutes=10), timedelta(hours=3)
"""After the first time somebody let it lie; twice as long after each further one, up to the longest."""
LOOKED_BACK = timedelta(days=1)
"""Of what happened before, nothing counts."""
TEAM_HAS_IT_FOR = timedelta(hours=1)
"""So long what was passed on to a team is for the others in it."""
TO_TEAM = "to team:"
"""With a name: the reason of a change by which a conversation was passed on to a team."""


@dataclass(frozen=True, slots=True)
class Left:
    """How often an agent let a conversation lie that waits again, and when last."""

    conversation_id: int
    agent_id: int
    times: int
    last_at: datetime


def rest_after(times: int) -> timedelta:
    """How long who let it lie so often is not given it. Pure."""
    return min(FIRST_REST * (1 << min(times - 1, 10)), LONGEST_REST)


def rests(left: Left, now: datetime) -> bool:
    """Whether it is not for this agent yet; what lies ahead of `now` was written while the clock was wrong. Pure."""
    return timedelta() <= now - left.last_at < rest_after(left.times)


async def not_yet(session: AsyncSession, agents: Collection[Agent], *, now: datetime) -> dict[int, set[int]]:
    """By agent the conversations that wait and are not given to them by themselves for now."""
    found: dict[int, set[int]] = {agent.id: set() for agent in agents}
    for left in await _left(session, list(found), now):
        if rests(left, now):
            found[left.agent_id].add(left.conversation_id)
    for conversation_id, agent_id in await _passed_on(session, list(found), now):
        found[agent_id].add(conversation_id)
    return found


async def _left(session: AsyncSession, agent_ids: Collection[int], now: datetime) -> list[Left]:
    a, c, s, g = Assignment, Conversation, StatusChange, Agent
    query = (
        select(a.conversation_id, a.agent_id, func.count(), func.max(a.ended_at))
        .join(c, c.id == a.conversation_id)
        .join(g, (g.id == a.agent_id) & or_(g.came_at.is_(None), g.came_at < a.ended_at))
        .join(s, (s.conversation_id == a.conversation_id) & (s.changed_at == a.ended_at))
        .where(a.agent_id.in_(agent_ids), a.ended_at > now - LOOKED_BACK, a.ended_at <= now)
        .where(c.status == Status.QUEUED, s.reason == NO_REPLY)
        .group_by(a.conversation_id, a.agent_id)
    )
    rows = await session.execute(query)
    return [Left(number, who, times, last_at) for number, who, times, last_at in rows if last_at is not None]


async def _passed_on(
    session: AsyncSession, agent_ids: Collection[int], now: datetime
) -> list[tuple[int, int]]:
    """What agents passed on to a team lately in which somebody else can serve it, and who did last: where all of them
    did, it would be for nobody."""
    c, s = Conversation, StatusChange
    last = select(func.max(s.id)).where(s.conversation_id == c.id, s.reason == TO_TEAM + c.team)
    query = (
        select(c.id, s.actor, c.team, c.language)
        .join(s, s.id == last.correlate(c).scalar_subquery())
        .where(c.status == Status.QUEUED)
        .where(s.changed_at > now - TEAM_HAS_IT_FOR, s.changed_at <= now)
        .where(s.actor.in_([f"agent:{number}" for number in agent_ids]))
    )
    rows = (await session.execute(query)).all()
    everybody = await _everybody(session) if rows else []
    passed = [(number, int(actor.partition(":")[2]), team, spoken) for number, actor, team, spoken in rows]
    return [
        (number, who)
        for number, who, team, spoken in passed
        if team and queueing.is_served(_others(everybody, team, who), spoken, team)
    ]


def _others(everybody: Iterable[Candidate], team: str, who: int) -> list[Candidate]:
    """Who else is in the team, or serves it by their skills."""
    return [one for one in everybody if one.agent_id != who and team in one.skills]


async def _everybody(session: AsyncSession) -> list[Candidate]:
    a = Agent
    rows = await session.execute(
        select(a.id, a.team, a.skills, a.languages).where(a.disabled_at.is_(None), MAY_TAKE)
    )
    return [
        Candidate(number, 0, 1, tuple(languages), (*skills, *([team] if team else ())))
        for number, team, skills, languages in rows
    ]
