"""Rows of the outbox for tests, and looking at what became of them."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import insert, select

from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from tests.house import NOON


async def fill(store: Store, *messages: tuple[str, dict[str, object]]) -> list[int]:
    """Bot messages, each in the lane of its address on the web; their ids."""
    async with store.write() as session:
        ids = []
        for address, columns in messages:
            identity = await session.scalar(select(Identity).where(Identity.address == address))
            if identity is None:
                customer = Customer(created_at=NOON, updated_at=NOON)
                session.add(customer)
                await session.flush()
                identity = Identity(customer_id=customer.id, channel="web", address=address,
                                    created_at=NOON, last_seen_at=NOON)  # fmt: skip
                session.add(identity)
                await session.flush()
                session.add(Conversation(customer_id=customer.id, identity_id=identity.id, channel="web",
                                         created_at=NOON, last_message_at=NOON))  # fmt: skip
                await session.flush()
            conversation = await session.scalar(
                select(Conversation.id).where(Conversation.identity_id == identity.id)
            )
            values = {"conversation_id": conversation, "customer_id": identity.customer_id, "author": "bot",
                      "text": "hi", "created_at": NOON, "lane": f"web:{address}", "delivery": "pending"}  # fmt: skip
            row = await session.execute(insert(Message).values(**values | columns).returning(Message.id))
            ids.append(row.scalar_one())
        return ids


async def row(store: Store, number: int) -> Message:
    async with store.read() as session:
        return await session.get_one(Message, number)


async def eventually(look: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait until `look` is true; TimeoutError when it never is."""
    async with asyncio.timeout(seconds):
        while not await look():
            await asyncio.sleep(0.01)
