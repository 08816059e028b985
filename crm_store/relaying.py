"""What an agent's message needs beyond being a reply: a quote, the other parts of an album, a file to be fetched first,
being taken back. Session first; nothing here commits."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk, desk_posts, signals, undelivered
from crm_store.errors import Conflict
from crm_store.models.conversations import Conversation, Message
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.signals import Topic

AS_ONE = "telegram"
"""The channel that shows an agent's album as one message."""
FETCHED_WITHIN = timedelta(minutes=30)
"""So long a message waits for its file before it leaves without; every try to fetch it begins this anew."""


def quote(message: Message, quoted: Message | None) -> None:
    """Let the message quote what it answers, as far as that stands in the same chat."""
    if quoted is not None and quoted.platform_id and quoted.lane == message.lane:
        message.intent = (message.intent or {}) | {"quotes": quoted.platform_id}


async def extend_album(
    session: AsyncSession, newest: Message, part: dict[str, Any], *, until: datetime
) -> Message | None:
    """The agent's message that holds this part of its album as well now; None when it has left already.

    What arrives in parts leaves as one message: the first part is the message's attachment, the others are its album.
    """
    held = newest.attachment or {}
    longer = {**held, "album": [*held.get("album", ()), part]}
    return await session.scalar(
        update(Message)
        .where(Message.id == newest.id, Message.delivery == "pending", Message.attempts == 0)
        .values(attachment=longer, next_try_at=until)
        .returning(Message)
        .execution_options(populate_existing=True)
    )


async def hold_albums(session: AsyncSession, *, until: datetime) -> int:
    """Let albums that a stop cut in two wait for the parts that are still to come; how many.

    Where a channel takes each file by itself, it is the fetching of the file that waits.
    """
    pending = await session.scalars(
        select(Message).where(Message.delivery == "pending", Message.author == "agent", Message.attempts == 0)
    )
    cut = [one for one in pending if (one.attachment or {}).get("media_group_id")]
    fetched = [one.id for one in cut if not (one.lane or "").startswith(f"{AS_ONE}:")]
    for one in cut:
        if one.id not in fetched:
            one.next_try_at = until
    await session.execute(
        update(DeskPost)
        .where(DeskPost.message_id.in_(fetched), DeskPost.kind == "fetch", DeskPost.delivery == "pending")
        .values(next_try_at=until)
    )
    return len(cut)


async def ask_for_file(
    session: AsyncSession, message: Message, *, now: datetime, not_before: datetime | None = None
) -> None:
    """Have the message's file fetched from where it lies; until then it and what follows it wait."""
    message.next_try_at = now + FETCHED_WITHIN
    await _errand(session, message, "fetch", now, due_at=not_before)


async def keep_waiting(session: AsyncSession, message_id: int, *, now: datetime) -> None:
    """The file could not be fetched yet."""
    await session.execute(
        update(Message)
        .where(Message.id == message_id, Message.delivery == "pending")
        .values(next_try_at=now + FETCHED_WITHIN)
    )


async def give_file(session: AsyncSession, message_id: int, attachment: dict[str, Any], *, kind: str) -> bool:
    """The message may leave with this file; False when it left without, or was taken back."""
    done = await session.scalar(
        update(Message)
        .where(Message.id == message_id, Message.delivery == "pending")
        .values(attachment=attachment, kind=kind, next_try_at=None)
        .returning(Message.id)
    )
    signals.notify(session, Topic.OUTBOX, Topic.CONVERSATIONS)
    return done is not None


async def give_up(session: AsyncSession, message_id: int, error: str, *, now: datetime) -> None:
    """The file is not to be had, so the message does not leave; what follows it does."""
    connection = await session.connection()
    await connection.run_sync(undelivered.lock, [message_id])
    await session.execute(
        update(Message)
        .where(Message.id == message_id, Message.delivery == "pending")
        .values(delivery="dead", error=error[:256], next_try_at=None)
    )
    await connection.run_sync(undelivered.give_turn_back, {message_id: False}, now=now)
    signals.notify(session, Topic.OUTBOX, Topic.CONVERSATIONS, Topic.TIMERS)


async def last_of(
    session: AsyncSession, conversation_id: int, agent: Agent, *, is_words: bool = False
) -> Message | None:
    """What the agent sent to the customer last and has not taken back; with `is_words`, what they wrote last: words
    below a picture tell what is to be seen, and answer nothing."""
    query = select(Message).where(
        Message.conversation_id == conversation_id,
        Message.agent_id == agent.id,
        ~Message.is_note,
        Message.deleted_at.is_(None),
    )
    if is_words:
        query = query.where(Message.kind == "text", Message.text != "")
    return await session.scalar(query.order_by(Message.id.desc()).limit(1))


async def take_back(session: AsyncSession, message: Message, by: Agent, *, now: datetime) -> bool:
    """Away from the customer's eyes; True when it has left, so that its copies are deleted as far as possible.

    Raises Conflict for what is not an agent's message to a customer, is a colleague's, or was taken back before.
    """
    if message.author != "agent" or message.is_note:
        raise Conflict("only what an agent sent to the customer can be deleted")
    if message.agent_id != by.id and by.role not in ("supervisor", "admin"):
        raise Conflict("a colleague wrote that")
    if message.deleted_at is not None:
        raise Conflict("it has been deleted already")
    message.deleted_at = now
    await session.flush()
    never_left = await session.scalar(
        update(Message)
        .where(Message.id == message.id, Message.delivery == "pending")
        .values(delivery=None, next_try_at=None)
        .returning(Message.id)
    )
    signals.notify(session, Topic.OUTBOX, Topic.CONVERSATIONS)
    conversation = await session.get_one(Conversation, message.conversation_id)
    await desk.post(session, conversation, "card", now=now)  # its last words may have been these
    if never_left is None:
        await _errand(session, message, "delete", now)
    return never_left is None


async def say_deleted(session: AsyncSession, message: Message, *, now: datetime) -> None:
    """Tell the staff that the message is gone."""
    await _errand(session, message, "deleted", now)


async def _errand(
    session: AsyncSession, message: Message, kind: str, now: datetime, *, due_at: datetime | None = None
) -> None:
    await desk_posts.add(
        session,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        kind=kind,
        message_id=message.id,
        now=now,
        due_at=due_at,
    )
