"""A queue to rush for: who waits, with which priority, in an order that is known without asking the project."""

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from crm_store import ranking
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff
from crm_store.models.customers import Customer, Identity
from crm_store.models.staff import Agent

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = NOON + timedelta(hours=1)
CHUNK = 1000
APART = timedelta(milliseconds=10)


async def fill(store: Store, agents: int, conversations: int) -> list[int]:
    """Agents 1 to n, and a queue of mixed priorities; its conversations in the order that is promised."""
    chance = random.Random(1)
    places = list(range(conversations))
    chance.shuffle(places)
    since = {number: NOON + APART * place for number, place in enumerate(places, start=1)}
    priority = {number: chance.choice((-2, 0, 0, 0, 1, 3)) for number in since}
    async with store.write() as session:
        session.add_all(
            # Nobody answers or closes here: each holds all that they took.
            Agent(name=f"Agent {n}", role="agent", capacity=conversations, created_at=NOON)
            for n in range(agents)
        )
        for start in range(0, conversations, CHUNK):
            numbers = [number + 1 for number in range(start, min(start + CHUNK, conversations))]
            await session.execute(
                insert(Customer), [{"id": n, "created_at": NOON, "updated_at": NOON} for n in numbers]
            )
            await session.execute(insert(Identity), [_identity(n) for n in numbers])
            await session.execute(insert(Conversation), [_waiting(n, since[n], priority[n]) for n in numbers])
            await session.execute(
                insert(Handoff),
                [
                    {"conversation_id": n, "reason": "asked_for_person", "queued_at": since[n]}
                    for n in numbers
                ],
            )
        await ranking.rank_all(session)
    # Restated from the README, so that a fault in the ranking itself would show: 15 minutes a step of priority.
    return sorted(since, key=lambda n: (since[n] - timedelta(minutes=15) * priority[n], since[n], n))


def _identity(number: int) -> dict[str, object]:
    names = {"channel": "web", "address": str(number)}
    return {"id": number, "customer_id": number, **names, "created_at": NOON, "last_seen_at": NOON}


def _waiting(number: int, since: datetime, priority: int) -> dict[str, object]:
    return {
        "id": number,
        "customer_id": number,
        "identity_id": number,
        "channel": "web",
        "status": Status.QUEUED,
        "priority": priority,
        "queued_at": since,
        "created_at": since,
        "last_message_at": since,
    }
