"""What a conversation is part of since a merge (see `joining`)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import Conflict
from crm_store.models.casework import ConversationMerge


async def into(session: AsyncSession, conversation_id: int) -> int | None:
    """The conversation it was merged into, None where it stands by itself."""
    query = select(ConversationMerge.kept_id).where(
        ConversationMerge.merged_id == conversation_id, ConversationMerge.undone_at.is_(None)
    )
    return await session.scalar(query.order_by(ConversationMerge.id.desc()).limit(1))


async def refuse_joined(session: AsyncSession, conversation_id: int) -> None:
    """Raises Conflict for what is part of another: its words are there."""
    if (other := await into(session, conversation_id)) is not None:
        raise Conflict(
            f"conversation {conversation_id} was merged into {other} since; undo that first",
            kind="joined_since",
            number=conversation_id,
            into=other,
        )
