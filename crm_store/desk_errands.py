"""What the staff group set going outside of it: edits and deletions at the customer's, files to be fetched.

They stand among the group's posts, but the group's 20 messages a minute do not concern them.

Nothing has to be edited or deleted at those who read the store through an open window: they only are to hear of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.desk_load import IS_UNSENT
from crm_store.desk_posts import CLAIMED, LEASE, Claimed
from crm_store.desk_turns import LONGEST_WAIT
from crm_store.models.conversations import Message
from crm_store.models.plumbing import ERRANDS, DeskPost

AT_ONCE = 8
WINDOWS = "web:"
"""The lanes that are read through open windows."""
_OF_WINDOWS = DeskPost.kind.in_(("reword", "delete")) & exists().where(
    Message.id == DeskPost.message_id, Message.lane.startswith(WINDOWS)
)


@dataclass(frozen=True, slots=True)
class Change:
    """A message that windows have to show otherwise, or no more."""

    id: int
    kind: str
    message_id: int
    conversation_id: int
    customer_id: int


_EARLIER = aliased(DeskPost)
_IS_BEHIND = exists().where(
    _EARLIER.message_id == DeskPost.message_id,
    _EARLIER.id < DeskPost.id,
    _EARLIER.kind.in_(ERRANDS),
    _EARLIER.delivery.in_(("pending", "sending")),
)
# As in `desk_turns.can_go`, but built once: it is asked every second, and whenever the group was told something.
_IS_DUE = or_(
    DeskPost.next_try_at.is_(None),
    DeskPost.next_try_at <= bindparam("now"),
    DeskPost.next_try_at > bindparam("far_off"),
)
_DUE = (
    select(*CLAIMED)
    .where(IS_UNSENT, DeskPost.delivery == "pending", DeskPost.kind.in_(ERRANDS), _IS_DUE, ~_IS_BEHIND)
    .where(~_OF_WINDOWS)
    .order_by(DeskPost.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


_CHANGES = (
    select(*(getattr(DeskPost, name) for name in Change.__slots__))
    .join(Message, Message.id == DeskPost.message_id)
    .where(IS_UNSENT, DeskPost.delivery == "pending", DeskPost.kind.in_(("reword", "delete")))
    .where(Message.lane.startswith(WINDOWS), Message.delivery.not_in(("pending", "sending")))
    .order_by(DeskPost.id)
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


async def changes(session: AsyncSession) -> list[Change]:
    """What windows were not told of yet; of a message that is on its way itself, only once it has arrived."""
    return [Change(*row) for row in await session.execute(_CHANGES)]


async def finish(session: AsyncSession, changes: Sequence[Change]) -> list[Change]:
    """Of these, which every window was told of, the ones that nobody else had finished before."""
    found = await session.scalars(
        update(DeskPost)
        .where(DeskPost.id.in_([change.id for change in changes]), DeskPost.delivery == "pending")
        .values(delivery="sent", next_try_at=None)
        .returning(DeskPost.id)
        .execution_options(synchronize_session=False)
    )
    finished = set(found)
    return [change for change in changes if change.id in finished]
