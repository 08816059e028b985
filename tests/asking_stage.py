"""Customers with questions that the bot was asked, put straight into the store."""

from datetime import datetime

from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity


async def ask(
    store: Store,
    texts: list[str],
    at: datetime,
    *,
    decision: str = "unknown",
    author: str = "customer",
    display_name: str | None = None,
    **customer: object,
) -> int:
    """A new customer's number, who asked these in one conversation."""
    async with store.write() as session:
        person = Customer(created_at=at, updated_at=at, **customer)
        session.add(person)
        await session.flush()
        identity = Identity(
            customer_id=person.id, channel="test", address=f"a{person.id}", display_name=display_name,
            created_at=at, last_seen_at=at,
        )  # fmt: skip
        session.add(identity)
        await session.flush()
        held = Conversation(
            customer_id=person.id, identity_id=identity.id, channel="test", language="en", status="bot",
            created_at=at, last_message_at=at,
        )  # fmt: skip
        session.add(held)
        await session.flush()
        common = {"conversation_id": held.id, "customer_id": person.id, "created_at": at}
        session.add_all(Message(author=author, text=text, decision=decision, **common) for text in texts)
    return person.id
