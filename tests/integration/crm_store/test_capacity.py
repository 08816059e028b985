"""How many somebody may hold: the next of the queue and what colleagues hand on heed it, what they name does not."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.dispatch import Dispatcher
from crm_store import attendance, bulk, conversations, handing_on, queue
from crm_store.engine import Store
from crm_store.errors import Conflict
from crm_store.models.conversations import Conversation, Message
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import NOON, FakeClock
from tests.integration.crm_store.test_dispatching import agents, say
from tests.integration.crm_store.test_queue_order import waits

SETTINGS = StoreSettings()
MINUTE = timedelta(minutes=1)


async def waiting(store: Store, count: int) -> list[int]:
    return [await waits(store, str(n), NOON - (count - n) * MINUTE) for n in range(count)]


async def take_next(store: Store, agent: Agent) -> int | None:
    async with store.write() as session:
        me = await session.get_one(Agent, agent.id)
        taken = await queue.take_next(session, me, now=NOON)
        return taken.id if taken else None


async def test_who_holds_as_many_as_they_can_takes_no_next_and_may_take_one_they_name(store: Store) -> None:
    first, second, third = await waiting(store, 3)
    (ann,) = await agents(store, 1)
    assert await take_next(store, ann) == first
    with pytest.raises(Conflict) as refused:
        await take_next(store, ann)
    assert (refused.value.kind, refused.value.params) == ("at_capacity", {"holds": 1, "most": 1})
    async with store.write() as session:
        me = await session.get_one(Agent, ann.id)
        await queue.take(session, third, me, now=NOON)
        await queue.resolve(session, first, me, now=NOON, settings=SETTINGS)
        await queue.resolve(session, third, me, now=NOON, settings=SETTINGS)
    assert await take_next(store, ann) == second
    assert await take_next(store, ann) is None, "nobody waits, so nobody is refused"


async def test_reaching_twice_at_once_brings_no_more_than_there_is_room_for(store: Store) -> None:
    await waiting(store, 4)
    (ann,) = await agents(store, 2)

    async def reach() -> bool:
        try:
            return await take_next(store, ann) is not None
        except Conflict:
            return False

    assert (await asyncio.gather(*(reach() for _ in range(4)))).count(True) == 2


async def test_handed_on_to_who_is_full_it_waits_for_them_first(store: Store) -> None:
    clock = FakeClock()
    of_ben, number = await waiting(store, 2)
    ann, ben, cid = await agents(store, 5, 1, 5)
    await say(store, ben, "online", clock)
    async with store.write() as session:
        await queue.take(session, of_ben, await session.get_one(Agent, ben.id), now=clock())
        await queue.take(session, number, await session.get_one(Agent, ann.id), now=clock())
    async with store.write() as session:
        found = await handing_on.transfer(
            session, number, by=await session.get_one(Agent, ann.id), to=await session.get_one(Agent, ben.id),
            now=clock(), settings=SETTINGS,
        )  # fmt: skip
        assert (found.status, found.agent_id, found.meant_for_id) == ("queued", None, ben.id)
        last = await session.scalar(select(Message).order_by(Message.id.desc()).limit(1))
        assert last is not None
        assert (last.intent or {})["say"] == "kept_for_busy"
        assert (last.intent or {})["place"] == 0, "it will tell their place"
    await say(store, cid, "online", clock)
    assert await Dispatcher(store, clock, SETTINGS).give_all() == 0
    async with store.write() as session:
        me = await session.get_one(Agent, ben.id)
        await queue.resolve(session, of_ben, me, now=clock(), settings=SETTINGS)
    assert await Dispatcher(store, clock, SETTINGS).give_all() == 1
    async with store.read() as session:
        assert (await conversations.get(session, number)).agent_id == ben.id


async def test_handed_on_many_at_once_only_as_many_as_there_is_room_for_are_held(store: Store) -> None:
    clock = FakeClock()
    numbers = await waiting(store, 4)
    ann, ben = await agents(store, 5, 3)
    await say(store, ben, "online", clock)
    async with store.write() as session:
        by = await session.get_one(Agent, ann.id)
        done = await bulk.apply(
            session, "assign", numbers, by, value=f"agent:{ben.id}", now=clock(), settings=SETTINGS
        )
        assert len(done.changed) == 4
        assert len(done.waiting) == 1
        held = select(func.count()).where(Conversation.agent_id == ben.id)
        assert await session.scalar(held) == 3
        assert attendance.is_there(await session.get_one(Agent, ben.id), clock())
