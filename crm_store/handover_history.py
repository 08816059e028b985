"""Stored hand-overs as a replay of the queue takes them: who waited, what spoke for them then, when agents took."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import parts, queue_rules
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message, Promise
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.models.staff import Agent
from crm_store.mood import mood_of
from crm_store.queue_replay import Owed, Turn, Wait
from crm_store.queueing import Candidate, Waiting
from crm_store.ranking import REPEAT_WITHIN, WORDS_READ
from crm_store.scores import known_value
from crm_store.targets import UNDONE, Kind

MOST = 20_000
KEPT_PLACE = frozenset({"released", "transferred", "woken", "no_reply", "holder_gone", "out_of_reach"})
"""Who came into the queue again for these reasons kept the place they had."""


async def read(
    session: AsyncSession, start: datetime, end: datetime, *, until: datetime
) -> tuple[list[Wait], list[Turn]]:
    """The hand-overs that began in [start, end), at most the newest `MOST`; at a number of queries that is fixed.

    Priority, team, customer value and the hours in which people are there are as they are now, the rest as it was.
    """
    calendars = (await queue_rules.counted_hours(session)).calendars
    query = (
        select(Handoff, Conversation)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.queued_at >= start, Handoff.queued_at < end)
        .where(Handoff.outcome.is_distinct_from(UNDONE))
        .order_by(Handoff.id.desc())
        .limit(MOST)
    )
    found = [(row[0], row[1]) async for row in parts.rows(session, query)]
    talks = select(Handoff.conversation_id).where(Handoff.queued_at >= start, Handoff.queued_at < end)
    customers = select(Conversation.customer_id).where(Conversation.id.in_(talks))
    words = await _words(session, talks)
    promised = await _promised(session, talks)
    served = await _served(session, customers)
    worth = await _worth(session, customers)
    waits, since = [], dict[int, datetime]()
    async for handoff, conversation in parts.of(reversed(found)):
        kept = (
            since.get(conversation.id, handoff.queued_at)
            if handoff.reason in KEPT_PLACE
            else handoff.queued_at
        )
        since[conversation.id] = kept
        of_customer = (served.get(conversation.customer_id, ()), worth.get(conversation.customer_id))
        said = [text for at, text in words.get(conversation.id, ()) if at <= (handoff.ended_at or until)]
        owed = _owed(promised.get(conversation.id, ()), handoff)
        waiting = _waiting(conversation, kept, said, *of_customer)
        begins_at = calendars.counted_from(conversation.team, kept, until)
        wait = _wait(handoff, replace(waiting, counted_from=begins_at), owed)
        waits.append(replace(wait, hours=calendars.hours_of(conversation.team)))
    return waits, await _turns(session, waits, start)


def _waiting(
    conversation: Conversation,
    queued_at: datetime,
    said: Sequence[str],
    served: Sequence[datetime],
    worth: float | None,
) -> Waiting:
    return Waiting(
        conversation_id=conversation.id,
        queued_at=queued_at,
        priority=conversation.priority,
        is_repeat=any(queued_at - REPEAT_WITHIN <= at <= queued_at for at in served),
        value_index=worth,
        mood=mood_of(said[-WORDS_READ:]),
        language=conversation.language,
        skill=conversation.team,
    )


def _wait(handoff: Handoff, waiting: Waiting, owed: Owed | None) -> Wait:
    is_taken = handoff.outcome == "taken"
    return Wait(
        handoff_id=handoff.id,
        waiting=waiting,
        entered_at=handoff.queued_at,
        taken_at=handoff.ended_at if is_taken else None,
        left_at=None if is_taken else handoff.ended_at,
        owed=owed,
    )


async def _words(session: AsyncSession, talks: Any) -> Mapping[int, Sequence[tuple[datetime, str]]]:
    query = (
        select(Message.conversation_id, Message.created_at, Message.text)
        .where(Message.conversation_id.in_(talks), Message.author == "customer", Message.kind != "button")
        .order_by(Message.id)
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    async for number, at, text in parts.rows(session, query):
        found.setdefault(number, []).append((at, text))
    return found


async def _promised(session: AsyncSession, talks: Any) -> Mapping[int, Sequence[Promise]]:
    replies = (Promise.kind == Kind.FIRST, Promise.kind == Kind.NEXT)
    query = select(Promise).where(Promise.conversation_id.in_(talks), or_(*replies))
    found: dict[int, list[Promise]] = {}
    async for (row,) in parts.rows(session, query.order_by(Promise.started_at)):
        found.setdefault(row.conversation_id, []).append(row)
    return found


def _owed(promised: Sequence[Promise], handoff: Handoff) -> Owed | None:
    """The reply that was owed while they waited; there is one at a time."""
    for row in promised:
        is_open = row.ended_at is None or row.ended_at > handoff.queued_at
        if is_open and (handoff.ended_at is None or row.started_at < handoff.ended_at):
            return Owed(row.started_at, timedelta(seconds=row.target_s), _due_at(row), row.kind == Kind.NEXT)
    return None


def _due_at(row: Promise) -> datetime:
    """When it was due; where it was kept, in plain time, and not before it was."""
    known = row.breached_at or row.due_at
    plain = row.started_at + timedelta(seconds=row.target_s)
    return known or max(plain, row.ended_at or plain)


async def _served(session: AsyncSession, customers: Any) -> Mapping[int, Sequence[datetime]]:
    query = select(Conversation.customer_id, Conversation.resolved_at).where(
        Conversation.customer_id.in_(customers),
        Conversation.resolved_at.is_not(None),
        Conversation.agent_id.is_not(None),
    )
    found: dict[int, list[datetime]] = {}
    async for number, at in parts.rows(session, query):
        if at is not None:
            found.setdefault(number, []).append(at)
    return found


async def _worth(session: AsyncSession, customers: Any) -> Mapping[int, float | None]:
    newest = select(ScoreRun.id).order_by(ScoreRun.id.desc()).limit(1).scalar_subquery()
    query = select(CustomerScore.customer_id, CustomerScore.values)
    query = query.where(CustomerScore.run_id == newest, CustomerScore.customer_id.in_(customers))
    found = parts.rows(session, query)
    return {number: known_value(values) async for number, values in found}


async def _turns(session: AsyncSession, waits: Sequence[Wait], start: datetime) -> list[Turn]:
    """One for each that was taken; where it is not known by whom, by somebody who can serve everybody."""
    query = (
        select(Assignment.conversation_id, Assignment.assigned_at, Agent)
        .join(Agent, Agent.id == Assignment.agent_id)
        .where(
            or_(Assignment.ended_at.is_(None), Assignment.ended_at >= start), Assignment.assigned_at >= start
        )
    )
    by = {(number, at): agent async for number, at, agent in parts.rows(session, query)}
    turns = []
    async for one in parts.of(waits):
        if one.taken_at is None:
            continue
        agent = by.get((one.waiting.conversation_id, one.taken_at))
        turns.append(Turn(one.taken_at, _candidate(agent), one.handoff_id))
    return turns


def _candidate(agent: Agent | None) -> Candidate:
    if agent is None:
        return Candidate(0, 0, 1)
    teams = tuple({*agent.skills, *([agent.team] if agent.team else ())})
    return Candidate(agent.id, 0, agent.capacity, tuple(agent.languages), teams)
