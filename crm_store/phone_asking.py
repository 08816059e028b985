"""Asking a customer for their phone number by a button that shares it. Session first; nothing here commits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations
from crm_store.errors import Conflict
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent

ASKS_PHONE = "asks_phone"
"""In a row's intent: the message has the button that shares the customer's own number."""
CHANNELS = frozenset({"telegram"})
"""Where there is such a button (Bot API, KeyboardButton.request_contact)."""


class NoButton(Conflict):
    """The customer's channel has no button that shares a number."""


async def ask(
    session: AsyncSession, conversation_id: int, agent: Agent, words: str, *, now: datetime
) -> Message:
    """The agent's words with the button below them; raises NoButton, and what `conversations.reply` does."""
    conversation = await conversations.get(session, conversation_id)
    if conversation.channel not in CHANNELS:
        raise NoButton(
            "only who writes from Telegram can share a number by a button; ask in words", kind="no_button"
        )
    message = await conversations.reply(session, conversation_id, agent, words, now=now)
    message.intent = {ASKS_PHONE: True}
    return message
