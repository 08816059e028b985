"""A resolved conversation opened again, for who does so or for the queue. Session first; nothing here commits."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import coming_back, joined, joining, owed_since, timers
from crm_store.conversations import change, get, hold
from crm_store.errors import Conflict
from crm_store.handing_on import can_hold
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Conversation, Handoff
from crm_store.models.staff import Agent
from crm_store.sentences import Sentence
from crm_store.timers import TimerKind

BY_MISTAKE = timedelta(minutes=10)
"""What is opened again so soon should not have been closed. As long as an act on many can be undone (`bulk`)."""


async def reopen(session: AsyncSession, conversation_id: int, by: Agent, *, now: datetime) -> Conversation:
    """With who opens it where they are there and have room, else back into the queue; with what its customer has said
    to the bot since. Conflict when they wait for a person, or are served, in another, or when it is part of another."""
    is_ready = await can_hold(session, by, now=now, lock=True)
    conversation = await get(session, conversation_id, lock=True)
    await joined.refuse_joined(session, conversation_id)
    waited_since = await _waited_since(session, conversation, now)
    await _take_in_newer(session, conversation, by, now)
    await change(
        session,
        conversation,
        Change.REOPEN,
        actor=f"agent:{by.id}",
        now=now,
        queued_at=waited_since,
        agent_id=None,
        resolved_at=None,
        resolved_by=None,
        first_reply_at=None,
    )
    session.add(Handoff(conversation_id=conversation.id, reason="reopened", queued_at=now))
    await session.flush()
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    if is_ready:
        await hold(session, conversation, by, now=now, how="reopen")
    else:
        await coming_back.tell(session, conversation, Sentence.OPEN_AGAIN, now=now)
    return conversation


async def _waited_since(session: AsyncSession, one: Conversation, now: datetime) -> datetime:
    """Who was closed by mistake a moment ago, while they waited for an answer, keeps the wait they had."""
    if one.queued_at is None or one.resolved_at is None or one.resolved_at + BY_MISTAKE <= now:
        return now
    return await owed_since.since(session, one) or now


async def _take_in_newer(session: AsyncSession, kept: Conversation, by: Agent, now: datetime) -> None:
    """What is open with the bot at the same address (a word of thanks opens it) becomes part of it."""
    number = await session.scalar(
        select(Conversation.id).where(
            Conversation.identity_id == kept.identity_id, Conversation.status != Status.RESOLVED
        )
    )
    if number is None or number == kept.id:
        return
    newer = await get(session, number, lock=True)
    if newer.status not in (Status.BOT, Status.RESOLVED):
        raise Conflict(
            f"this customer has an open conversation already: {number}", kind="has_open", number=number
        )
    await joining.join(session, kept, newer, by=by, now=now)
