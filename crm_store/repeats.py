"""A request of staff's that leads to a message: asked for again, it leads to the same one and nothing is said anew.

Its sender names it. The name is unique in the store, so that a repeat may come to another process, or while the first
is still being done. Session first; nothing here commits.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import Conflict, InvalidValue
from crm_store.models.conversations import Message, MessageRequest
from crm_store.upserts import insert_into


@dataclass(frozen=True, slots=True)
class Asked:
    """A request by the name that its sender gave it, and what it asks for."""

    name: str
    digest: str


def asked(name: str, what: Sequence[object]) -> Asked:
    """A request that asks for this."""
    return Asked(name, hashlib.sha256(repr(tuple(what)).encode()).hexdigest())


async def led_to(session: AsyncSession, agent_id: int, request: Asked, *, now: datetime) -> Message | None:
    """The message that the request led to before; None the first time, from which on its name is taken.

    Where the same request is just being done, its end is waited for. Raises InvalidValue for a name that another
    request had.
    """
    named = {"agent_id": agent_id, "name": request.name}
    taken = insert_into(session, MessageRequest).values(**named, digest=request.digest, asked_at=now)
    if await session.scalar(taken.on_conflict_do_nothing().returning(MessageRequest.id)) is not None:
        return None
    known = await session.scalar(select(MessageRequest).filter_by(**named))
    if known is None or known.message_id is None:
        raise Conflict("what this request led to was taken back at this moment; ask once more", kind="again")
    if known.digest != request.digest:
        raise InvalidValue(
            "this Idempotency-Key was used for something else; make a new one for each message",
            kind="other_request",
        )
    return await session.get_one(Message, known.message_id)


async def note(session: AsyncSession, agent_id: int, request: Asked, message: Message) -> None:
    """Keep what the request led to, in the transaction in which it did; it is forgotten with the message."""
    mine = (MessageRequest.agent_id == agent_id, MessageRequest.name == request.name)
    await session.execute(update(MessageRequest).where(*mine).values(message_id=message.id))
