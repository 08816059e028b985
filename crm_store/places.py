"""Where those who wait were told that they stand, and telling them anew when that has changed.

The message that told them is changed, not followed by another: where the platform lets messages be edited, an errand
carries the new words to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.queue import IN_ORDER, IS_QUEUED

TOLD = "place"
"""The key in a message's intent under which the place it told stands."""
NO_PLACE = 0
"""Stands there while nobody was there to wait for: once people are back, its reader is told a place."""
EDITABLE = ("telegram:", "web:")
"""The lanes whose messages can be edited."""
LEAST_APART = timedelta(minutes=3)
FIRST = 60
"""So many of the first are told: for who stands behind them little has changed."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A message that tells a place its reader is no longer at."""

    message: Message
    position: int
    language: str
    team: str | None


async def stale(session: AsyncSession, *, now: datetime) -> list[Stale]:
    """Those among the first who stand elsewhere than they were told, and were not told lately; locked."""
    rows = await session.execute(
        select(Conversation.id, Conversation.language, Conversation.team)
        .where(IS_QUEUED)
        .order_by(*IN_ORDER)
        .limit(FIRST)
    )
    places = {row[0]: (n, row[1], row[2]) for n, row in enumerate(rows, start=1)}
    told = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(list(places)), Message.author == "bot")
        .where(Message.intent[TOLD].as_integer().is_not(None))
        .group_by(Message.conversation_id)
    )
    cutoff = now - LEAST_APART
    found = await session.scalars(
        select(Message)
        .where(Message.id.in_(told), or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
        .where(Message.delivery == "sent")
        .where(Message.created_at <= cutoff, or_(Message.edited_at.is_(None), Message.edited_at <= cutoff))
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    )
    return [
        Stale(message, *places[message.conversation_id])
        for message in found
        if (message.intent or {}).get(TOLD) != places[message.conversation_id][0]
    ]


async def tell(session: AsyncSession, one: Stale, text: str, *, now: datetime) -> None:
    """These words instead of those that told the old place."""
    message = one.message
    session.add(MessageEdit(message_id=message.id, old_text=message.text, edited_at=now))
    message.text, message.edited_at = text, now
    message.intent = {**(message.intent or {}), TOLD: one.position}
    await desk_posts.add(
        session,
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        kind="reword",
        message_id=message.id,
        now=now,
    )
