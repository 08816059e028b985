"""R5: many agents reach for the queue at once, from several processes' stores, until it is empty.

    python -m benchmarks.queue_rush [--agents 64] [--conversations 20000] [--sqlite] [--json]

`double_assigned`: conversations that had two holders at a time. `displacement`: by how many places a conversation
went later (or earlier) than the order of the queue. `share`: what the busiest agent took beside an even share.
`not_returned`: of the conversations of an agent who falls silent, those that are not back at their old place once
the time for a first reply is over. Bars: 0; at most as many as there are agents; 1.2; 0.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from benchmarks.databases import database
from bot.dispatch import Timekeeper
from crm_store import migrate, queue
from crm_store.engine import Store, is_outage, open_store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Assignment, Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AGENTS_A_PROCESS = 8
"""Fewer than a process has connections, so that they meet in the database."""
FAIR = 1.2
CHUNK = 1000


@dataclass(frozen=True)
class Rush:
    """The figures."""

    agents: int
    conversations: int
    taken: int
    double_assigned: int
    displacement: int
    share: float
    not_returned: int
    per_s: float

    def holds(self) -> bool:
        """Whether every bar that is no matter of speed holds."""
        is_all = self.taken == self.conversations
        wrong = self.double_assigned or self.not_returned
        return is_all and not wrong and self.displacement <= self.agents and self.share <= FAIR


async def run(url: str, agents: int, conversations: int) -> Rush:
    """The whole rush on an empty database."""
    await migrate.upgrade(url, backup_folder=".", now=NOON)
    async with AsyncExitStack() as stack:
        first = open_store(url)
        stores = [
            first,
            *(open_store(url) for _ in range(0 if first.is_sqlite else agents // AGENTS_A_PROCESS)),
        ]
        for store in stores:
            stack.push_async_callback(store.close)
        people = await _fill(first, agents, conversations)
        order: list[int] = []
        counts: Counter[int] = Counter()
        began = time.monotonic()
        await asyncio.gather(
            *(_take_all(stores[n % len(stores)], who, order, counts) for n, who in enumerate(people))
        )
        took = time.monotonic() - began
        return Rush(
            agents=agents,
            conversations=conversations,
            taken=len(order),
            double_assigned=await _held_twice(first) + len(order) - len(set(order)),
            displacement=max(abs(n - place) for n, place in enumerate(order)),
            share=round(max(counts.values()) * agents / conversations, 3),
            not_returned=await _not_returned(first, people[0]),
            per_s=round(len(order) / took, 1),
        )


async def _fill(store: Store, agents: int, conversations: int) -> list[Agent]:
    """Agents, and a queue whose first conversation has waited longest; a little apart, in no order of rows."""
    people = [Agent(name=f"Agent {n}", role="agent", created_at=NOON) for n in range(agents)]
    places = list(range(conversations))
    random.Random(1).shuffle(places)
    async with store.write() as session:
        session.add_all(people)
        for start in range(0, conversations, CHUNK):
            numbers = [number + 1 for number in range(start, min(start + CHUNK, conversations))]
            await session.execute(
                insert(Customer), [{"id": n, "created_at": NOON, "updated_at": NOON} for n in numbers]
            )
            await session.execute(insert(Identity), [_identity(n) for n in numbers])
            await session.execute(insert(Conversation), [_waiting(n, places[n - 1]) for n in numbers])
    return people


def _identity(number: int) -> dict[str, object]:
    names = {"channel": "web", "address": str(number)}
    return {"id": number, "customer_id": number, **names, "created_at": NOON, "last_seen_at": NOON}


def _waiting(number: int, place: int) -> dict[str, object]:
    since = NOON + timedelta(milliseconds=10 * place)
    return {
        "id": number,
        "customer_id": number,
        "identity_id": number,
        "channel": "web",
        "status": Status.QUEUED,
        "queued_at": since,
        "created_at": since,
        "last_message_at": since,
    }


def _place(conversation: Conversation) -> int:
    assert conversation.queued_at is not None
    return round((conversation.queued_at - NOON) / timedelta(milliseconds=10))


async def _take_all(store: Store, agent: Agent, order: list[int], counts: Counter[int]) -> None:
    now = NOON + timedelta(hours=1)
    while True:
        try:
            async with store.write() as session:
                taken = await queue.take_next(session, agent, now=now)
        except Exception as error:
            if not is_outage(error):
                raise
            continue  # this process was busy for so long amid it that the server cut it off: nothing was taken
        if taken is None:
            return
        order.append(_place(taken))
        counts[agent.id] += 1


async def _held_twice(store: Store) -> int:
    open_holds = (
        select(Assignment.conversation_id)
        .where(Assignment.ended_at.is_(None))
        .group_by(Assignment.conversation_id)
        .having(func.count() > 1)
    )
    async with store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(open_holds.subquery())) or 0)


async def _not_returned(store: Store, silent: Agent) -> int:
    """All have replied but one agent, whose conversations must come back, to the places they had."""
    settings = StoreSettings()
    assert settings.first_reply is not None
    async with store.read() as session:
        held = select(Conversation).where(Conversation.agent_id == silent.id)
        before = {c.id: c.queued_at for c in await session.scalars(held)}
    later = NOON + timedelta(hours=1) + settings.first_reply
    for _ in range(2):  # the first look sets the time of the second
        keeper = Timekeeper(store, lambda: later, settings)
        while await keeper.fire_due():
            pass
    async with store.read() as session:
        back = select(Conversation).where(Conversation.status == Status.QUEUED)
        after = {c.id: c.queued_at for c in await session.scalars(back)}
    return sum(after.get(number) != since for number, since in before.items())


def _sqlite(folder: str) -> str:
    return f"sqlite:///{folder}/rush.db"


def main() -> int:
    """Print the figures of one kind of database; 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=64)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--sqlite", action="store_true", help="on an SQLite file, else on PostgreSQL")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(_sqlite(folder) if given.sqlite else None) as url:
        found = asyncio.run(run(url, given.agents, given.conversations))
    if given.json:
        print(json.dumps(asdict(found)))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in asdict(found).items()))
    return 0 if found.holds() else 1


if __name__ == "__main__":
    sys.exit(main())
