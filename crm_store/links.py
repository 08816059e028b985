"""Where else a message stands: its copies on the customer's side and in the staff group, found by their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import Conversation, Message, MessageLink

CARD = "card"
"""The side of a link to a card that was the customer's until another took its place. It shows none of their messages,
and is linked with one because it goes where the customer's messages go."""
NOTICE = "notice"
"""The same of what the staff were told of the customer: it may be answered as their card may."""
_NO_COPIES = (CARD, NOTICE)


@dataclass(frozen=True, slots=True)
class Settled:
    """One of our messages whose buttons have had their effect."""

    id: int
    lane: str | None
    intent: dict[str, Any] | None
    language: str


async def settled(session: AsyncSession, message_ids: Sequence[int]) -> list[Settled]:
    """Those of these messages of ours whose buttons are used up."""
    rows = await session.execute(
        select(Message.id, Message.lane, Message.intent, Conversation.language)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_(message_ids), Message.settled_at.is_not(None), Message.author != "customer")
    )
    return [Settled(*row) for row in rows]


async def link(
    session: AsyncSession, message_id: int, *, side: str, channel: str, chat: str, platform_id: str
) -> None:
    """Remember a copy of the message; `side` is 'customer', 'desk', 'history', CARD or NOTICE."""
    session.add(
        MessageLink(message_id=message_id, side=side, channel=channel, chat=chat, platform_id=platform_id)
    )
    await session.flush()


async def find_message(session: AsyncSession, *, channel: str, chat: str, platform_id: str) -> Message | None:
    """The message of which a copy stands there."""
    return await session.scalar(
        select(Message)
        .join(MessageLink, MessageLink.message_id == Message.id)
        .where(
            MessageLink.channel == channel, MessageLink.chat == chat, MessageLink.platform_id == platform_id
        )
        .where(MessageLink.side.not_in(_NO_COPIES))
    )


async def find_at(session: AsyncSession, lane: str, platform_id: str) -> Message | None:
    """The message that stands there in a customer's own chat, in one of its parts at least."""
    found: Message | None = await session.scalar(
        select(Message).where(Message.lane == lane, Message.platform_id == platform_id).limit(1)
    )
    if found is not None:
        return found
    channel, _, chat = lane.partition(":")
    return await find_message(session, channel=channel, chat=chat, platform_id=platform_id)


async def newest_copy(session: AsyncSession, message_id: int, *, chat: str) -> str | None:
    """Where in that chat the message is shown, alone or together with others."""
    query = (
        select(MessageLink.platform_id)
        .where(MessageLink.message_id == message_id, MessageLink.chat == chat)
        .where(MessageLink.side.not_in(_NO_COPIES))
        .order_by(MessageLink.id.desc())
        .limit(1)
    )
    found: str | None = await session.scalar(query)
    return found


async def copies(session: AsyncSession, message_id: int, *, side: str, chat: str) -> list[str]:
    """The platform's ids of the message's copies in that chat."""
    query = (
        select(MessageLink.platform_id)
        .where(MessageLink.message_id == message_id, MessageLink.side == side, MessageLink.chat == chat)
        .order_by(MessageLink.id)
    )
    return list(await session.scalars(query))


async def link_card(session: AsyncSession, customer_id: int, *, channel: str, chat: str, card: str) -> None:
    """Remember that this was the customer's card, as it may still be answered."""
    if await customer_of_card(session, channel=channel, chat=chat, card=card) is None:
        await _link_newest(session, customer_id, side=CARD, channel=channel, chat=chat, platform_id=card)


async def link_notice(
    session: AsyncSession, customer_id: int, *, channel: str, chat: str, notice: str
) -> None:
    """Remember whom the staff were told of there."""
    await _link_newest(session, customer_id, side=NOTICE, channel=channel, chat=chat, platform_id=notice)


async def _link_newest(session: AsyncSession, customer_id: int, **place: str) -> None:
    """Link what is the customer's with their newest message."""
    newest = select(Message.id).where(Message.customer_id == customer_id).order_by(Message.id.desc()).limit(1)
    message_id = await session.scalar(newest)
    if message_id is not None:
        await link(session, message_id, **place)


async def customer_of_card(session: AsyncSession, *, channel: str, chat: str, card: str) -> int | None:
    """Whose card this was, or of whom it tells, by the record they live in now."""
    query = (
        select(Message.customer_id)
        .join(MessageLink, MessageLink.message_id == Message.id)
        .where(MessageLink.channel == channel, MessageLink.chat == chat, MessageLink.platform_id == card)
        .where(MessageLink.side.in_(_NO_COPIES))
    )
    found: int | None = await session.scalar(query)
    return found


async def cards_of(session: AsyncSession, customer_id: int, *, chat: str) -> list[str]:
    """The cards the customer had in this chat, the oldest first."""
    query = (
        select(MessageLink.platform_id)
        .join(Message, Message.id == MessageLink.message_id)
        .where(Message.customer_id == customer_id, MessageLink.chat == chat, MessageLink.side == CARD)
        .order_by(MessageLink.id)
    )
    return list(await session.scalars(query))
