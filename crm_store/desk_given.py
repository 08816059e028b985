"""Which of several conversations that were given to an agent at once are still theirs, and where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import DeskTopic


@dataclass(frozen=True, slots=True)
class Theirs:
    """Whose conversation it is, and their topic or card in one of the staff's chats, where they have one."""

    name: str
    chat: str | None = None
    at: str | None = None


async def still_theirs(
    session: AsyncSession, conversation_ids: Sequence[int], agent_id: int, *, chat: str
) -> list[Theirs]:
    """Those that wait for this agent's first word, as they were given; shown in `chat` where they stand there."""
    c, t = Conversation, DeskTopic
    held = await session.execute(
        select(c.id, c.customer_id, func.coalesce(Customer.name, Identity.display_name))
        .join(Customer, Customer.id == c.customer_id)
        .join(Identity, Identity.id == c.identity_id)
        .where(c.id.in_(conversation_ids), c.status == Status.ASSIGNED, c.agent_id == agent_id)
    )
    found = {number: (customer_id, name) for number, customer_id, name in held}
    places = await session.execute(
        select(t.customer_id, t.chat, func.coalesce(t.thread, t.card_platform_id))
        .where(t.customer_id.in_([customer_id for customer_id, _ in found.values()]))
        .order_by(case((t.chat == chat, 1), else_=0), t.id)
    )
    stands = {customer_id: (where, at) for customer_id, where, at in places if at is not None}
    return [
        Theirs(found[number][1] or f"#{found[number][0]}", *stands.get(found[number][0], ()))
        for number in conversation_ids
        if number in found
    ]
