"""Giving waiting conversations to agents by itself: the best free one who can take it, each in one transaction.

The free agents' rows are locked first, in one order, so that several processes give one after another and nobody gets
more than they can hold; who is going away at that moment is either not seen, or goes a moment later. Conversations
that somebody is taking are passed by.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk, duty, queueing, ranking, resting
from crm_store.attendance import GIVEN
from crm_store.conversations import hold
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.queue import IN_ORDER, IS_QUEUED, can_serve
from crm_store.queueing import Candidate, Waiting

AT_ONCE = 20
"""So many are given in one transaction at most."""
SPARE = 5
"""So many more are looked at than there is room for: some of the first may be being taken at this moment."""

NotYet = Mapping[int, Collection[int]]
"""By agent what they are not given back yet (`resting.not_yet`)."""


@dataclass(frozen=True, slots=True)
class Given:
    """A conversation that went to an agent, and why to them."""

    conversation_id: int
    agent_id: int
    why: tuple[str, ...]


async def is_needed(session: AsyncSession, *, now: datetime) -> bool:
    """Whether somebody waits whom somebody online and free can serve; takes no lock."""
    free = await _free(session, now)
    if not free:
        return False
    agents = [agent for agent, _ in free.values()]
    return bool(await _first(session, agents, await resting.not_yet(session, agents, now=now), 1, now))


async def give(session: AsyncSession, *, now: datetime) -> list[Given]:
    """What was given, in the order of the queue; empty when nobody waits, or nobody who could take it is free."""
    free = await _free(session, now, lock=True)
    if not free:
        return []
    given: list[Given] = []
    slots = sum(candidate.capacity - candidate.load for _, candidate in free.values())
    agents = [agent for agent, _ in free.values()]
    not_yet = await resting.not_yet(session, agents, now=now)
    first = await _first(session, agents, not_yet, min(slots + SPARE, AT_ONCE), now)
    candidates = {number: candidate for number, (_, candidate) in free.items()}
    for waiting in await ranking.waiting_of(session, first, now=now):
        choice = queueing.choose(waiting, _for_whom(waiting, candidates.values(), not_yet))
        if choice is None or not await _hand(session, waiting, free[choice.agent_id][0], now):
            continue
        candidates[choice.agent_id] = candidates[choice.agent_id].with_one_more(now)
        given.append(Given(waiting.conversation_id, choice.agent_id, choice.why))
    return given


async def _free(
    session: AsyncSession, now: datetime, *, lock: bool = False
) -> dict[int, tuple[Agent, Candidate]]:
    online = await duty.candidates(session, now=now, lock=lock)
    return {n: (agent, found) for n, (agent, found) in online.items() if found.load < found.capacity}


async def _first(
    session: AsyncSession, agents: list[Agent], not_yet: NotYet, limit: int, now: datetime
) -> list[int]:
    """The first in the queue whom any of them can serve, and may be given."""
    served = or_(*(can_serve(agent, now) & _may_be_given(agent, not_yet) for agent in agents))
    wanted = select(Conversation.id).where(IS_QUEUED, served).order_by(*IN_ORDER).limit(limit)
    return list(await session.scalars(wanted))


def _may_be_given(agent: Agent, not_yet: NotYet) -> ColumnElement[bool]:
    c = Conversation
    return (
        or_(c.id.not_in(sorted(not_yet[agent.id])), c.meant_for_id == agent.id)
        if not_yet[agent.id]
        else true()
    )


def _for_whom(waiting: Waiting, candidates: Iterable[Candidate], not_yet: NotYet) -> list[Candidate]:
    """Those who may be given it now; what was handed on to somebody by name is theirs whatever was before."""
    number, meant_for = waiting.conversation_id, waiting.meant_for_id
    return [one for one in candidates if number not in not_yet[one.agent_id] or one.agent_id == meant_for]


async def _hand(session: AsyncSession, waiting: Waiting, agent: Agent, now: datetime) -> bool:
    """False when somebody else is taking it at this moment, or took it."""
    conversation = await session.scalar(
        select(Conversation)
        .where(Conversation.id == waiting.conversation_id, IS_QUEUED)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if conversation is None:
        return False
    await hold(session, conversation, agent, now=now, how=GIVEN)
    await desk.call(session, conversation, desk.GIVEN, agent, now=now)
    return True
