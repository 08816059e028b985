"""Updates that could not be handled: set aside with their error, shown, replayed."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import NotFound
from crm_store.models.plumbing import ParkedUpdate, SeenUpdate
from crm_store.storable import storable, storable_json


async def park(
    session: AsyncSession, *, source: str, update_id: str, body: dict[str, Any], error: str, now: datetime
) -> None:
    """Keep the update and count it as seen, so that the platform stops repeating it."""
    known = await session.get(SeenUpdate, (source, update_id))
    if known is not None:
        return
    session.add(SeenUpdate(source=source, update_id=update_id, seen_at=now))
    kept, why = storable_json(body), storable(error)[:512]
    session.add(ParkedUpdate(source=source, update_id=update_id, body=kept, error=why, parked_at=now))


async def page(session: AsyncSession, *, before_id: int | None = None, limit: int = 50) -> list[ParkedUpdate]:
    """The parked updates not replayed yet, newest first."""
    query = (
        select(ParkedUpdate)
        .where(ParkedUpdate.replayed_at.is_(None))
        .order_by(ParkedUpdate.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(ParkedUpdate.id < before_id)
    return list(await session.scalars(query))


async def unpark(session: AsyncSession, parked_id: int, *, now: datetime) -> ParkedUpdate:
    """The parked update, no longer counted as seen: hand its body in again. Raises NotFound."""
    parked = await session.get(ParkedUpdate, parked_id)
    if parked is None or parked.replayed_at is not None:
        raise NotFound(f"there is no parked update {parked_id}")
    parked.replayed_at = now
    seen = await session.get(SeenUpdate, (parked.source, parked.update_id))
    if seen is not None:
        await session.delete(seen)
    return parked
