"""What the staff group is to be shown: posts in their own outbox, made only where such a group is set up."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost, DeskTopic, KeyValue
from crm_store.signals import Topic

GROUP_KEY = "staff_group"
_KEPT = table_of(KeyValue).c
_GROUP = select(_KEPT.value).where(_KEPT.key == bindparam("key"))
_POST = insert(table_of(DeskPost))


async def set_group(session: AsyncSession, chat: str | None) -> None:
    """Remember the staff group (None: there is none), so that other processes post to it too."""
    row = await session.get(KeyValue, GROUP_KEY)
    if row is not None and chat is None:
        await session.delete(row)
    elif row is not None and chat is not None:
        row.value = chat
    elif chat is not None:
        session.add(KeyValue(key=GROUP_KEY, value=chat))


async def group(session: AsyncSession) -> str | None:
    """The staff group's chat, or None."""
    return await session.scalar(_GROUP, {"key": GROUP_KEY})


async def post(
    session: AsyncSession,
    conversation: Conversation,
    kind: str,
    *,
    now: datetime,
    message_id: int | None = None,
    text: str = "",
) -> None:
    """Show something in the customer's topic.

    A conversation only the bot has held never touches the group, since its 20 messages a minute are for people.
    """
    chat = await group(session)
    if chat is None:
        return
    if conversation.status == Status.BOT and not await _has_topic(session, chat, conversation.customer_id):
        return
    row = {
        "conversation_id": conversation.id,
        "customer_id": conversation.customer_id,
        "message_id": message_id,
        "kind": kind,
        "text": text,
        "delivery": "pending",
        "created_at": now,
    }
    await session.execute(_POST, row)
    signals.notify(session, Topic.DESK)


async def _has_topic(session: AsyncSession, chat: str, customer_id: int) -> bool:
    query = select(DeskTopic.id).where(DeskTopic.chat == chat, DeskTopic.customer_id == customer_id)
    return await session.scalar(query) is not None
