"""What the staff group set going outside of it: edits and deletions at the customer's, files to be fetched.

They stand among the group's posts, but the group's 20 messages a minute do not concern them.
"""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.desk_posts import CLAIMED, ERRANDS, LEASE, Claimed, is_due
from crm_store.models.plumbing import DeskPost

AT_ONCE = 8


async def claim(session: AsyncSession, *, now: datetime) -> list[Claimed]:
    """The oldest that are due, marked 'sending'; of one message only the first."""
    earlier = aliased(DeskPost)
    is_behind = exists().where(
        earlier.message_id == DeskPost.message_id,
        earlier.id < DeskPost.id,
        earlier.kind.in_(ERRANDS),
        earlier.delivery.in_(("pending", "sending")),
    )
    query = (
        select(*CLAIMED)
        .where(DeskPost.kind.in_(ERRANDS), DeskPost.delivery == "pending", is_due(now), ~is_behind)
        .order_by(DeskPost.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    claimed = [Claimed(*row) for row in await session.execute(query)]
    if claimed:
        await session.execute(
            update(DeskPost)
            .where(DeskPost.id.in_([post.id for post in claimed]))
            .values(delivery="sending", next_try_at=now + LEASE, attempts=DeskPost.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    return claimed
