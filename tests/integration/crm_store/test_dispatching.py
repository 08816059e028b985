"""Giving by itself: only to who is online and free, never more than they can hold, drained as soon as somebody is."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.dispatch import Dispatcher, Timekeeper
from crm_store import attendance, dispatching, queue, snoozing
from crm_store.attendance import DESK_LASTS
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Assignment, Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from tests.house import NOON, FakeClock
from tests.integration.crm_store.test_queue_order import waits

MINUTE = timedelta(minutes=1)
SETTINGS = StoreSettings()


async def agents(store: Store, *capacities: int, **more: object) -> list[Agent]:
    made = [
        Agent(name=f"{more.get('team', 'Agent')} {n}", role="agent", capacity=size, created_at=NOON, **more)
        for n, size in enumerate(capacities)
    ]
    async with store.write() as session:
        session.add_all(made)
    return made


async def say(store: Store, agent: Agent, presence: str, clock: FakeClock) -> None:
    async with store.write() as session:
        await attendance.set_presence(session, await session.get_one(Agent, agent.id), presence, now=clock())


async def holders(store: Store) -> dict[int, int | None]:
    async with store.read() as session:
        rows = await session.execute(select(Conversation.id, Conversation.agent_id))
        return {row[0]: row[1] for row in rows}


async def test_nothing_is_given_to_who_is_not_there(store: Store) -> None:
    clock = FakeClock()
    number = await waits(store, "1", NOON)
    ann, ben = await agents(store, 5, 5)
    dispatcher = Dispatcher(store, clock, SETTINGS)
    await say(store, ann, "away", clock)
    await say(store, ben, "online", clock)
    clock.advance(DESK_LASTS)
    assert await dispatcher.give_all() == 0
    async with store.write() as session:
        assert await attendance.renew(session, ben.id, now=clock())
        assert not await attendance.renew(session, ann.id, now=clock())
    assert await dispatcher.give_all() == 1
    assert await holders(store) == {number: ben.id}


async def test_the_oldest_first_and_nobody_more_than_they_can_hold(store: Store) -> None:
    clock = FakeClock()
    ids = [await waits(store, str(n), NOON - n * MINUTE) for n in range(6, 0, -1)]
    ann, ben = await agents(store, 2, 1)
    for one in (ann, ben):
        await say(store, one, "online", clock)
    dispatcher = Dispatcher(store, clock, SETTINGS)
    assert await dispatcher.give_all() == 3
    held = await holders(store)
    assert [held[n] is not None for n in ids] == [True] * 3 + [False] * 3
    assert sorted(agent for agent in held.values() if agent) == [ann.id, ann.id, ben.id]
    first_of_ben = next(n for n, agent in held.items() if agent == ben.id)
    async with store.write() as session:
        await queue.resolve(session, first_of_ben, ben, now=clock(), settings=SETTINGS)
    assert await dispatcher.give_all() == 1
    assert (await holders(store))[ids[3]] == ben.id


async def test_who_cannot_be_served_keeps_nobody_behind_them_waiting(store: Store) -> None:
    clock = FakeClock()
    for n in range(30):
        await waits(store, f"zh-{n}", NOON - timedelta(hours=1), language="zh")
    served = await waits(store, "en", NOON, team="returns")
    (ann,) = await agents(store, 3, languages=["en"], team="returns")
    await say(store, ann, "online", clock)
    assert await Dispatcher(store, clock, SETTINGS).give_all() == 1
    assert (await holders(store))[served] == ann.id


async def test_a_customer_who_returns_goes_to_their_last_agent_if_online(store: Store) -> None:
    clock = FakeClock()
    ann, ben = await agents(store, 5, 5)
    first = await waits(store, "1", NOON - timedelta(days=40))
    async with store.write() as session:
        before = await queue.take(session, first, ben, now=NOON - timedelta(days=40))
        await session.execute(
            update(Conversation).where(Conversation.id == first).values(
                status=Status.RESOLVED, resolved_at=NOON - timedelta(days=39))
        )  # fmt: skip
    await say(store, ann, "online", clock)
    again = await waits(store, "2", NOON, customer_id=before.customer_id)
    async with store.write() as session:
        (given,) = await dispatching.give(session, now=clock())
    assert (given.conversation_id, given.agent_id) == (again, ann.id)
    await say(store, ben, "online", clock)
    third = await waits(store, "3", NOON, customer_id=before.customer_id)
    async with store.write() as session:
        (given,) = await dispatching.give(session, now=clock())
    assert (given.conversation_id, given.agent_id) == (third, ben.id)


async def test_what_was_snoozed_goes_back_to_who_snoozed_it(store: Store) -> None:
    clock = FakeClock()
    ann, ben = await agents(store, 5, 5)
    number = await waits(store, "1", NOON - MINUTE)
    await say(store, ben, "online", clock)
    async with store.write() as session:
        await dispatching.give(session, now=clock())
        await snoozing.snooze(session, number, ben, until=clock() + MINUTE, now=clock())
    await say(store, ann, "online", clock)  # holds nothing, as Ben does, and comes first by number
    clock.advance(MINUTE)
    await Timekeeper(store, clock, SETTINGS).fire_due()
    async with store.write() as session:
        given = await dispatching.give(session, now=clock())
    assert (await holders(store))[number] == ben.id, given
    async with store.write() as session:
        await queue.release(session, number, ben, now=clock())
        (given_back,) = await dispatching.give(session, now=clock())
    assert given_back.agent_id == ann.id


async def test_who_does_not_answer_gives_it_back_and_is_away(store: Store) -> None:
    clock = FakeClock()
    number = await waits(store, "1", NOON - 3 * MINUTE)
    ann, ben = await agents(store, 5, 5)
    await say(store, ann, "online", clock)
    dispatcher, keeper = Dispatcher(store, clock, SETTINGS), Timekeeper(store, clock, SETTINGS)
    await dispatcher.give_all()
    await keeper.fire_due()
    assert SETTINGS.first_reply is not None
    clock.advance(SETTINGS.first_reply)
    async with store.write() as session:
        await attendance.renew(session, ann.id, now=clock())
    await keeper.fire_due()
    async with store.read() as session:
        back = await session.get_one(Conversation, number)
        silent = await session.get_one(Agent, ann.id)
    assert (back.status, back.agent_id, back.queued_at) == ("queued", None, NOON - 3 * MINUTE)
    assert silent.presence == "away"
    assert await dispatcher.give_all() == 0
    await say(store, ben, "online", clock)
    assert await dispatcher.give_all() == 1
    assert (await holders(store))[number] == ben.id


@pytest.mark.parametrize("processes", [1, 4])
async def test_dispatchers_and_hands_at_once_hold_nothing_twice(store: Store, processes: int) -> None:
    clock = FakeClock()
    ids = [await waits(store, str(n), NOON - n * MINUTE) for n in range(24)]
    people = await agents(store, 3, 3, 3, 3)
    for one in people:
        await say(store, one, "online", clock)
    (hand,) = await agents(store, 50, team="hands")

    async def take() -> None:
        async with store.write() as session:
            await queue.take_next(session, hand, now=clock())

    dispatchers = [Dispatcher(store, clock, SETTINGS).give_all() for _ in range(processes)]
    await asyncio.gather(*dispatchers, *(take() for _ in range(6)))
    async with store.read() as session:
        per_conversation = select(func.count(Assignment.id)).group_by(Assignment.conversation_id)
        assert set(await session.scalars(per_conversation)) == {1}
        load = select(Assignment.agent_id, func.count()).group_by(Assignment.agent_id)
        loads = {row[0]: row[1] for row in await session.execute(load)}
    assert loads == {**{one.id: 3 for one in people}, hand.id: 6}
    assert len(ids) == 24


async def test_the_loop_gives_as_soon_as_somebody_comes_online(sqlite_store: Store) -> None:
    clock = FakeClock()
    number = await waits(sqlite_store, "1", NOON)
    (ann,) = await agents(sqlite_store, 1)
    heard = sqlite_store.signals.listen(Topic.CONVERSATIONS)
    loop = asyncio.create_task(Dispatcher(sqlite_store, clock, SETTINGS).run())
    try:
        await say(sqlite_store, ann, "online", clock)
        while (await holders(sqlite_store))[number] is None:
            assert await heard.wait(10)
    finally:
        loop.cancel()
        await asyncio.wait([loop])


async def test_nothing_is_given_where_agents_only_take(sqlite_store: Store) -> None:
    clock = FakeClock()
    await waits(sqlite_store, "1", NOON)
    (ann,) = await agents(sqlite_store, 1)
    await say(sqlite_store, ann, "online", clock)
    loop = asyncio.create_task(Dispatcher(sqlite_store, clock, StoreSettings(dispatch="pull")).run())
    for _ in range(20):
        await asyncio.sleep(0)
    loop.cancel()
    await asyncio.wait([loop])
    assert set((await holders(sqlite_store)).values()) == {None}
