"""Whether the customer was told the same already, with no word of anybody's since."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import SAID_BY_CUSTOMER, Message

LOOKED_BACK = 20
"""So many of the house's own last messages are looked through."""


async def is_known(session: AsyncSession, conversation_id: int, intent: dict[str, Any]) -> bool:
    """Whether one of the house's messages since the last words of customer or agent means just this."""
    m = Message
    of_people = or_(m.author == "agent", SAID_BY_CUSTOMER)
    last = select(func.max(m.id)).where(m.conversation_id == conversation_id, m.is_note.is_(False), of_people)
    rows = await session.scalars(
        select(m.intent)
        .where(m.conversation_id == conversation_id, m.id > func.coalesce(last.scalar_subquery(), 0))
        .where(m.author == "system", m.is_note.is_(False))
        .order_by(m.id.desc())
        .limit(LOOKED_BACK)
    )
    meant = (intent.get("say"), intent.get("params"))
    return any(((one or {}).get("say"), (one or {}).get("params")) == meant for one in rows)
