"""A store that is written to at full speed, and how long its callers wait meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text

from benchmarks.store_path.ours import CHANNEL, exchange_words
from bot.clock import system_clock
from crm_store import migrate, outbox, publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import Store, open_store
from crm_store.outbox import Sent
from tests.house import ARTICLES

WAITING = 64
"""Customers whose moves are one batch."""
PEOPLE = 20_000
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Writer:
    """Writes batch after batch: questions with answers, which are then marked as sent."""

    store: Store
    moves: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)
    """When each batch was committed, and how many seconds that took."""

    async def batch(self, waiting: int = WAITING) -> None:
        """One batch, committed, and what it says marked."""
        first = self.moves
        self.moves += waiting
        chats = [(first + n) % PEOPLE for n in range(waiting)]
        began = time.monotonic()
        claimed = await self.store.transact(lambda c, _topics: exchange_words(c, chats, first))
        ended = time.monotonic()
        self.waits.append((ended, ended - began))
        sent = [Sent(one.id, str(one.id)) for one in claimed]
        await self.store.transact(lambda c, _topics: outbox.settle(c, sent, (), now=system_clock()))

    def p99_ms(self, since: float, until: float) -> float:
        """Of the batches committed then: the slowest but one in a hundred."""
        waits = sorted(wait for ended, wait in self.waits if since <= ended <= until)
        return round(1000 * waits[min(len(waits) - 1, int(len(waits) * 0.99))], 1) if waits else 0.0

    async def run(self) -> None:
        """At full speed until cancelled."""
        while True:
            await self.batch()


@asynccontextmanager
async def writing(writer: Writer) -> AsyncIterator[None]:
    """The writer at full speed meanwhile; it ends between two batches."""
    task = asyncio.create_task(writer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def make_store(database_url: str, folder: str, megabytes: float) -> Writer:
    """A store of this size, with a few articles; its writer."""
    await migrate.upgrade(database_url, backup_folder=folder, now=NOW)
    store = open_store(database_url, owner=True)
    async with store.write() as session:
        drafts = [ArticleDraft(key, asked, said, answer, lang) for key, lang, asked, answer, said in ARTICLES]
        await publishing.publish(session, drafts, by="benchmark", now=NOW)
    writer = Writer(store)
    while await size_of(store) < megabytes * 1_000_000:
        for _ in range(8):
            await writer.batch(512)
    writer.waits.clear()
    return writer


async def size_of(store: Store) -> int:
    """In bytes, without a log."""
    if store.is_sqlite:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        query = "SELECT pg_database_size(current_database())"
    async with store.read() as session:
        return int(await session.scalar(text(query)) or 0)


LANE = f"{CHANNEL}:7"
"""Where one customer's messages go."""
