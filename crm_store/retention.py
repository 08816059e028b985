"""What goes by its age: notes the machinery needs no more. What people wrote goes by `privacy.delete_resolved`."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import MessageRequest
from crm_store.models.plumbing import DONE_ERRAND, DeskPost, KeptAnswer, SeenUpdate, Timer

SEEN_FOR: Final = timedelta(days=7)
"""Telegram repeats an update for 24 hours at most (Bot API, "Getting updates"), and an agent who got no answer a reply
while the page is open; the rest is for clocks and outages."""
DONE_FOR: Final = timedelta(days=7)
"""Errands are looked at again by nobody; a week is for who asks what happened."""
FIRED_FOR: Final = timedelta(days=30)


async def drop_seen(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Forget updates seen before then, the oldest first; how many: `limit` means there may be more."""
    old = (
        select(SeenUpdate.source, SeenUpdate.update_id)
        .where(SeenUpdate.seen_at < before)
        .order_by(SeenUpdate.seen_at)
        .limit(limit)
    )
    return await _delete(
        session, delete(SeenUpdate).where(tuple_(SeenUpdate.source, SeenUpdate.update_id).in_(old))
    )


async def drop_requests(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Forget the names of requests made before then; how many: `limit` or more means there may be more."""
    dropped = 0
    for r in (MessageRequest, KeptAnswer):
        old = select(r.id).where(r.asked_at < before).order_by(r.asked_at).limit(limit)
        dropped += await _delete(session, delete(r).where(r.id.in_(old)))
    return dropped


async def drop_fired(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Forget timers that fired before then; how many: `limit` means there may be more."""
    old = select(Timer.id).where(Timer.fired_at < before).order_by(Timer.id).limit(limit)
    return await _delete(session, delete(Timer).where(Timer.id.in_(old)))


async def drop_errands(session: AsyncSession, *, before: datetime, limit: int) -> int:
    """Forget errands done that were set before then; how many: `limit` means there may be more."""
    done = select(DeskPost.id).where(DONE_ERRAND, DeskPost.created_at < before)
    old = done.order_by(DeskPost.created_at).limit(limit)
    return await _delete(session, delete(DeskPost).where(DeskPost.id.in_(old)))


async def _delete(session: AsyncSession, statement: Any) -> int:
    done = await session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount
