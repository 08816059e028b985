"""Posts to the staff group that cannot be drawn: set aside and told with the parked updates, posted again on demand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts, parking, signals
from crm_store.desk_posts import Claimed
from crm_store.models.plumbing import DeskPost
from crm_store.signals import Topic
from crm_store.storable import storable

_PARKED = "DeskPost"


async def park(
    session: AsyncSession, posts: Sequence[Claimed], *, source: str, error: Exception, now: datetime
) -> None:
    """These cannot be posted as things are: set aside with their error, and told as updates that are parked."""
    told = f"{type(error).__name__}: {error}"
    await desk_posts.mark_failed(session, [post.id for post in posts], error=storable(told), retry_at=None)
    for post in posts:
        await parking.park(
            session,
            source=source,
            update_id=f"post:{post.id}:{post.attempts}",  # parked anew when a replay of it fails, too
            body={"desk": _PARKED, "post": post.id, "kind": post.kind, "customer_id": post.customer_id},
            error=told,
            now=now,
        )


def parked_posts(body: Mapping[str, Any]) -> list[int]:
    """The post that was parked as this body; none when it is another's."""
    return [int(body["post"])] if body.get("desk") == _PARKED else []


async def post_again(session: AsyncSession, ids: Sequence[int]) -> None:
    """Try these once more, which were parked."""
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids), DeskPost.delivery == "dead")
        .values(delivery="pending", next_try_at=None)
        .execution_options(synchronize_session=False)
    )
    signals.notify(session, Topic.DESK)
