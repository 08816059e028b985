"""The human queue: who is next, who takes it, who gives it back. The rules of order are in queueing.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import queueing, ratings, timers
from crm_store.conversations import (
    change,
    end_assignments,
    end_handoffs,
    get,
    hold,
    note,
    say,
    system_intent,
)
from crm_store.errors import Conflict, InvalidValue
from crm_store.lifecycle import HELD_BY_PERSON, Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Assignment, Conversation, Handoff
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.statements import among
from crm_store.timers import TimerKind
from crm_store.working_hours import ALWAYS, WorkingHours

REPEAT_WITHIN = timedelta(days=3)
WAIT_HISTORY = timedelta(days=7)
REACH = 64
"""So many of the first in the queue are looked at together for one that nobody is taking at this moment."""


def _recent(is_sqlite: bool) -> Any:
    return (
        select(Conversation.customer_id, Conversation.agent_id, Conversation.resolved_at)
        .where(among(table_of(Conversation).c.customer_id, "customers", is_sqlite))
        .where(Conversation.status == Status.RESOLVED, Conversation.agent_id.is_not(None))
        .order_by(Conversation.resolved_at)
    )


def _scored(is_sqlite: bool) -> Any:
    return select(CustomerScore.customer_id, CustomerScore.values).where(
        CustomerScore.run_id == bindparam("run"),
        among(table_of(CustomerScore).c.customer_id, "customers", is_sqlite),
    )


# A queue may be longer than the number of parameters a statement may have.
_RECENT = {is_sqlite: _recent(is_sqlite) for is_sqlite in (True, False)}
_SCORED = {is_sqlite: _scored(is_sqlite) for is_sqlite in (True, False)}
_WAITING = select(
    *(
        getattr(Conversation, name)
        for name in ("id", "customer_id", "queued_at", "created_at", "priority", "language", "team")
    )
).where(Conversation.status == Status.QUEUED)


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A waiting conversation with its place and the reasons for it."""

    conversation: Conversation
    position: int
    points: float
    why: tuple[str, ...]


async def listing(session: AsyncSession, *, now: datetime, limit: int | None = None) -> list[QueueEntry]:
    """The queue, next first."""
    query = select(Conversation).where(Conversation.status == Status.QUEUED)
    found = {row.id: row for row in await session.scalars(query)}
    places = queueing.order(await waiting_of(session, list(found.values()), now), now)
    return [QueueEntry(found[p.waiting.conversation_id], p.position, p.points, p.why) for p in places][:limit]


async def waiting_of(
    session: AsyncSession, conversations: Sequence[Any], now: datetime
) -> list[queueing.Waiting]:
    """The conversations (or rows of `_WAITING`) as the rules of order see them: four queries, however many."""
    customers = sorted({c.customer_id for c in conversations})
    recent = await session.execute(_RECENT[_is_sqlite(session)], {"customers": customers})
    last_agent: dict[int, int] = {}
    repeats: set[int] = set()
    for customer_id, agent_id, resolved_at in recent:
        if agent_id is not None:
            last_agent[customer_id] = agent_id
        if resolved_at and resolved_at >= now - REPEAT_WITHIN:
            repeats.add(customer_id)
    values = await _value_indices(session, customers)
    return [
        queueing.Waiting(
            conversation_id=c.id,
            queued_at=c.queued_at or c.created_at,
            priority=c.priority,
            is_repeat=c.customer_id in repeats,
            value_index=values.get(c.customer_id),
            language=c.language,
            skill=c.team,
            last_agent_id=last_agent.get(c.customer_id),
        )
        for c in conversations
    ]


async def _value_indices(session: AsyncSession, customers: list[int]) -> dict[int, float]:
    latest = await session.scalar(select(func.max(ScoreRun.id)))
    if latest is None or not customers:
        return {}
    scored = _SCORED[_is_sqlite(session)]
    rows = await session.execute(scored, {"run": latest, "customers": customers})
    indices = {customer_id: (values.get("value") or {}).get("index") for customer_id, values in rows}
    return {customer_id: index for customer_id, index in indices.items() if index is not None}


async def take(session: AsyncSession, conversation_id: int, agent: Agent, *, now: datetime) -> Conversation:
    """The agent holds it from now on; raises Conflict naming who was faster."""
    conversation = await get(session, conversation_id, lock=True)
    await hold(session, conversation, agent, now=now, how="take")
    return conversation


