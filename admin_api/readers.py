"""In which of an article's languages the customer of a conversation is answered, as the bot reads it."""

from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.session import Session
from knowledge_base.variants import SPOKEN, Reader


async def reader_of(session: Session, conversation: Conversation, words: str) -> Reader:
    """The customer who asks these words there."""
    identity = await session.get_one(Identity, conversation.identity_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    return Reader(
        conversation.language,
        words,
        platform=identity.language or "",
        before=str(conversation.memory.get("language", "")),
        has_chosen=customer.language in SPOKEN,
    )
