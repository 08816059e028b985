"""What a visitor of the web chat may see: whose secret this is, and what was said at one address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import customer_links, customers, installation, outbox
from crm_store.models.conversations import Message
from crm_store.models.customers import Identity
from crm_store.outbox import Claimed

SHOWN_AT_LEAST = 50
SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a transcript; notes are never among them."""

    message: Claimed
    platform_id: str | None
    """The channel's own id of a customer's message."""
    is_settled: bool
    """One of its buttons had its effect."""
    is_edited: bool = False
    is_deleted: bool = False
    """It was taken back: whoever has it on the screen is to lose it."""


async def find_address(session: AsyncSession, channel: str, secret_hash: str) -> str | None:
    """The address that this secret opens, or None."""
    query = select(Identity.address).where(Identity.channel == channel, Identity.secret_hash == secret_hash)
    address: str | None = await session.scalar(query)
    return address


async def telegram_url(session: AsyncSession, channel: str, address: str, *, now: datetime) -> str | None:
    """Where the visitor goes on in Telegram, by a new link; None while no bot is connected.

    Who has not said anything yet is nobody's customer, and is only shown the bot.
    """
    bot_name = await installation.bot_name(session)
    if bot_name is None:
        return None
    customer = await customers.find_by_identity(session, channel, address)
    if customer is None:
        return customer_links.telegram_url(bot_name)
    made = await customer_links.create(session, customer.id, now=now, created_by="visitor")
    return customer_links.telegram_url(bot_name, made.token)


async def transcript(session: AsyncSession, lane: str, *, after_id: int = 0) -> list[Line]:
    """What was said at this address, oldest first: the newest lines, and all after `after_id` up to a limit.

    Some lines before `after_id` come again on purpose: on PostgreSQL a message with a smaller id may have become
    visible after one with a greater, and who reads from an id on would miss it. Who has lines already is also told
    which of the newest were taken back.
    """
    is_shown = (Message.lane == lane) & Message.is_note.is_(False)
    if not after_id:
        is_shown &= Message.deleted_at.is_(None)
    said = select(Message.id).where(is_shown)
    newest = (await session.scalars(said.order_by(Message.id.desc()).limit(SHOWN_AT_LEAST))).all()
    if not newest:
        return []
    first = min(newest[-1], after_id + 1) if after_id else newest[-1]
    query = select(Message.id).where(is_shown, Message.id >= first).order_by(Message.id.desc())
    return await lines(session, (await session.scalars(query.limit(SHOWN_AT_MOST))).all())


async def lines(session: AsyncSession, ids: Sequence[int]) -> list[Line]:
    """These messages, oldest first, as they are now."""
    m = Message
    query = select(m.id, m.platform_id, m.settled_at, m.edited_at, m.deleted_at).where(m.id.in_(ids))
    rows = {row.id: row for row in await session.execute(query)}
    made = []
    for message in await outbox.load(session, list(rows)):
        row = rows[message.id]
        is_edited, is_deleted = row.edited_at is not None, row.deleted_at is not None
        made.append(Line(message, row.platform_id, row.settled_at is not None, is_edited, is_deleted))
    return made


async def has_file(session: AsyncSession, lane: str, file: str) -> bool:
    """Whether a message at this address brought the file, and was not taken back."""
    query = select(Message.attachment).where(Message.lane == lane, Message.deleted_at.is_(None))
    return _names(await session.scalars(query.where(Message.attachment.is_not(None))), file)


def _names(attachments: Iterable[dict[str, Any] | None], file: str) -> bool:
    return any((attachment or {}).get("file") == file for attachment in attachments)


async def is_taken_back(session: AsyncSession, lane: str, file: str) -> bool:
    """Whether the message that brought this file was taken back."""
    query = select(Message.attachment).where(Message.lane == lane, Message.deleted_at.is_not(None))
    return _names(await session.scalars(query), file)
