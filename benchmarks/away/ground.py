"""An outbox that was filled while Telegram was away, written straight into the store."""

from datetime import datetime

from sqlalchemy import Connection, insert

from benchmarks.shop import prepare
from bot.clock import system_clock
from bot.knowledge import Knowledge
from crm_store.engine import open_store
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity

FIRST_CHAT = 100_000
PART = 5_000


def text_of(chat: int, number: int) -> str:
    """The n-th message to a chat."""
    return f"message {number} of chat {chat}"


async def fill(database_url: str, messages: int, chats: int) -> None:
    """A store with articles, and messages that wait: round after round, one to each chat."""
    await prepare(database_url)
    store, now = open_store(database_url, owner=True), system_clock()
    await store.transact(lambda connection, _topics: _fill(connection, messages, chats, now))
    knowledge = Knowledge(
        store, system_clock, 0.02, only_server=True
    )  # learned and kept, as after the first start
    await knowledge.refresh()
    await knowledge.close()
    await store.close()


def _fill(connection: Connection, messages: int, chats: int, now: datetime) -> None:
    numbers = range(1, chats + 1)
    connection.execute(
        insert(table_of(Customer)),
        [{"id": n, "name": f"Customer {n}", "created_at": now, "updated_at": now, "attributes": {}, "tags": []}
         for n in numbers],
    )  # fmt: skip
    connection.execute(
        insert(table_of(Identity)),
        [{"id": n, "customer_id": n, "channel": "telegram", "address": str(FIRST_CHAT + n), "is_reachable": True,
          "created_at": now, "last_seen_at": now} for n in numbers],
    )  # fmt: skip
    connection.execute(
        insert(table_of(Conversation)),
        [{"id": n, "customer_id": n, "identity_id": n, "channel": "telegram", "status": "bot", "language": "en",
          "memory": {}, "created_at": now, "last_message_at": now} for n in numbers],
    )  # fmt: skip
    for first in range(0, messages, PART):
        rows = [_row(n, chats, now) for n in range(first, min(first + PART, messages))]
        connection.execute(insert(table_of(Message)), rows)


def _row(number: int, chats: int, now: datetime) -> dict[str, object]:
    who, turn = number % chats + 1, number // chats
    return {
        "conversation_id": who,
        "customer_id": who,
        "author": "bot",
        "text": text_of(FIRST_CHAT + who, turn),
        "created_at": now,
        "lane": f"telegram:{FIRST_CHAT + who}",
        "delivery": "pending",
        "attempts": 0,
    }
