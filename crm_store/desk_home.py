"""In which of the staff's chats a conversation's customer is served, and where in it they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_topics
from crm_store.desk_load import served_by
from crm_store.desk_topics import Place
from crm_store.models.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Home:
    """A chat, and the customer's place there; none before anything was posted of them."""

    chat: str
    place: Place | None

    @property
    def at(self) -> str | None:
        """The topic, or the card, that a link can lead to."""
        return None if self.place is None else self.place.thread or self.place.card


async def home_of(
    session: AsyncSession, conversation_id: int, chats: Sequence[str], *, now: datetime
) -> Home | None:
    """Where among these chats what is posted of the conversation goes; None where it is gone."""
    c = Conversation
    for chat in chats:
        is_home = served_by(chat, chats, now, c.customer_id)
        customer_id = await session.scalar(select(c.customer_id).where(c.id == conversation_id, is_home))
        if customer_id is not None:
            return Home(chat, await desk_topics.find(session, chat, customer_id))
    return None
