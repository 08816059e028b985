"""Replies that stand in another conversation once a merge is taken apart: there they count, and here no more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import timers, whose_turn
from crm_store.conversations import change
from crm_store.lifecycle import HELD_BY_PERSON, Change
from crm_store.models.conversations import ANSWERS, Conversation, Message, StatusChange
from crm_store.targets import MOVED_OUT
from crm_store.timers import TimerKind


async def follow(
    session: AsyncSession, kept: Conversation, merged: Conversation, ids: Sequence[int], *, now: datetime
) -> None:
    """The agents' replies among these messages, which have gone from `kept` to `merged`, are answers there."""
    replies = list(
        await session.scalars(select(Message).where(Message.id.in_(ids), ANSWERS).order_by(Message.id))
    )
    if replies:
        await _leave(session, kept, replies)
        await _arrive(session, merged, replies, now)


async def _leave(session: AsyncSession, kept: Conversation, replies: Sequence[Message]) -> None:
    s, times = StatusChange, {one.created_at for one in replies}
    is_reply = (s.conversation_id == kept.id, s.change == Change.REPLY, s.changed_at.in_(times))
    await session.execute(update(s).where(*is_reply).values(reason=MOVED_OUT))
    if kept.first_reply_at in times:
        later = (Message.conversation_id == kept.id, ANSWERS, Message.created_at >= kept.first_reply_at)
        kept.first_reply_at = await session.scalar(select(func.min(Message.created_at)).where(*later))
        await session.flush()


async def _arrive(
    session: AsyncSession, merged: Conversation, replies: Sequence[Message], now: datetime
) -> None:
    merged.first_reply_at = merged.first_reply_at or replies[0].created_at
    await session.flush()
    if merged.status in HELD_BY_PERSON and await whose_turn.last_word(session, merged.id) == "agent":
        await change(session, merged, Change.REPLY, actor=f"agent:{replies[-1].agent_id}", now=now)
        await timers.restart(session, TimerKind.UNANSWERED, merged.id, now)
