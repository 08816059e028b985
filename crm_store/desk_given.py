"""Whom a call is for, and of which conversations one act tells them: where it is still true, and where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.desk import TOLD_TOGETHER
from crm_store.desk_load import IS_UNSENT
from crm_store.desk_posts import Claimed
from crm_store.desk_turns import is_still_true
from crm_store.errors import NotFound
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.models.staff import Agent


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a post calls, as they are named and reached when it is posted."""

    name: str
    account: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation, whose it is, and their topic or card in one of the staff's chats, where they have one."""

    conversation_id: int
    name: str
    chat: str | None = None
    at: str | None = None


async def called(session: AsyncSession, post: Claimed) -> Called:
    """Whom the post calls; raises NotFound where that is nobody."""
    query = select(Agent.name, Agent.telegram_user_id).where(Agent.id == post.agent_id)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound(f"there is no member of staff {post.agent_id}")
    return Called(*found)


async def mark_told(session: AsyncSession, posts: Sequence[Claimed]) -> None:
    """What else tells the same as these, which are posted, was told with them."""
    for post in posts:
        if post.kind in TOLD_TOGETHER:
            await session.execute(
                update(DeskPost)
                .where(IS_UNSENT, _of_one_act(post))
                .values(delivery="sent", next_try_at=None, error=None)
                .execution_options(synchronize_session=False)
            )


def _of_one_act(post: Claimed) -> ColumnElement[bool]:
    p = DeskPost
    is_of_it = (p.kind == post.kind) & (p.agent_id == post.agent_id) & (p.created_at == post.created_at)
    return is_of_it & (p.text == post.text)


async def together(session: AsyncSession, post: Claimed, *, chat: str) -> list[Told]:
    """The conversations of which the same act tells the same, as they were given, where it is still true and nothing is
    posted yet; shown in `chat` where they stand there."""
    c, t = Conversation, DeskTopic
    held = await session.execute(
        select(c.id, c.customer_id, func.coalesce(Customer.name, Identity.display_name))
        .join(DeskPost, DeskPost.conversation_id == c.id)
        .join(Customer, Customer.id == c.customer_id)
        .join(Identity, Identity.id == c.identity_id)
        .where(IS_UNSENT, _of_one_act(post), is_still_true(DeskPost, c))
        .order_by(DeskPost.id)
    )
    found = {number: (customer_id, name) for number, customer_id, name in held}
    places = await session.execute(
        select(t.customer_id, t.chat, func.coalesce(t.thread, t.card_platform_id))
        .where(t.customer_id.in_([customer_id for customer_id, _ in found.values()]))
        .order_by(case((t.chat == chat, 1), else_=0), t.id)
    )
    stands = {customer_id: (where, at) for customer_id, where, at in places if at is not None}
    return [
        Told(number, found[number][1] or f"#{found[number][0]}", *stands.get(found[number][0], ()))
        for number in found
    ]
