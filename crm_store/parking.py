"""Updates that could not be handled: set aside with their error, shown, and handled again or dismissed.

A replay is handed in under a number of its own ("7" becomes "7~1"), so that its effects and the note that it was
seen are committed together like any other update's: a crash between two steps of a replay repeats a no-op.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import NotFound
from crm_store.models.plumbing import ParkedUpdate, SeenUpdate
from crm_store.signals import Topic, notify
from crm_store.storable import storable, storable_json

MAX_ERROR = 512
MAX_UPDATE_ID = 64
MAX_AT_ONCE = 100


def is_open() -> ColumnElement[bool]:
    """Neither replayed nor dismissed."""
    return and_(ParkedUpdate.replayed_at.is_(None), ParkedUpdate.dismissed_at.is_(None))


async def park(
    session: AsyncSession, *, source: str, update_id: str, body: dict[str, Any], error: str, now: datetime
) -> None:
    """Keep the update and count it as seen, so that the platform stops repeating it. Of a database's error the
    statement is left out: who reads it wants to know what went wrong."""
    known = await session.get(SeenUpdate, (source, update_id))
    if known is not None:
        return
    session.add(SeenUpdate(source=source, update_id=update_id, seen_at=now))
    kept, why = storable_json(body), storable(error.partition("\n[SQL: ")[0])[:MAX_ERROR]
    session.add(ParkedUpdate(source=source, update_id=update_id, body=kept, error=why, parked_at=now))


async def page(session: AsyncSession, *, before_id: int | None = None, limit: int = 50) -> list[ParkedUpdate]:
    """The open ones, newest first."""
    query = select(ParkedUpdate).where(is_open()).order_by(ParkedUpdate.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(ParkedUpdate.id < before_id)
    return list(await session.scalars(query))


async def read(session: AsyncSession, parked_id: int) -> ParkedUpdate:
    """An open one; raises NotFound."""
    found = await session.get(ParkedUpdate, parked_id)
    if found is None or found.replayed_at is not None or found.dismissed_at is not None:
        raise NotFound(f"there is no parked update {parked_id}; it may have been replayed or dismissed")
    return found


async def ask_replay(session: AsyncSession, parked_id: int, *, now: datetime) -> ParkedUpdate:
    """Have a running bot, or the next one that starts, handle it again. Raises NotFound."""
    parked = await read(session, parked_id)
    parked.asked_at = now
    notify(session, Topic.PARKED)
    return parked


async def dismiss(session: AsyncSession, parked_id: int, *, now: datetime) -> ParkedUpdate:
    """It needs no handling; it is listed no more. Raises NotFound."""
    parked = await read(session, parked_id)
    parked.dismissed_at = now
    return parked


async def ask_replay_of_all(session: AsyncSession, *, now: datetime) -> int:
    """Have all open ones handled again; how many."""
    query = update(ParkedUpdate).where(is_open()).values(asked_at=now).returning(ParkedUpdate.id)
    notify(session, Topic.PARKED)
    return len((await session.scalars(query)).all())


async def asked(session: AsyncSession, *, after_id: int = 0) -> list[ParkedUpdate]:
    """The next open ones that are to be handled again, in the order they came."""
    query = select(ParkedUpdate).where(
        is_open(), ParkedUpdate.asked_at.is_not(None), ParkedUpdate.id > after_id
    )
    return list(await session.scalars(query.order_by(ParkedUpdate.id).limit(MAX_AT_ONCE)))


def number_of_replay(update_id: str) -> str:
    """Under which number it is handed in again."""
    base, mark, count = update_id.rpartition("~")
    if not (mark and count.isdecimal()):
        base, count = update_id, "0"
    suffix = f"~{int(count) + 1}"
    return base[: MAX_UPDATE_ID - len(suffix)] + suffix


async def close(session: AsyncSession, parked_id: int, *, now: datetime) -> None:
    """It was handed in again: done, or parked anew under the replay's number with the error of today."""
    parked = await session.get(ParkedUpdate, parked_id)
    if parked is not None and parked.replayed_at is None:
        parked.replayed_at = now


async def refuse(session: AsyncSession, parked_id: int, error: str) -> None:
    """It cannot even be handed in: it stays, with this error, and is not tried again by itself."""
    parked = await session.get(ParkedUpdate, parked_id)
    if parked is not None:
        parked.asked_at = None
        parked.error = storable(error)[:MAX_ERROR]
