"""Questions customers really asked: what a change of the knowledge base is tried on."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import Conversation, Message

NO_FACTS: Final = "no_facts"
"""A question whose article was found, but which tells facts of the customer's own that were not known."""
QUESTIONS = ("answer", "suggest", "unknown", NO_FACTS)
"""How the bot understood them; greetings, commands and buttons are none, and several at once are not replayed."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """What was asked, in the language of its conversation."""

    text: str
    language: str
    message_id: int
    conversation_id: int


async def recent(session: AsyncSession, limit: int) -> list[AskedQuestion]:
    """The last questions put to the bot, newest first, each wording once."""
    rows = await session.execute(
        select(Message.text, Conversation.language, Message.id, Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.author == "customer", Message.decision.in_(QUESTIONS), Message.text != "")
        .order_by(Message.id.desc())
        .limit(limit)
    )
    found: dict[tuple[str, str], AskedQuestion] = {}
    for row in rows:
        found.setdefault((row[0], row[1]), AskedQuestion(*row))
    return list(found.values())
