"""Whose turn it is in a conversation that somebody holds: theirs, or the customer's."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import timers
from crm_store.conversations import change
from crm_store.last_words import STANDS
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import ANSWERS, SAID_BY_CUSTOMER, Conversation, Message
from crm_store.targets import UNDONE
from crm_store.timers import TimerKind


async def last_word(session: AsyncSession, conversation_id: int) -> str | None:
    """Who had it, 'customer' or 'agent'; None where neither has written. What did not arrive is none."""
    query = select(Message.author).where(
        Message.conversation_id == conversation_id, SAID_BY_CUSTOMER | ANSWERS, STANDS
    )
    author: str | None = await session.scalar(query.order_by(Message.id.desc()).limit(1))
    return author


async def rest(session: AsyncSession, one: Conversation, *, actor: str, now: datetime) -> None:
    """It waits for the customer as before something was undone, if whoever holds it still had the last word."""
    if one.status == Status.ASSIGNED and await last_word(session, one.id) == "agent":
        await change(session, one, Change.TAKEN_APART, actor=actor, now=now, reason=UNDONE)
        await timers.restart(session, TimerKind.UNANSWERED, one.id, now)


async def owe(session: AsyncSession, one: Conversation, *, actor: str, now: datetime) -> None:
    """Its holder's turn, where the reply that had settled it is no longer there."""
    if one.status == Status.WAITING_CUSTOMER and await last_word(session, one.id) == "customer":
        await change(session, one, Change.CUSTOMER_SAYS, actor=actor, now=now)
        await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
