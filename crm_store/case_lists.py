"""Whose cases stand on whose desk: one's own, and what nobody owns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.case_lateness import is_overdue, missed_at
from crm_store.case_states import CaseKind
from crm_store.holders import LEADS
from crm_store.models.casework import ServiceCase
from crm_store.models.staff import Agent

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class OnDesk:
    """The open cases an agent is to see to."""

    follow_ups: Sequence[ServiceCase] = ()
    cases: Sequence[ServiceCase] = ()
    """All others."""
    late: Sequence[ServiceCase] = ()
    """Those of either that are overdue, the latest to be so first."""


async def of_agent(
    session: AsyncSession,
    agent: Agent,
    *,
    are_follow_ups: bool | None = None,
    now: datetime,
    limit: int = MOST,
) -> list[ServiceCase]:
    """The open cases the agent is to see to (follow-ups, all others, or both): overdue first, then as they are due.

    What waits for its customer comes last.
    """
    c = ServiceCase
    is_kind = true() if are_follow_ups is None else (c.kind == CaseKind.FOLLOW_UP) == are_follow_ups
    turn = case((is_overdue(now), 0), (c.stood_since.is_(None), 1), else_=2)
    query = (
        select(c)
        .where(c.closed_at.is_(None), is_kind, _concerns(agent, now))
        .order_by(turn, c.due_at.is_(None), c.due_at, c.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def on_desk(session: AsyncSession, agent: Agent, *, now: datetime, limit: int = MOST) -> OnDesk:
    """The same by kind, so many of each at most, and those that are `late`."""
    follow_ups, cases = [
        await of_agent(session, agent, are_follow_ups=one, now=now, limit=limit) for one in (True, False)
    ]
    missed = [(at, row) for row in (*follow_ups, *cases) if (at := missed_at(row, now))]
    if any(len(some) == limit and missed_at(some[-1], now) for some in (follow_ups, cases)):
        # There may be later ones than the lists hold.
        return OnDesk(follow_ups, cases, await late(session, agent, now=now, limit=limit))
    missed.sort(key=lambda one: (-one[0].timestamp(), one[1].id))
    return OnDesk(follow_ups, cases, [row for _, row in missed][:limit])


async def late(session: AsyncSession, agent: Agent, *, now: datetime, limit: int = MOST) -> list[ServiceCase]:
    """Of the open cases of any kind the agent is to see to, those that are overdue, the latest to be so first."""
    query = select(ServiceCase).where(is_overdue(now), _concerns(agent, now))
    return list(await session.scalars(query.order_by(ServiceCase.due_at.desc(), ServiceCase.id).limit(limit)))


def _concerns(agent: Agent, now: datetime) -> ColumnElement[bool]:
    """Their own; of what nobody owns what is their team's or anybody's, and, for who leads, whatever is overdue."""
    c = ServiceCase
    teams = sorted({*agent.skills, *([agent.team] if agent.team else ())})
    is_led = is_overdue(now) if agent.role in LEADS else false()
    return or_(
        c.owner_id == agent.id, and_(c.owner_id.is_(None), or_(c.team.is_(None), c.team.in_(teams), is_led))
    )
