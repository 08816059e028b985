"""First replies of conversations whose words became part of another's: counted where they were given."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import ANSWERS, Message

Replies = Mapping[int, Sequence[datetime]]
"""By conversation when agents wrote to its customer in it, the earliest first."""


async def replies(session: AsyncSession, since: datetime) -> Replies:
    """Of every conversation that took part in a merge since then that stands, as if it had never been merged."""
    query = select(ConversationMerge).where(
        ConversationMerge.merged_at >= since, ConversationMerge.undone_at.is_(None)
    )
    merges = list(await session.scalars(query.order_by(ConversationMerge.id.desc())))
    if not merges:
        return {}
    origin = {number: one.merged_id for one in merges for number in one.moved["messages"]}
    # The newest merges come first, so that the earliest has the last word: there the message was written.
    ids = {number for one in merges for number in (one.kept_id, one.merged_id)}
    rows = await session.execute(
        select(Message.id, Message.conversation_id, Message.created_at)
        .where(Message.conversation_id.in_(ids), ANSWERS)
        .where(Message.created_at >= since)
        .order_by(Message.id)
    )
    found: dict[int, list[datetime]] = defaultdict(list, {number: [] for number in ids})
    for number, conversation_id, at in rows:
        found[origin.get(number, conversation_id)].append(at)
    return found
