"""An agent's album in the store: what of it was written down so far, and how that becomes a note, or nothing, after
all. Session first; nothing here commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations, relaying, signals, taking_back
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.signals import Topic

Json = dict[str, Any]


async def held(
    session: AsyncSession, conversation_id: int, agent: Agent, media_group_id: str
) -> list[Message]:
    """The agent's messages that hold parts of this album, oldest first; their conversation is locked."""
    await conversations.get(session, conversation_id, lock=True)
    query = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.agent_id == agent.id,
            Message.attachment["media_group_id"].as_string() == media_group_id,
        )
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


def parts_of(message: Message) -> list[Json]:
    """Its files in their order, each with the words below it."""
    first = {name: value for name, value in (message.attachment or {}).items() if name != "album"}
    words = {"caption": message.text} if message.text else {}
    return [first | words, *(message.attachment or {}).get("album", ())]


def says_anything(message: Message) -> bool:
    """Whether there are words below any of its files."""
    return any(part.get("caption") for part in parts_of(message))


async def take_out(session: AsyncSession, message: Message, by: Agent, *, now: datetime) -> list[Json]:
    """The files of a message that has not left, which is as if it had never been written; none where it has left:
    then it is taken back from the customer."""
    if message.delivery == "pending" and message.attempts == 0:
        parts = parts_of(message)
        conversation = await conversations.get(session, message.conversation_id, lock=True)
        await taking_back.unsay(session, conversation, [message], by, now=now)
        return parts
    if message.deleted_at is None:
        await relaying.take_back(session, message, by, now=now)
    return []


async def append(session: AsyncSession, note: Message, part: Json) -> None:
    """The note has this file as well."""
    attachment = note.attachment or {}
    note.attachment = {**attachment, "album": [*attachment.get("album", ()), part]}
    await session.flush()
    signals.notify(session, Topic.CONVERSATIONS)