async def take_next(session: AsyncSession, agent: Agent, *, now: datetime) -> Conversation | None:
    """The agent takes the first in the queue they can serve, or None when there is none.

    Agents who reach for it at once pass each other by instead of waiting, so that each goes back by at most as many
    places as there are others.
    """
    rows = (await session.execute(_WAITING)).all()
    served = [row for row in rows if not agent.languages or row.language in agent.languages]
    places = queueing.order(await waiting_of(session, served, now), now)
    ids = [place.waiting.conversation_id for place in places]
    for some in (ids[start : start + REACH] for start in range(0, len(ids), REACH)):
        free = await session.scalar(
            select(Conversation.id)
            .where(Conversation.id.in_(some), Conversation.status == Status.QUEUED)
            .order_by(case({number: n for n, number in enumerate(some)}, value=Conversation.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if free is not None:
            conversation = await get(session, free, lock=True)
            await hold(session, conversation, agent, now=now, how="take")
            return conversation
    return None


async def _held(session: AsyncSession, conversation_id: int, by: Agent) -> Conversation:
    """The conversation if `by` may decide over it: its holder, or a supervisor or admin."""
    conversation = await get(session, conversation_id, lock=True)
    if conversation.agent_id not in (None, by.id) and by.role not in ("supervisor", "admin"):
        holder = await session.get(Agent, conversation.agent_id)
        raise Conflict(f"{holder.name if holder else 'somebody else'} has this conversation")
    return conversation


async def release(session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime) -> Conversation:
    """Back into the queue at its old place."""
    conversation = await _held(session, conversation_id, by)
    queued_at = conversation.queued_at or conversation.created_at
    actor = f"agent:{by.id}"
    await change(
        session, conversation, Change.RELEASE, actor=actor, now=now, agent_id=None, queued_at=queued_at
    )
    await end_assignments(session, conversation.id, now)
    session.add(Handoff(conversation_id=conversation.id, reason="released", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    await say(session, conversation, author="system", now=now, intent=system_intent("back_in_queue"))
    return conversation


async def transfer(
    session: AsyncSession,
    conversation_id: int,
    *,
    by: Agent,
    to: Agent,
    note_text: str | None = None,
    now: datetime,
) -> Conversation:
    """From its holder to another agent, with a note if there is one."""
    if to.disabled_at is not None:
        raise InvalidValue(f"{to.name} is disabled; choose somebody else")
    if to.role == "analyst":
        raise InvalidValue(f"{to.name} only reads reports; choose an agent")
    conversation = await _held(session, conversation_id, by)
    if conversation.status not in HELD_BY_PERSON:
        await hold(session, conversation, to, now=now, how="transfer")
        return conversation
    if conversation.agent_id == to.id:
        raise Conflict(f"{to.name} has this conversation already")
    actor, reason = f"agent:{by.id}", f"to agent:{to.id}"
    await change(session, conversation, Change.TRANSFER, actor=actor, now=now, reason=reason, agent_id=to.id)
    await end_assignments(session, conversation.id, now)
    session.add(
        Assignment(conversation_id=conversation.id, agent_id=to.id, reason="transfer", assigned_at=now)
    )
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    if note_text:
        await note(session, conversation_id, by, note_text, now=now)
    await say(session, conversation, author="system", now=now, intent=system_intent("person_joined", to))
    return conversation


async def resolve(
    session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime, settings: StoreSettings
) -> Conversation:
    """Closed, and the customer asked for stars."""
    conversation = await _held(session, conversation_id, by)
    had_person = conversation.agent_id is not None
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
    if had_person:
        await say(session, conversation, author="system", now=now, intent=system_intent("resolved", by))
        await ratings.ask(session, conversation, now=now, settings=settings)
    return conversation


async def wake(session: AsyncSession, conversation_id: int, *, now: datetime) -> bool:
    """A snoozed conversation whose time has come goes back to the queue; False when it is no longer snoozed."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.status != Status.SNOOZED:
        return False
    queued_at = conversation.queued_at or now
    await change(
        session, conversation, Change.WAKE, actor="system", now=now, agent_id=None, queued_at=queued_at
    )
    return True


async def reopen(session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime) -> Conversation:
    """A resolved conversation goes back to the queue; Conflict when its customer has opened another since."""
    conversation = await get(session, conversation_id, lock=True)
    newer = await session.scalar(
        select(Conversation.id).where(
            Conversation.identity_id == conversation.identity_id, Conversation.status != Status.RESOLVED
        )
    )
    if newer is not None and newer != conversation_id:
        raise Conflict(f"this customer has an open conversation already: {newer}")
    await change(
        session,
        conversation,
        Change.REOPEN,
        actor=f"agent:{by.id}",
        now=now,
        queued_at=now,
        agent_id=None,
        resolved_at=None,
        resolved_by=None,
        first_reply_at=None,
    )
    session.add(Handoff(conversation_id=conversation.id, reason="reopened", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    return conversation


async def expected_wait(
    session: AsyncSession, *, now: datetime, hours: WorkingHours = ALWAYS
) -> timedelta | None:
    """The median wait, in open time, of those taken within seven days; None while there are fewer than five."""
    rows = await session.execute(
        select(Handoff.queued_at, Handoff.ended_at)
        .where(Handoff.outcome == "taken", Handoff.queued_at >= now - WAIT_HISTORY)
        .order_by(Handoff.id.desc())
        .limit(500)
    )
    waits = sorted(hours.open_time(queued, ended) for queued, ended in rows if ended is not None)
    return waits[len(waits) // 2] if len(waits) >= 5 else None


async def length(session: AsyncSession) -> int:
    """How many wait."""
    query = select(func.count()).select_from(Conversation).where(Conversation.status == Status.QUEUED)
    return int(await session.scalar(query) or 0)
