"""People, conversations and orders in a store, for tests of the admin API."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from crm_store import conversations, customers, orders
from crm_store.engine import Store
from crm_store.lifecycle import Change
from crm_store.models.conversations import Conversation, Handoff, Message
from crm_store.models.knowledge import Gap
from crm_store.models.plumbing import ParkedUpdate
from crm_store.orders import LineDraft, OrderDraft

_numbers = count(1)


async def visitor(store: Store, now: datetime, name: str = "Ada", channel: str = "web") -> int:
    """The id of a new customer who came by web chat, or another channel."""
    async with store.write() as session:
        address = f"visitor-{next(_numbers)}"
        customer, _ = await customers.for_identity(session, channel, address, now=now, display_name=name)
        return customer.id


async def conversation(
    store: Store, now: datetime, *, customer_id: int | None = None, queued: bool = True, text: str = "Help!"
) -> int:
    """The id of a conversation with one word of its customer, waiting for a person (or with the bot)."""
    owner = customer_id or await visitor(store, now)
    async with store.write() as session:
        identity = (await customers.identities(session, [owner]))[owner][0]
        row = Conversation(
            customer_id=owner,
            identity_id=identity.id,
            channel=identity.channel,
            created_at=now,
            last_message_at=now,
        )
        session.add(row)
        await session.flush()
        session.add(
            Message(conversation_id=row.id, customer_id=owner, author="customer", text=text, created_at=now)
        )
        if queued:
            session.add(Handoff(conversation_id=row.id, reason="asked", queued_at=now))
            await conversations.change(
                session, row, Change.HANDOFF, actor="bot", now=now, queued_at=now, handoff_reason="asked"
            )
        return row.id


async def gap(
    store: Store, now: datetime, conversation_id: int, question: str = "Do you ship to the moon?"
) -> int:
    """The id of a question nobody could answer."""
    async with store.write() as session:
        row = Gap(
            conversation_id=conversation_id,
            question=question,
            language="en",
            reason="unknown",
            candidates=[{"article_key": "shipping", "score": 0.2, "confidence": 0.1}],
            created_at=now,
        )
        session.add(row)
        await session.flush()
        return row.id


async def parked(store: Store, now: datetime) -> int:
    """The id of an update that was set aside."""
    async with store.write() as session:
        row = ParkedUpdate(
            source="telegram", update_id="7", body={"text": "secret words"}, error="ValueError", parked_at=now
        )
        session.add(row)
        await session.flush()
        return row.id


async def order(
    store: Store, customer_id: int, now: datetime, *skus: str, amount: str = "10", days_ago: float = 1
) -> int:
    """The id of a new order of these products."""
    lines = tuple(LineDraft(sku, 1, Decimal(1), f"a {sku}") for sku in skus)
    draft = OrderDraft(
        number=f"N{next(_numbers)}",
        amount=Decimal(amount),
        placed_at=now - timedelta(days=days_ago),
        lines=lines,
    )
    async with store.write() as session:
        return (await orders.record(session, customer_id, draft, now=now)).id
