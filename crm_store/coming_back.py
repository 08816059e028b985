"""What a customer is told whose conversation comes back into the queue: at once that it does, then their place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.conversations import say
from crm_store.models.conversations import Conversation, Message
from crm_store.sentences import Sentence, meant

TOLD = "place"
"""The key in a message's intent under which the place it told stands."""
NO_PLACE = 0
"""Stands there until its reader is told a place: within a minute, or once people are back."""
AWAY = -1
"""Stands there while its reader is told that nobody is there: until people are back."""


async def tell(session: AsyncSession, conversation: Conversation, key: Sentence, *, now: datetime) -> None:
    """Say it in a message that will tell the place; nothing where the last word told one, which is kept true."""
    newest = await session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.is_note.is_(False))
        .order_by(Message.id.desc())
        .limit(1)
    )
    if newest is None or TOLD not in (newest.intent or {}):
        intent = meant(key) | {TOLD: NO_PLACE}
        await say(session, conversation, author="system", now=now, intent=intent)
