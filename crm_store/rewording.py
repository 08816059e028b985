"""A message changed after it was written: the new words, the old ones kept."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts, signals
from crm_store.conversations import checked_text
from crm_store.models.conversations import Message, MessageEdit
from crm_store.signals import Topic


async def reword(session: AsyncSession, message: Message, text: str, *, now: datetime) -> bool:
    """Other words for an agent's message, carried to the customer if they have it; False when nothing changed."""
    words = checked_text(text) if message.attachment is None or text.strip() else ""
    if words == message.text:
        return False
    session.add(MessageEdit(message_id=message.id, old_text=message.text, edited_at=now))
    message.text, message.edited_at = words, now
    await session.flush()
    if message.delivery in ("sending", "sent", "ambiguous"):
        await desk_posts.add(
            session,
            conversation_id=message.conversation_id,
            customer_id=message.customer_id,
            kind="reword",
            message_id=message.id,
            now=now,
        )
    signals.notify(session, Topic.CONVERSATIONS)
    return True
