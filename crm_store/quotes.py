"""Which message another one answers: asked for by an agent, and found for who reads. Session first; nothing commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations, relaying
from crm_store.errors import InvalidValue
from crm_store.models.conversations import Message, MessageLink
from crm_store.models.staff import Agent

QUOTABLE = ("customer", "agent", "bot")
"""Whose words can be answered; a note or a line of the system's is nothing that the customer said or was told."""


def is_quotable(message: Message) -> bool:
    """Whether an agent may answer this very message."""
    return message.author in QUOTABLE and not message.is_note and message.deleted_at is None


async def reply(
    session: AsyncSession,
    conversation_id: int,
    agent: Agent,
    text: str,
    *,
    to: int | None,
    now: datetime,
    attachment: dict[str, Any] | None = None,
    kind: str = "text",
) -> Message:
    """The agent's words, as the answer to the message `to` of the conversation where one is named.

    Raises InvalidValue for what is not in the conversation, or cannot be answered.
    """
    quoted = await _quotable(session, conversation_id, to) if to is not None else None
    message = await conversations.reply(
        session, conversation_id, agent, text, now=now, attachment=attachment, kind=kind, reply_to_id=to
    )
    relaying.quote(message, quoted)
    return message


async def find_quotable(session: AsyncSession, conversation_id: int, message_id: int) -> Message | None:
    """The message, if it is part of the conversation and can be answered (still)."""
    found = await session.get(Message, message_id)
    is_here = found is not None and found.conversation_id == conversation_id
    return found if found is not None and is_here and is_quotable(found) else None


async def _quotable(session: AsyncSession, conversation_id: int, message_id: int) -> Message:
    found = await find_quotable(session, conversation_id, message_id)
    if found is None:
        told = f"message {message_id} is not in this conversation, or cannot be answered (any more)"
        raise InvalidValue(told, kind="nothing_to_quote")
    return found


async def quoted_by(session: AsyncSession, said: Sequence[Message]) -> dict[int, Message]:
    """By message of a person's, the one it answers: in at most three queries, none where all are among them."""
    here = {message.id: message for message in said}
    by_id = {m.id: m.reply_to_id for m in said if m.author == "agent" and m.reply_to_id is not None}
    places = {m.id: place for m in said if m.id not in by_id and (place := _place(m)) is not None}
    missing = {number for number in by_id.values() if number not in here}
    if missing:
        here |= {m.id: m for m in await session.scalars(select(Message).where(Message.id.in_(missing)))}
    at = {(m.lane, m.platform_id): m for m in said}
    sought = {place for place in places.values() if place not in at}
    if sought:
        at |= await _standing_at(session, sought)
    found = {number: here.get(other) for number, other in by_id.items()}
    found |= {number: at.get(place) for number, place in places.items()}
    return {number: quoted for number, quoted in found.items() if quoted is not None and quoted.id != number}


def _place(message: Message) -> tuple[str | None, str | None] | None:
    """Where the quoted message stands on the platform."""
    quotes = (message.intent or {}).get("quotes") if message.author in ("customer", "agent") else None
    return (message.lane, str(quotes)) if quotes and message.lane else None


async def _standing_at(
    session: AsyncSession, places: set[tuple[str | None, str | None]]
) -> dict[tuple[str | None, str | None], Message]:
    """The messages that stand there, in one of their parts at least."""
    own = select(Message, Message.lane, Message.platform_id).where(
        or_(*(and_(Message.lane == lane, Message.platform_id == number) for lane, number in places))
    )
    linked = select(Message, Message.lane, MessageLink.platform_id).join(
        MessageLink, MessageLink.message_id == Message.id
    )
    stands = (
        and_(
            MessageLink.channel == (lane or "").partition(":")[0],
            MessageLink.chat == (lane or "").partition(":")[2],
            MessageLink.platform_id == number,
            Message.lane == lane,
        )
        for lane, number in places
    )
    rows = [*await session.execute(linked.where(or_(*stands))), *await session.execute(own)]
    return {(lane, number): message for message, lane, number in rows}
