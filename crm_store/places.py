"""Where those who wait were told that they stand, and telling them anew when that has changed.

The message that told them is changed, not followed by another: where the platform lets messages be edited, an errand
carries the new words to it. The nearer the front, the sooner it is told anew; and no look sends more than the
platforms take beside everything else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts
from crm_store.coming_back import NO_PLACE as NO_PLACE
from crm_store.coming_back import TOLD as TOLD
from crm_store.hours_settings import HoursSettings
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.queue import IN_ORDER, IS_QUEUED

EDITABLE = ("telegram:", "web:")
"""The lanes whose messages can be edited."""
BANDS = ((60, timedelta(minutes=3)), (300, timedelta(minutes=15)), (None, timedelta(hours=1)))
"""Up to which place how long it stays as it was told, at least: far behind, a few places more or less mean little."""
AT_ONCE = 120
"""So many are told in one look, those in front first: of Telegram's 30 messages a second two, a look a minute."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A message that tells a place its reader is no longer at."""

    message: Message
    position: int
    language: str
    team: str | None


async def stale(
    session: AsyncSession, *, now: datetime, settings: HoursSettings, limit: int = AT_ONCE
) -> list[Stale]:
    """Those who stand elsewhere than they were told, not told lately, and whose people are there; locked."""
    rows = await session.execute(_to_tell(now, settings).limit(limit))
    found = {row[0]: row[1:] for row in rows}
    messages = await session.scalars(
        select(Message)
        .where(Message.id.in_(list(found)))
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    )
    told = [Stale(message, *found[message.id]) for message in messages]
    return sorted(told, key=lambda one: one.position)


def _to_tell(now: datetime, settings: HoursSettings) -> Any:
    """The message, place, language and team of each, those in front first."""
    position = func.row_number().over(order_by=IN_ORDER).label("position")
    placed = (
        select(Conversation.id, position, Conversation.language, Conversation.team)
        .where(IS_QUEUED)
        .subquery("placed")
    )
    said = Message.intent[TOLD].as_integer()
    last = (
        select(func.max(Message.id))
        .join(placed, placed.c.id == Message.conversation_id)
        .where(Message.author.in_(("bot", "system")), said.is_not(None))
        .group_by(Message.conversation_id)
    )
    return (
        select(Message.id, placed.c.position, placed.c.language, placed.c.team)
        .join(placed, placed.c.id == Message.conversation_id)
        .where(Message.id.in_(last), said != placed.c.position, Message.delivery == "sent")
        .where(or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
        .where(_is_there(placed.c.team, now, settings))
        .where(or_(said == NO_PLACE, *_not_lately(placed.c.position, now)))
        .order_by(placed.c.position)
    )


def _not_lately(position: ColumnElement[int], now: datetime) -> list[ColumnElement[bool]]:
    told_at = func.coalesce(Message.edited_at, Message.created_at)
    after, found = 0, []
    for upto, apart in BANDS:
        within = [position > after] if upto is None else [position > after, position <= upto]
        found.append(and_(*within, told_at <= now - apart))
        after = upto or after
    return found


def _is_there(team: ColumnElement[str | None], now: datetime, settings: HoursSettings) -> ColumnElement[bool]:
    """Whether the people of the conversation's team are."""
    apart = settings.teams_apart
    at_work = [name for name in apart if settings.hours_of(name).is_open(now)]
    if not settings.hours.is_open(now):
        return team.in_(at_work)
    away = [name for name in apart if name not in at_work]
    return or_(team.is_(None), team.not_in(away))


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
