"""The outgoing messages, lane by lane. A message row is the outbox; its `delivery` says how far it is.

A claim is committed before the platform is called, so that after a crash nobody is in doubt about what may have
been sent: what was 'sending' is ambiguous. An ambiguous answer is sent once more, one that must not come twice
(a rating request, a broadcast) never.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity

LEASE = timedelta(seconds=90)
"""After this a claim whose process went silent is looked at again."""
MAX_ATTEMPTS = 12
_MESSAGE: Any = Message.__table__


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to send now."""

    id: int
    conversation_id: int
    customer_id: int
    lane: str
    author: str
    kind: str
    text: str
    intent: dict[str, Any] | None
    attachment: dict[str, Any] | None
    reply_to_id: int | None
    language: str
    attempts: int
    created_at: datetime

    @property
    def channel(self) -> str:
        """The channel's name, the lane's first half."""
        return self.lane.split(":", 1)[0]

    @property
    def address(self) -> str:
        """The customer's address on that channel."""
        return self.lane.split(":", 1)[1]

    @property
    def at_most_once(self) -> bool:
        """Better never than twice."""
        return bool(self.intent and self.intent.get("once"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the platform took."""

    id: int
    platform_id: str | None
    text: str | None = None
    """The words as they were sent, where the row held only their meaning."""


async def claim(
    session: AsyncSession, channels: Collection[str], *, now: datetime, limit: int = 256
) -> list[Claimed]:
    """The first unsent message of each lane that is due, marked 'sending'; never two of one lane."""
    earlier = aliased(Message)
    blocked = exists().where(
        earlier.lane == Message.lane, earlier.id < Message.id, earlier.delivery.in_(("pending", "sending"))
    )
    wanted = or_(*(Message.lane.startswith(f"{name}:", autoescape=True) for name in channels))
    due = (
        select(Message.id)
        .where(Message.delivery == "pending", wanted, ~blocked)
        .where(or_(Message.next_try_at.is_(None), Message.next_try_at <= now))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(await session.scalars(due))
    if not ids:
        return []
    await session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(delivery="sending", next_try_at=now + LEASE, attempts=Message.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return await load(session, ids)


async def has_due(session: AsyncSession, *, now: datetime) -> bool:
    """Whether a claim would find anything: a cheap look that takes no write lock."""
    query = (
        select(Message.id)
        .where(Message.delivery == "pending", or_(Message.next_try_at.is_(None), Message.next_try_at <= now))
        .limit(1)
    )
    return await session.scalar(query) is not None


async def has_unsent(session: AsyncSession, lane: str) -> bool:
    """Whether anything in this lane is still on its way."""
    unsent = exists().where(Message.lane == lane, Message.delivery.in_(("pending", "sending")))
    return bool(await session.scalar(select(unsent)))


async def load(session: AsyncSession, ids: Sequence[int]) -> list[Claimed]:
    """These messages as delivery needs them, in the order of their ids."""
    m = _MESSAGE.c
    rows = await session.execute(
        select(
            m.id,
            m.conversation_id,
            m.customer_id,
            m.lane,
            m.author,
            m.kind,
            m.text,
            m.intent,
            m.attachment,
            m.reply_to_id,
            Conversation.language,
            m.attempts,
            m.created_at,
        )
        .join(Conversation, Conversation.id == m.conversation_id)
        .where(m.id.in_(ids))
        .order_by(m.id)
    )
    return [Claimed(*tuple(row)) for row in rows]


async def mark_sent(session: AsyncSession, sent: Sequence[Sent], *, now: datetime) -> None:
    """The platform has these."""
    values: list[dict[str, Any]] = [{"b_id": s.id, "b_platform": s.platform_id} for s in sent]
    statement = (
        update(_MESSAGE)
        .where(_MESSAGE.c.id == bindparam("b_id"))
        .values(
            delivery="sent", sent_at=now, next_try_at=None, platform_id=bindparam("b_platform"), error=None
        )
    )
    connection = await session.connection()
    await connection.execute(statement, values)
    worded = [{"b_id": s.id, "b_text": s.text} for s in sent if s.text is not None]
    if worded:
        reworded = update(_MESSAGE).where(_MESSAGE.c.id == bindparam("b_id")).values(text=bindparam("b_text"))
        await connection.execute(reworded, worded)


async def mark_failed(
    session: AsyncSession, message_id: int, *, state: str, error: str, retry_at: datetime | None = None
) -> None:
    """`state` is 'pending' (again at `retry_at`), 'ambiguous' or 'dead'."""
    await session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(delivery=state, error=error[:256], next_try_at=retry_at)
        .execution_options(synchronize_session=False)
    )


async def recover(session: AsyncSession, *, now: datetime, everything: bool) -> int:
    """Settle claims nobody finished: all of them at the start of the only server, else those past their lease."""
    query = select(Message.id, Message.intent, Message.attempts).where(Message.delivery == "sending")
    if not everything:
        query = query.where(Message.next_try_at <= now)
    rows = (await session.execute(query.with_for_update(skip_locked=True))).all()
    for message_id, intent, _attempts in rows:
        once = bool(intent and intent.get("once"))
        again = not once
        await mark_failed(
            session,
            message_id,
            state="pending" if again else "ambiguous",
            error="the sending was interrupted; it may have arrived",
            retry_at=now if again else None,
        )
    return len(rows)


async def next_due_at(session: AsyncSession) -> datetime | None:
    """When the next postponed message may go, or None."""
    query = select(func.min(Message.next_try_at)).where(Message.delivery == "pending")
    return await session.scalar(query)


async def mark_unreachable(
    session: AsyncSession, channel: str, address: str, reachable: bool = False
) -> None:
    """The customer blocked us (or, with `reachable`, came back)."""
    await session.execute(
        update(Identity)
        .where(Identity.channel == channel, Identity.address == address)
        .values(is_reachable=reachable)
        .execution_options(synchronize_session=False)
    )
