"""What one act tells an agent of several conversations: which of them it is still true of, and where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.desk import GIVEN, TAKEN_OVER, TOLD_TOGETHER
from crm_store.desk_load import IS_UNSENT
from crm_store.desk_posts import Claimed
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import DeskPost, DeskTopic


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation, whose it is, and their topic or card in one of the staff's chats, where they have one."""

    conversation_id: int
    name: str
    chat: str | None = None
    at: str | None = None


async def together(session: AsyncSession, post: Claimed) -> list[int]:
    """The conversations of which the same act tells the same, this one among them, and nothing is posted yet."""
    query = select(DeskPost.conversation_id).where(IS_UNSENT, _of_one_act(post)).order_by(DeskPost.id)
    return list(dict.fromkeys(await session.scalars(query)))


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
    return (p.kind == post.kind) & (p.text == post.text) & (p.created_at == post.created_at)


def _is_true(kind: str, agent_id: int) -> ColumnElement[bool]:
    """What was given waits for this agent's first word; what was taken from them somebody else holds."""
    c = Conversation
    return {
        GIVEN: (c.status == Status.ASSIGNED) & (c.agent_id == agent_id),
        TAKEN_OVER: c.status.in_(HELD_BY_PERSON) & (c.agent_id != agent_id),
    }[kind]


async def still_true(
    session: AsyncSession, conversation_ids: Sequence[int], kind: str, agent_id: int, *, chat: str
) -> list[Told]:
    """Those of which a post of this kind says something to this agent, as they were given; shown in `chat` where they
    stand there."""
    c, t = Conversation, DeskTopic
    held = await session.execute(
        select(c.id, c.customer_id, func.coalesce(Customer.name, Identity.display_name))
        .join(Customer, Customer.id == c.customer_id)
        .join(Identity, Identity.id == c.identity_id)
        .where(c.id.in_(conversation_ids), _is_true(kind, agent_id))
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
        for number in conversation_ids
        if number in found
    ]
