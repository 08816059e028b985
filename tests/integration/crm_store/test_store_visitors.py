"""What a web visitor may read, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from crm_store import visitors
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LANE = "web:w_me"


@pytest.fixture
async def first_id(store: Store) -> int:
    """The first of 80 messages in the visitor's lane; a stranger's stand between them, and notes in no lane."""
    async with store.write() as session:
        for n, (address, secret) in enumerate((("w_me", "mine"), ("w_other", "others")), 1):
            session.add(Customer(id=n, created_at=NOON, updated_at=NOON))
            await session.flush()
            session.add(
                Identity(id=n, customer_id=n, channel="web", address=address, secret_hash=secret,
                         created_at=NOON, last_seen_at=NOON)
            )  # fmt: skip
            await session.flush()
            session.add(
                Conversation(
                    id=n, customer_id=n, identity_id=n, channel="web", created_at=NOON, last_message_at=NOON
                )
            )
            await session.flush()
        said = {"conversation_id": 1, "customer_id": 1, "author": "bot", "created_at": NOON}
        await session.execute(
            insert(Message),
            [
                row
                for n in range(80)
                for row in (
                    {**said, "text": f"mine {n}", "lane": LANE, "is_note": False},
                    {**said, "text": "not mine", "lane": "web:w_other", "is_note": False},
                    {**said, "text": "a note", "lane": None, "is_note": True},
                )
            ],
        )
    return 1


async def test_a_secret_opens_its_own_address_on_its_own_channel(store: Store, first_id: int) -> None:
    async with store.read() as session:
        assert await visitors.find_address(session, "web", "mine") == "w_me"
        assert await visitors.find_address(session, "web", "others") == "w_other"
        assert await visitors.find_address(session, "telegram", "mine") is None
        assert await visitors.find_address(session, "web", "nobodys") is None


async def test_the_newest_lines_or_all_that_were_missed(store: Store, first_id: int) -> None:
    async with store.read() as session:
        newest = await visitors.transcript(session, LANE)
        assert [line.message.text for line in newest] == [f"mine {n}" for n in range(30, 80)]
        long_away = await visitors.transcript(session, LANE, after_id=first_id)
        assert [line.message.text for line in long_away] == [f"mine {n}" for n in range(1, 80)]
        just_here = await visitors.transcript(session, LANE, after_id=newest[-1].message.id)
        assert just_here == newest
        assert await visitors.transcript(session, "web:w_nobody") == []
