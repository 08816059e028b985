"""What was said in a conversation as the staff's chats show it, and what of it they have not been shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts
from crm_store.desk_load import IS_UNSENT
from crm_store.desk_posts import WITH_STAFF
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message, MessageLink
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.models.staff import Agent

HISTORY_LENGTH = 60
HISTORY = "history"
"""The kind of a post that tells what was said before, up to its message: below the card, or in it."""
RETELL = "retell"
"""The kind of a post that tells in a new topic what was said so far: it is noted with the topic's card."""
_IS_SHOWN = or_(
    exists().where(DeskPost.message_id == Message.id, DeskPost.kind == "message"),
    exists().where(MessageLink.message_id == Message.id, MessageLink.side == "desk"),
)
"""The message has a post of its own, or stands there because an agent wrote it there."""
_IN_PRESENT_CARD = exists().where(
    DeskTopic.customer_id == DeskPost.customer_id,
    DeskTopic.chat == DeskPost.text,
    DeskTopic.card_platform_id == DeskPost.platform_id,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the staff read it."""

    message_id: int
    author: str
    agent: str | None
    is_note: bool
    kind: str
    text: str
    intent: dict[str, Any] | None
    attachment: dict[str, Any] | None
    created_at: datetime
    lane: str | None
    platform_id: str | None
    reply_to_id: int | None
    delivery: str | None
    deleted_at: datetime | None

    @property
    def is_deleted(self) -> bool:
        """It was taken back."""
        return self.deleted_at is not None


async def select_lines(session: AsyncSession, *conditions: ColumnElement[bool], limit: int) -> list[Line]:
    """The last `limit` messages that all conditions hold of, the oldest first."""
    m = Message
    query = (
        select(
            m.id,
            m.author,
            Agent.name,
            m.is_note,
            m.kind,
            m.text,
            m.intent,
            m.attachment,
            m.created_at,
            m.lane,
            m.platform_id,
            m.reply_to_id,
            m.delivery,
            m.deleted_at,
        )
        .outerjoin(Agent, Agent.id == m.agent_id)
        .where(*conditions)
        .order_by(m.id.desc())
        .limit(limit)
    )
    return [Line(*row) for row in reversed((await session.execute(query)).all())]


async def line(session: AsyncSession, message_id: int) -> Line | None:
    """One message, None when it was erased."""
    found = await select_lines(session, Message.id == message_id, limit=1)
    return found[0] if found else None


async def lines(session: AsyncSession, conversation_id: int) -> list[Line]:
    """What was said in the conversation, the last HISTORY_LENGTH messages."""
    return await select_lines(session, Message.conversation_id == conversation_id, limit=HISTORY_LENGTH)


async def unseen(session: AsyncSession, conversation_id: int) -> list[Line]:
    """What the staff group has not been shown of the conversation, as far as the customer wrote any of it."""
    # Of what moved in from another conversation (`joining`), what stands in the customer's card is shown there.
    is_shown_here = or_(DeskPost.conversation_id == conversation_id, _IN_PRESENT_CARD)
    shown_up_to = await session.scalar(
        select(func.max(Message.id))
        .join(DeskPost, DeskPost.message_id == Message.id)
        .where(Message.conversation_id == conversation_id, DeskPost.kind == HISTORY, is_shown_here)
    )
    lines = await select_lines(
        session,
        Message.conversation_id == conversation_id,
        Message.id > (shown_up_to or 0),
        ~_IS_SHOWN,
        limit=HISTORY_LENGTH,
    )
    # A pressed button alone ("Talk to a person", stars) tells nothing that the card does not.
    has_words = any(found.author == "customer" and found.kind != "button" for found in lines)
    return lines if has_words else []


async def shown_before(session: AsyncSession, conversation_id: int) -> list[Line]:
    """What was said so far, for a topic that replaces another, or a card in the plain group: without what is about to
    be posted there anyway. What is only to be edited is told as it reads now: its copy may stand outside the topic."""
    p = DeskPost
    due = await session.execute(
        select(p.kind, p.message_id, Conversation.status)
        .join(Conversation, Conversation.id == p.conversation_id)
        .where(IS_UNSENT, p.conversation_id == conversation_id, p.kind.in_(("card", "message")))
    )
    coming: set[int | None] = set()
    for kind, message_id, status in due.all():
        if kind != "card":
            coming.add(message_id)
        elif status in WITH_STAFF:  # a card that is due brings what the group has not seen yet
            coming |= {line.message_id for line in await unseen(session, conversation_id)}
    return [line for line in await lines(session, conversation_id) if line.message_id not in coming]


async def owe_history(
    session: AsyncSession, conversation_id: int, customer_id: int, *, now: datetime
) -> None:
    """What was said so far is to be told where the customer stands now."""
    await desk_posts.add(
        session, conversation_id=conversation_id, customer_id=customer_id, kind=RETELL, now=now
    )


async def is_history_owed(session: AsyncSession, customer_id: int) -> bool:
    """Whether that is still to be told."""
    return await session.scalar(select(DeskPost.id).where(*_owed(customer_id)).limit(1)) is not None


async def pay_history(session: AsyncSession, customer_id: int) -> None:
    """It was told, or there is nothing to tell."""
    await session.execute(
        update(DeskPost)
        .where(*_owed(customer_id))
        .values(delivery="sent", next_try_at=None, error=None)
        .execution_options(synchronize_session=False)
    )


def _owed(customer_id: int) -> tuple[ColumnElement[bool], ...]:
    return IS_UNSENT, DeskPost.customer_id == customer_id, DeskPost.kind == RETELL


async def was_shown(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the staff's chats have been shown anything that was said in the conversation."""
    of_it = Message.conversation_id == conversation_id
    told = exists().where(DeskPost.message_id == Message.id, DeskPost.kind == HISTORY)
    copied = exists().where(MessageLink.message_id == Message.id, MessageLink.side == "desk")
    return await session.scalar(select(Message.id).where(of_it, told | copied).limit(1)) is not None


async def in_card(
    session: AsyncSession, customer_id: int, *, chat: str, card: str, conversation_id: int | None = None
) -> list[Line]:
    """The earlier words that stand in this card of the customer's, as they read now.

    Drawn for a conversation it tells what belongs to that one, or to another that is not over, and nothing of earlier
    matters. Wherever the words were told, they belong to where a merge took them.
    """
    query = (
        select(Message.conversation_id, func.max(Message.id))
        .join(DeskPost, DeskPost.message_id == Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(DeskPost.customer_id == customer_id, *_told_in(chat, card))
        .group_by(Message.conversation_id)
    )
    if conversation_id is not None:
        query = query.where(
            (Message.conversation_id == conversation_id) | (Conversation.status != Status.RESOLVED)
        )
    told = (await session.execute(query)).all()
    if not told:
        return []
    earlier = or_(*((Message.conversation_id == number) & (Message.id <= last) for number, last in told))
    return await select_lines(session, earlier, ~_IS_SHOWN, limit=HISTORY_LENGTH)


async def tell_in_card(
    session: AsyncSession,
    conversation_id: int,
    customer_id: int,
    *,
    chat: str,
    card: str,
    up_to: int,
    now: datetime,
) -> None:
    """What was said before, up to this message, stands in the card: it is part of it whenever that is drawn."""
    await desk_posts.add(
        session,
        conversation_id=conversation_id,
        customer_id=customer_id,
        kind=HISTORY,
        message_id=up_to,
        text=chat,
        platform_id=card,
        now=now,
    )


async def move_to_card(session: AsyncSession, customer_id: int, *, chat: str, old: str, card: str) -> None:
    """The card is another message from now on."""
    await session.execute(
        update(DeskPost)
        .where(DeskPost.customer_id == customer_id, *_told_in(chat, old))
        .values(platform_id=card)
        .execution_options(synchronize_session=False)
    )


def _told_in(chat: str, card: str) -> tuple[ColumnElement[bool], ...]:
    return DeskPost.kind == HISTORY, DeskPost.text == chat, DeskPost.platform_id == card
