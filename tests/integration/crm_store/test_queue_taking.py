"""Taking from the queue: however many agents reach for it at once, each conversation has one holder."""

import asyncio

import pytest
from sqlalchemy import func, select

from crm_store import queue
from crm_store.engine import Store
from crm_store.errors import Conflict
from crm_store.lifecycle import Status
from crm_store.models.conversations import Assignment, Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.staff import Agent
from tests.house import NOON


async def waiting(store: Store, how_many: int) -> list[int]:
    """Conversations in the queue."""
    ids = []
    async with store.write() as session:
        for number in range(how_many):
            customer = Customer(created_at=NOON, updated_at=NOON)
            session.add(customer)
            await session.flush()
            identity = Identity(customer_id=customer.id, channel="web", address=str(number),
                                created_at=NOON, last_seen_at=NOON)  # fmt: skip
            session.add(identity)
            await session.flush()
            conversation = Conversation(customer_id=customer.id, identity_id=identity.id, channel="web",
                                        status=Status.QUEUED, queued_at=NOON, created_at=NOON,
                                        last_message_at=NOON)  # fmt: skip
            session.add(conversation)
            await session.flush()
            ids.append(conversation.id)
    return ids


async def staff(store: Store, how_many: int) -> list[Agent]:
    """Agents."""
    agents = [Agent(name=f"Agent {n}", role="agent", created_at=NOON) for n in range(how_many)]
    async with store.write() as session:
        session.add_all(agents)
    return agents


async def take(store: Store, conversation_id: int, agent: Agent) -> bool:
    try:
        async with store.write() as session:
            await queue.take(session, conversation_id, agent, now=NOON)
    except Conflict:
        return False
    return True


@pytest.mark.parametrize("agents", [2, 8])
async def test_agents_who_take_at_once_are_not_both_given_it(store: Store, agents: int) -> None:
    (wanted,) = await waiting(store, 1)
    people = await staff(store, agents)
    got = await asyncio.gather(*(take(store, wanted, agent) for agent in people))
    assert got.count(True) == 1
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 1
        holder = await session.scalar(select(Conversation.agent_id))
    assert holder == people[got.index(True)].id


async def test_the_next_ones_go_to_different_agents(store: Store) -> None:
    await waiting(store, 6)
    people = await staff(store, 6)

    async def next_for(agent: Agent) -> int | None:
        async with store.write() as session:
            taken = await queue.take_next(session, agent, now=NOON)
            return taken.id if taken else None

    got = await asyncio.gather(*(next_for(agent) for agent in people))
    held = [number for number in got if number is not None]
    assert len(held) == len(set(held)) == 6
