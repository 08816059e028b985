"""What the staff group set going outside of it: edits and deletions at the customer's, files to be fetched.

They stand among the group's posts, but the group's 20 messages a minute do not concern them.
"""

from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.desk_posts import CLAIMED, ERRANDS, LEASE, LONGEST_WAIT, Claimed
from crm_store.models.plumbing import DeskPost

AT_ONCE = 8


_EARLIER = aliased(DeskPost)
_IS_BEHIND = exists().where(
    _EARLIER.message_id == DeskPost.message_id,
    _EARLIER.id < DeskPost.id,
    _EARLIER.kind.in_(ERRANDS),
    _EARLIER.delivery.in_(("pending", "sending")),
)
# As `desk_posts.is_due`, but built once: it is asked every second, and whenever the group was told something.
_IS_DUE = or_(
    DeskPost.next_try_at.is_(None),
    DeskPost.next_try_at <= bindparam("now"),
    DeskPost.next_try_at > bindparam("far_off"),
)
_DUE = (
    select(*CLAIMED)
    .where(DeskPost.kind.in_(ERRANDS), DeskPost.delivery == "pending", _IS_DUE, ~_IS_BEHIND)
    .order_by(DeskPost.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


async def claim(session: AsyncSession, *, now: datetime) -> list[Claimed]:
    """The oldest that are due, marked 'sending'; of one message only the first."""
    found = await session.execute(_DUE, {"now": now, "far_off": now + LONGEST_WAIT})
    claimed = [Claimed(*row) for row in found]
    if claimed:
        await session.execute(
            update(DeskPost)
            .where(DeskPost.id.in_([post.id for post in claimed]))
            .values(delivery="sending", next_try_at=now + LEASE, attempts=DeskPost.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    return claimed
