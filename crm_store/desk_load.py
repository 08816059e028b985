"""How several staff chats share the customers, and what waits for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskPost, DeskTopic, KeyValue
from crm_store.models.staff import Agent

_SPENT = "staff_group_spent:"
IS_UNSENT = DeskPost.delivery.in_((literal_column("'pending'"), literal_column("'sending'")))
"""Said beside every other condition: only in these very words does SQLite see that the index of what is unsent will do,
and does not read all that was ever posted, each second."""


def served_by(
    chat: str, chats: Sequence[str], customer_id: Any = DeskPost.customer_id
) -> ColumnElement[bool]:
    """Whether a post (joined with its conversation), or this customer of a conversation, is this chat's among `chats`.

    A customer stays where their first topic is; new ones are dealt out in turn. Who is served by an agent whose
    private chat is among them is served there.
    """
    topic = aliased(DeskTopic)
    first = (
        select(topic.chat)
        .where(topic.customer_id == customer_id, topic.chat.in_(chats))
        .order_by(topic.id)
        .limit(1)
        .scalar_subquery()
    )
    dealt = customer_id % len(chats) == list(chats).index(chat)
    home = case((first.is_not(None), first == chat), else_=dealt)
    private = [one for one in chats if not one.startswith("-")]
    if not private:
        return home
    holder = (
        select(cast(Agent.telegram_user_id, String))
        .where(Agent.id == Conversation.agent_id)
        .scalar_subquery()
    )
    return case((holder.in_(private), holder == chat), else_=home)


async def note_spent(session: AsyncSession, chat: str, moments: Sequence[datetime]) -> None:
    """Keep when the last messages went into this chat: its budget of a minute outlives the process that posts."""
    value = " ".join(f"{moment.timestamp():.3f}" for moment in moments)
    row = await session.get(KeyValue, _SPENT + chat)
    if row is None:
        session.add(KeyValue(key=_SPENT + chat, value=value))
    else:
        row.value = value


async def spent(session: AsyncSession, chat: str) -> list[datetime]:
    """When the last messages went into this chat, as far as they were noted."""
    row = await session.get(KeyValue, _SPENT + chat)
    return [datetime.fromtimestamp(float(part), UTC) for part in row.value.split()] if row else []


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be posted about one customer."""

    customer_id: int
    name: str | None
    status: str
    messages: int
    last_words: str | None
    thread: str | None
    """Their topic, where they have one."""
    files: int = 0
    """How many of the messages are not words alone."""
    last_kind: str | None = None
    """Of the last message: 'text', 'photo', ..."""
    last_attachment: dict[str, Any] | None = None


async def backlog(
    session: AsyncSession, *, chat: str, chats: Sequence[str], now: datetime, limit: int
) -> list[Backlog]:
    """Customers of this chat about whom something new is due, who has waited longest first."""
    found = _due(chat, chats, now, limit).subquery()
    c = Conversation
    query = (
        select(
            found.c.customer_id,
            Customer.name,
            c.status,
            found.c.messages,
            Message.text,
            found.c.thread,
            found.c.files,
            Message.kind,
            Message.attachment,
        )
        .join(Customer, Customer.id == found.c.customer_id)
        .join(c, c.id == found.c.conversation_id)
        .outerjoin(Message, Message.id == found.c.last)
        .order_by(found.c.first)
    )
    return [Backlog(*row) for row in await session.execute(query)]


def _due(chat: str, chats: Sequence[str], now: datetime, limit: int) -> Select[Any]:
    """Customers with the number of their messages, the last and the first post, their topic."""
    p, c = DeskPost, Conversation
    due = p.next_try_at.is_(None) | (p.next_try_at <= now)
    is_file = (p.kind == "message") & (Message.kind != "text")
    own = served_by(chat, chats) if len(chats) > 1 else p.id == p.id
    topic = (
        select(DeskTopic.thread)
        .where(DeskTopic.customer_id == p.customer_id, DeskTopic.chat == chat)
        .scalar_subquery()
    )
    return (
        select(
            p.customer_id,
            func.max(p.conversation_id).label("conversation_id"),
            func.count(p.message_id).label("messages"),
            func.max(p.message_id).label("last"),
            func.min(p.id).label("first"),
            topic.label("thread"),
            func.count(case((is_file, p.id))).label("files"),
        )
        .join(c, c.id == p.conversation_id)
        .outerjoin(Message, Message.id == p.message_id)
        .where(
            IS_UNSENT,
            p.delivery == "pending",
            p.kind.in_(("message", "card", "edit", "unanswered")),
            due,
            own,
        )
        .where((p.kind != "card") | (c.status == "queued"))
        .group_by(p.customer_id)
        .order_by(func.min(p.id))
        .limit(limit)
    )
