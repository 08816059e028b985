"""Conversations put aside until a time, and given to a whole team. Session first; nothing here commits."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import coming_back, owed_since, timers
from crm_store.conversations import change, end_assignments, end_handoffs, note
from crm_store.errors import Conflict, InvalidValue
from crm_store.holders import decided_by
from crm_store.labels import MAX_TEAM
from crm_store.lifecycle import HELD_BY_PERSON, Change
from crm_store.models.conversations import Conversation, Handoff
from crm_store.models.staff import Agent
from crm_store.resting import TO_TEAM
from crm_store.sentences import Sentence
from crm_store.timers import TimerKind

LONGEST = timedelta(days=366)


async def snooze(
    session: AsyncSession, conversation_id: int, by: Agent, *, until: datetime, now: datetime
) -> Conversation:
    """Out of sight until then; the customer's next word, or an agent who takes it, ends it before.

    Raises InvalidValue for a time that is past or more than a year away, IllegalTransition where it cannot be.
    """
    if not now < until <= now + LONGEST:
        raise InvalidValue(
            "a conversation is snoozed until a time to come, at most a year ahead", kind="snooze_time"
        )
    conversation = await decided_by(session, conversation_id, by)
    # Who waits for nothing begins to when they write again, or when the time has come.
    queued_at = await owed_since.since(session, conversation)
    await change(
        session,
        conversation,
        Change.SNOOZE,
        actor=f"agent:{by.id}",
        now=now,
        agent_id=None,
        queued_at=queued_at,
        snoozed_until=until,
        meant_for_id=conversation.meant_for_id,
        meant_until=conversation.meant_until,
    )
    await end_assignments(session, conversation.id, now)
    await end_handoffs(session, conversation.id, "snoozed", now)
    # What told its customer a place is to say until when they are not looked at.
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    await timers.restart(session, TimerKind.WAKE_SNOOZED, conversation.id, until)
    return conversation


async def transfer_to_team(
    session: AsyncSession,
    conversation_id: int,
    *,
    by: Agent,
    team: str,
    note_text: str | None = None,
    now: datetime,
) -> Conversation:
    """Into the queue of that team at its old place, with a note if there is one; its customer is told their place."""
    name = team.strip()
    if not 0 < len(name) <= MAX_TEAM:
        raise InvalidValue(
            f"a team has a name of 1 to {MAX_TEAM} characters", kind="team_name", most=MAX_TEAM
        )
    conversation = await decided_by(session, conversation_id, by)
    is_held = conversation.status in HELD_BY_PERSON
    if not is_held and conversation.team == name:
        raise Conflict(f"{name} has this conversation already", kind="has_it_already", name=name)
    await change(
        session,
        conversation,
        Change.RELEASE if is_held else Change.TRANSFER,
        actor=f"agent:{by.id}",
        now=now,
        reason=f"{TO_TEAM}{name}",
        agent_id=None,
        team=name,
        queued_at=await owed_since.since(session, conversation) or now,
    )
    if is_held:
        await end_assignments(session, conversation.id, now)
        session.add(Handoff(conversation_id=conversation.id, reason="transferred", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    if note_text:
        await note(session, conversation.id, by, note_text, now=now)
    await coming_back.tell(session, conversation, Sentence.PASSED_ON, now=now)
    return conversation


async def teams(session: AsyncSession) -> list[str]:
    """The teams that agents who work here are in."""
    query = (
        select(Agent.team)
        .where(Agent.team.is_not(None), Agent.disabled_at.is_(None))
        .group_by(Agent.team)
        .order_by(func.lower(Agent.team))
    )
    return [team for team in await session.scalars(query) if team]
