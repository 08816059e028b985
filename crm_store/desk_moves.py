"""Who waits and is served in another of the staff's chats by now: nobody has to write before it shows them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts
from crm_store.desk_load import IS_UNSENT, served_by
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.queue import IN_ORDER, IS_QUEUED

AT_ONCE = 20
"""So many are brought at once; a group takes as many messages a minute."""


async def moved_here(
    session: AsyncSession, *, chat: str, chats: Sequence[str], besides: Collection[int], now: datetime
) -> list[tuple[int, int]]:
    """(conversation, customer) of those whose card stands in another chat alone though this one has them now, next
    first; without these customers, and nobody of whom something is about to be posted anyway."""
    c, t = Conversation, DeskTopic
    has_card = exists().where(t.customer_id == c.customer_id, t.card_platform_id.is_not(None))
    query = (
        select(c.id, c.customer_id)
        .where(IS_QUEUED, served_by(chat, chats, now, c.customer_id), c.customer_id.not_in(list(besides)))
        .where(has_card, ~has_card.where(t.chat == chat))
        .where(~exists().where(IS_UNSENT, DeskPost.customer_id == c.customer_id))
        .order_by(*IN_ORDER)
        .limit(AT_ONCE)
    )
    return [(number, customer) for number, customer in await session.execute(query)]


async def bring(session: AsyncSession, moved: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Their cards are posted where they are served now."""
    for number, customer in moved:
        await desk_posts.add(session, conversation_id=number, customer_id=customer, kind="card", now=now)
