"""An outbox that was filled while Telegram was away, written straight into the store."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, insert

from benchmarks.shop import prepare
from bot.clock import system_clock
from bot.knowledge import Knowledge
from crm_store.engine import open_store
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from knowledge_base.policy import Policy

FIRST_CHAT = 100_000
BUSY_TURNS = 12
"""So many at once that it is a chat's own limit that holds them up."""
PART = 5_000


def text_of(chat: int, number: int) -> str:
    """The n-th message to a chat."""
    return f"message {number} of chat {chat}"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: to the first `busy` chats BUSY_TURNS each, then round after round one to each chat."""

    messages: int
    chats: int
    busy: int = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(who, from 1 on; their how-manieth) for each message, oldest first."""
        turns: Counter[int] = Counter()
        for number in range(self.messages):
            own = number - self.busy * BUSY_TURNS
            who = (own % self.chats if own >= 0 else number % self.busy) + 1
            yield who, turns[who]
            turns[who] += 1

    @property
    def wanted(self) -> dict[int, list[str]]:
        """What is to arrive, by chat and in order."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for who, turn in self:
            found[FIRST_CHAT + who].append(text_of(FIRST_CHAT + who, turn))
        return found


async def fill(database_url: str, backlog: Backlog) -> None:
    """A store with articles, and messages that wait."""
    await prepare(database_url)
    store, now = open_store(database_url, owner=True), system_clock()
    await store.transact(lambda connection, _topics: _fill(connection, backlog, now))
    knowledge = Knowledge(
        store, system_clock, Policy(), only_server=True
    )  # learned and kept, as after the first start
    await knowledge.refresh()
    await knowledge.close()
    await store.close()


def _fill(connection: Connection, backlog: Backlog, now: datetime) -> None:
    numbers = range(1, backlog.chats + 1)
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
    waiting = iter(backlog)
    while rows := [_row(who, turn, now) for who, turn in islice(waiting, PART)]:
        connection.execute(insert(table_of(Message)), rows)


def _row(who: int, turn: int, now: datetime) -> dict[str, object]:
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
