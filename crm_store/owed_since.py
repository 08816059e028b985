"""Since when a customer waits for a person: from when they were owed something last. Session first.

Who was answered, and has said nothing since, waits for nobody: that time counts for no place in the queue.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import ANSWERS, IS_HEARD, SAID_BY_CUSTOMER, Conversation, Message


async def since(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """When the present wait began: with their first words after the last reply to them, where there was one in it;
    None where they wait for nothing."""
    begun, m = conversation.queued_at or conversation.created_at, Message
    replied: int | None = await session.scalar(
        select(func.max(m.id)).where(
            m.conversation_id == conversation.id,
            ANSWERS,
            m.created_at >= begun,
        )
    )
    if replied is None:
        return begun
    after = (m.conversation_id == conversation.id, m.id > replied, SAID_BY_CUSTOMER, IS_HEARD)
    found: datetime | None = await session.scalar(select(func.min(m.created_at)).where(*after))
    return found
