"""Conversations that fell silent: while the bot held them, or after an agent's reply."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import asking, promises, timers
from crm_store.conversations import change, end_assignments, end_handoffs, say
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Conversation
from crm_store.sentences import Sentence, meant
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind


async def close_idle(
    session: AsyncSession, conversation_id: int, *, now: datetime, settings: StoreSettings
) -> bool:
    """Close a conversation the bot holds once it was silent for long; else look again when it will be.

    Stars are asked for where a person had served it before it was the bot's again.
    """
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.status != Status.BOT:
        return False
    silent_until = conversation.last_message_at + timedelta(hours=settings.idle_close_hours)
    if silent_until > now:
        await timers.schedule(session, TimerKind.IDLE_CLOSE, conversation_id, silent_until)
        return False
    served = await asking.served_by(session, conversation)
    await _expire(session, conversation, now)
    await asking.after_resolve(session, conversation, served, now=now, settings=settings)
    return True


async def _expire(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    ended = {"resolved_at": now, "resolved_by": "system", "memory": {}}
    await change(session, conversation, Change.EXPIRE, actor="system", now=now, reason="idle", **ended)


async def next_silent_at(session: AsyncSession, settings: StoreSettings) -> datetime | None:
    """When the next is to be closed by `close_silent`; None where none is."""
    if settings.customer_silence is None:
        return None
    longest = select(func.min(Conversation.last_message_at)).where(
        Conversation.status == Status.WAITING_CUSTOMER
    )
    said_at: datetime | None = await session.scalar(longest)
    return None if said_at is None else said_at + settings.customer_silence


async def close_silent(
    session: AsyncSession, *, now: datetime, settings: StoreSettings, limit: int = 100
) -> int:
    """Close what waits for a customer who has been silent too long after a reply; how many were closed.

    The customer is told so, and asked for stars as after any resolve.
    """
    if settings.customer_silence is None:
        return 0
    silent = (
        select(Conversation)
        .where(
            Conversation.status == Status.WAITING_CUSTOMER,
            Conversation.last_message_at <= now - settings.customer_silence,
        )
        .order_by(Conversation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(await session.scalars(silent))
    for conversation in found:
        served = await asking.served_by(session, conversation)
        await _expire(session, conversation, now)
        await end_assignments(session, conversation.id, now)
        await end_handoffs(session, conversation.id, "resolved", now)
        await promises.follow(session, conversation, now=now, settings=settings)
        await say(session, conversation, author="system", now=now, intent=meant(Sentence.CLOSED_IDLE))
        await asking.after_resolve(session, conversation, served, now=now, settings=settings)
    return len(found)
