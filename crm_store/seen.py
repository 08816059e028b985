"""Updates that were handled: each counts once, however often its platform repeats it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.plumbing import SeenUpdate
from crm_store.upserts import insert_into


async def knows(session: AsyncSession, source: str, update_id: str) -> bool:
    """Whether it was seen already."""
    return await session.get(SeenUpdate, (source, update_id)) is not None


async def earliest(session: AsyncSession, source: str) -> str | None:
    """What was seen first of this source; None where nothing was."""
    query = select(SeenUpdate.update_id).where(SeenUpdate.source == source)
    found: str | None = await session.scalar(query.order_by(SeenUpdate.seen_at).limit(1))
    return found


async def first_time(session: AsyncSession, source: str, update_id: str, *, now: datetime) -> bool:
    """Count the update as seen together with its effects; False when it was before."""
    marked = insert_into(session, SeenUpdate).values(source=source, update_id=update_id, seen_at=now)
    result = await session.execute(marked.on_conflict_do_nothing().returning(SeenUpdate.update_id))
    return result.first() is not None
