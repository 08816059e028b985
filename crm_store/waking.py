"""The end of a snooze: back to whoever had the conversation, or into the queue. Session first; nothing here commits.

A snooze is the staff's own: its customer hears nothing of it while the same person has them again.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, desk, queue
from crm_store.conversations import hold
from crm_store.handing_on import can_hold
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Assignment, Conversation, StatusChange
from crm_store.models.staff import Agent

GIVEN_WITHIN = timedelta(seconds=3)
"""Whoever is free is given what waits within this time, and called: then there is nothing more to be told."""


async def wake(session: AsyncSession, conversation_id: int, *, now: datetime) -> bool:
    """A snooze whose time has come: who had the conversation has it again where they are there and have room, else it
    waits in the queue; they are called either way. False when it is no longer snoozed."""
    before = await _holder_before(session, conversation_id)
    is_ready = before is not None and await can_hold(session, before, now=now, lock=True)
    conversation = await session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id, Conversation.status == Status.SNOOZED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if conversation is None:
        return False
    if before is not None and is_ready:
        await hold(session, conversation, before, now=now, how=attendance.WOKEN)
        await desk.call(session, conversation, desk.WOKEN, before, now=now)
        return True
    await queue.wake(session, conversation_id, now=now)
    if before is not None:
        later = now + GIVEN_WITHIN
        await desk.call(session, conversation, desk.BACK_IN_LINE, before, now=now, not_before=later)
    return True


async def _holder_before(session: AsyncSession, conversation_id: int) -> Agent | None:
    """Who held it until it was snoozed; None where nobody did."""
    return await session.scalar(
        select(Agent)
        .join(Assignment, Assignment.agent_id == Agent.id)
        .join(StatusChange, StatusChange.conversation_id == Assignment.conversation_id)
        .where(
            Assignment.conversation_id == conversation_id,
            StatusChange.change == Change.SNOOZE,
            StatusChange.changed_at == Assignment.ended_at,
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
    )
