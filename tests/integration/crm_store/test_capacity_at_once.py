"""Several reach for a conversation for the same person at once: they are counted one after the other, and nobody holds
a conversation while they wait for their turn."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update

from crm_store import bulk, handing_on, queue
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.settings import StoreSettings
from tests.house import NOON, FakeClock
from tests.integration.crm_store.test_capacity import waiting
from tests.integration.crm_store.test_dispatching import agents, say
from tests.outbox_rows import eventually
from tests.several_processes import anybody_waits

SETTINGS = StoreSettings()
Reach = Callable[[Session, int, Agent, Agent], Awaitable[object]]


async def _next(session: Session, _number: int, _by: Agent, to: Agent) -> object:
    return await queue.take_next(session, to, now=NOON)


async def _handed_on(session: Session, number: int, by: Agent, to: Agent) -> object:
    return await handing_on.transfer(session, number, by=by, to=to, now=NOON, settings=SETTINGS)


async def _with_others(session: Session, number: int, by: Agent, to: Agent) -> object:
    return await bulk.apply(
        session, "assign", [number], by, value=f"agent:{to.id}", now=NOON, settings=SETTINGS
    )


ways = pytest.mark.parametrize("way", [_next, _handed_on, _with_others], ids=lambda way: way.__name__)


async def reach(store: Store, way: Reach, number: int, by: Agent, to: Agent) -> None:
    async with store.write() as session:
        me, other = await session.get_one(Agent, by.id), await session.get_one(Agent, to.id)
        await way(session, number, me, other)


@ways
async def test_who_waits_for_their_turn_holds_no_conversation_meanwhile(
    postgres_store: Store, way: Reach
) -> None:
    """Else they and whoever has their row, and looks at several conversations, wait for each other."""
    numbers = await waiting(postgres_store, 1)
    ann, ben = await agents(postgres_store, 5, 5)
    async with postgres_store.write() as session:
        await session.execute(update(Agent).where(Agent.id == ben.id).values(present_until=NOON))
        reaching = asyncio.create_task(reach(postgres_store, way, numbers[0], ann, ben))
        await eventually(lambda: anybody_waits(postgres_store))
        free = select(Conversation.id).with_for_update(skip_locked=True)
        assert list(await session.scalars(free)) == numbers
    await reaching


@pytest.mark.parametrize("way", [_handed_on, _with_others], ids=lambda way: way.__name__)
async def test_two_who_hand_on_to_one_person_at_once_leave_them_no_more_than_they_can_hold(
    postgres_store: Store, way: Reach
) -> None:
    first, second = await waiting(postgres_store, 2)
    ann, ben = await agents(postgres_store, 5, 1)
    await say(postgres_store, ben, "online", FakeClock())
    async with postgres_store.write() as session:
        by, to = await session.get_one(Agent, ann.id), await session.get_one(Agent, ben.id)
        await way(session, first, by, to)
        other = asyncio.create_task(reach(postgres_store, way, second, ann, ben))

        async def has_looked() -> bool:
            return other.done() or await anybody_waits(postgres_store)

        await eventually(has_looked)
    await other
    async with postgres_store.read() as session:
        held = select(func.count()).where(Conversation.agent_id == ben.id)
        kept = select(func.count()).where(Conversation.meant_for_id == ben.id)
        assert (await session.scalar(held), await session.scalar(kept)) == (1, 1)
