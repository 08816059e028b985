"""What a request of staff's was answered: asked for again by its name, it gets the same and nothing is done anew.

Its sender names it. The name is unique in the store and taken in the transaction that does what is asked, so that a
repeat may come to another process, or while the first is still being done. Session first; nothing here commits.
(A request that leads to a message is kept with its message: repeats.py.)
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.plumbing import KeptAnswer
from crm_store.repeats import Asked
from crm_store.upserts import insert_into

DONE: Final = 0
"""The status of what was answered with something that is not kept, or is kept no more."""


class AskedBefore(Exception):
    """The request's name is taken: it was asked before, maybe a moment ago. No refusal: it has its answer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request by the name that its sender gave it; `sender` is agent:ID (who signed in) or key:ID."""

    sender: str
    asked: Asked


async def claim(session: AsyncSession, wish: Wish, *, now: datetime) -> None:
    """Take the name; raises AskedBefore. Where the same request is just being done, its end is waited for."""
    named = {"sender": wish.sender, "name": wish.asked.name}
    taken = insert_into(session, KeptAnswer).values(**named, digest=wish.asked.digest, asked_at=now)
    if await session.scalar(taken.on_conflict_do_nothing().returning(KeptAnswer.id)) is None:
        raise AskedBefore


async def find(session: AsyncSession, wish: Wish) -> KeptAnswer | None:
    """What is kept of the request; None while its name is free."""
    mine = select(KeptAnswer).filter_by(sender=wish.sender, name=wish.asked.name)
    found: KeptAnswer | None = await session.scalar(mine)
    return found


async def keep(
    session: AsyncSession, wish: Wish, *, status: int, headers: dict[str, str], body: str | None
) -> None:
    """Remember what the request was answered, unless answers were emptied while it was."""
    answer = {"status": status, "headers": headers, "body": body}
    await session.execute(update(KeptAnswer).where(*_of(wish), KeptAnswer.status.is_(None)).values(answer))


async def forget(session: AsyncSession, wish: Wish) -> None:
    """Give the name back: the request was refused after all, and may be tried anew."""
    await session.execute(delete(KeptAnswer).where(*_of(wish)))


async def empty(session: AsyncSession, *, before: datetime | None = None, but: Wish | None = None) -> None:
    """Leave out what all answers said, or those to what was asked before then: any may name a person who goes.

    Of what is being done now, too, but for a request that itself has somebody go: its answer names nobody.
    """
    emptied = update(KeptAnswer).where(KeptAnswer.status.is_distinct_from(DONE))
    if before is not None:
        emptied = emptied.where(KeptAnswer.asked_at < before)
    if but is not None:
        emptied = emptied.where(not_(and_(*_of(but))))
    await session.execute(emptied.values(status=DONE, headers=None, body=None))


def _of(wish: Wish) -> tuple[Any, ...]:
    return KeptAnswer.sender == wish.sender, KeptAnswer.name == wish.asked.name
