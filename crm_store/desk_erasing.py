"""What stands in the staff group of people who were erased: kept by number alone until it is gone there, too."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, signals
from crm_store.models.conversations import Message, MessageLink
from crm_store.models.plumbing import DeskTopic, KeyValue
from crm_store.signals import Topic

_KEY = "desk_erased:"
_ONLY_NUMBERS = re.compile(r"[-0-9\[\], \"]*(null)?[-0-9\[\], \"]*")


@dataclass(frozen=True, slots=True)
class Left:
    """A topic, and what stands in it (or in a group without topics): the card and what was copied there."""

    key: str
    thread: str | None
    posts: tuple[str, ...]


async def leave(session: AsyncSession, persons: Collection[int]) -> None:
    """Remember where these people stand in the staff's chats, before nothing leads there any more."""
    topics = await session.scalars(select(DeskTopic).where(DeskTopic.customer_id.in_(persons)))
    for topic in list(topics):
        posts = [topic.card_platform_id] if topic.card_platform_id else []
        copies = (
            select(MessageLink.platform_id)
            .join(Message, Message.id == MessageLink.message_id)
            .where(Message.customer_id == topic.customer_id, MessageLink.chat == topic.chat)
        )
        posts += [one for one in await session.scalars(copies) if one not in posts]
        value = json.dumps([topic.chat, topic.thread, posts])
        if not _ONLY_NUMBERS.fullmatch(value):  # no platform's: it could be anything
            continue
        await key_values.keep(session, f"{_KEY}{topic.id}", value)
    signals.notify(session, Topic.DESK)


async def first(session: AsyncSession, chat: str) -> Left | None:
    """What is to go next from this chat."""
    rows = select(KeyValue.key, KeyValue.value).where(KeyValue.key.startswith(_KEY)).order_by(KeyValue.key)
    for key, value in await session.execute(rows):
        where, thread, posts = json.loads(value)
        if where == chat:
            return Left(key, thread, tuple(posts))
    return None


async def gone(session: AsyncSession, left: Left) -> None:
    """It stands there no more, or can not be taken away."""
    await key_values.forget(session, left.key)
