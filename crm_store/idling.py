"""Conversations that fell silent while the bot held them."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import timers
from crm_store.conversations import change
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Conversation
from crm_store.timers import TimerKind


async def close_idle(session: AsyncSession, conversation_id: int, *, now: datetime, after: timedelta) -> bool:
    """Close a conversation the bot holds once it was silent for `after`; else look again when it will be."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.status != Status.BOT:
        return False
    silent_until = conversation.last_message_at + after
    if silent_until > now:
        await timers.schedule(session, TimerKind.IDLE_CLOSE, conversation_id, silent_until)
        return False
    await change(
        session,
        conversation,
        Change.EXPIRE,
        actor="system",
        now=now,
        reason="idle",
        resolved_at=now,
        resolved_by="system",
        memory={},
    )
    return True
