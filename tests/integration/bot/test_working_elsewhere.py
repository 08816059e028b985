"""Who lets one conversation of several lie gives it back; who did nothing at all since it was given is away."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Dispatcher
from crm_store import attendance, audit, conversations, dispatching, queue, snoozing
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from tests.waiting_stage import Scene, open_scene


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with open_scene(store) as found:
        yield found


async def given(scene: Scene) -> int:
    """The conversation, which Ann, who is online, was given by itself."""
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        now = scene.house.clock()
        await attendance.set_presence(session, ann, "online", now=now, lasts=attendance.SHIFT_LASTS)
    async with scene.house.store.write() as session:
        (one,) = await dispatching.give(session, now=scene.house.clock())
    return one.conversation_id


async def is_online(scene: Scene) -> bool:
    async with scene.house.store.read() as session:
        return (await session.get_one(Agent, scene.ann.id)).presence == "online"


async def test_who_did_nothing_at_all_is_away(scene: Scene) -> None:
    await given(scene)
    await scene.pass_minutes(30)
    assert ((await scene.conversation()).status, await is_online(scene)) == ("queued", False)


WORK = ("replies", "resolves", "notes", "tags")


@pytest.mark.parametrize("work", WORK)
async def test_who_worked_elsewhere_meanwhile_stays_online_and_the_conversation_goes_back(
    scene: Scene, work: str
) -> None:
    number = await given(scene)
    await scene.pass_minutes(5)
    house, now = scene.house, scene.house.clock()
    await house.reception.receive([Inbound("terminal", "9", "terminal", "other", Kind.TEXT, "/human")])
    await house.settle()
    async with house.store.write() as session:
        other = (await session.scalars(select(Conversation.id).where(Conversation.id != number))).one()
        ann = await session.get_one(Agent, scene.ann.id)
        if work == "replies":
            await conversations.reply(session, other, ann, "It leaves today.", now=now)
        elif work == "resolves":
            await queue.resolve(session, other, ann, now=now, settings=house.settings)
        elif work == "notes":
            await conversations.note(session, number, ann, "asked the warehouse", now=now, from_desk=True)
        else:
            actor = f"agent:{ann.id} {ann.name}"
            await audit.record(session, actor=actor, action="tags", subject=f"conversation:{other}", now=now)
    await scene.pass_minutes(25)
    async with house.store.read() as session:
        back = await session.get_one(Conversation, number)
        told = list(await session.scalars(select(DeskPost.id).where(DeskPost.kind == "relieved")))
        ran_out = select(DeskPost.agent_id, DeskPost.text).where(DeskPost.kind == "ran_out")
        calls = (await session.execute(ran_out)).all()
    assert (back.status, await is_online(scene), told) == ("queued", True, [])
    assert [tuple(call) for call in calls] == [(scene.ann.id, '{"minutes": 30}')]


async def gives(scene: Scene) -> int:
    """How many are given now."""
    return await Dispatcher(scene.house.store, scene.house.clock, scene.house.settings).give_all()


async def writes_elsewhere(scene: Scene) -> None:
    """Ann writes a note of something else, so that she works, as far as anybody can tell."""
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        number = (await session.scalars(select(Conversation.id))).one()
        await conversations.note(session, number, ann, "busy", now=scene.house.clock(), from_desk=True)


async def test_the_only_one_who_let_it_lie_is_given_it_again_after_a_growing_pause(scene: Scene) -> None:
    await given(scene)
    for pause in (10, 20, 40):
        await scene.pass_minutes(29)
        await writes_elsewhere(scene)
        await scene.pass_minutes(1)
        assert (await gives(scene), (await scene.conversation()).status) == (0, "queued")
        await scene.pass_minutes(pause - 1)
        assert await gives(scene) == 0
        await scene.pass_minutes(1)
        assert (await gives(scene), (await scene.conversation()).status) == (1, "assigned")


async def test_the_customer_is_not_told_the_same_each_time(scene: Scene) -> None:
    await given(scene)
    told = []
    for pause in (10, 20, 40):
        await scene.pass_minutes(1)
        told += await scene.pass_minutes(28)
        await writes_elsewhere(scene)
        told += await scene.pass_minutes(pause + 1)
        await gives(scene)
    told += await scene.pass_minutes(1)
    assert [sum(words in text for text in told) for words in ("Ann is with you", "still waiting")] == [0, 1]
    assert sum("back in the queue" in text for text in told) == 2


async def test_what_was_passed_on_to_a_team_is_for_the_others_in_it(scene: Scene) -> None:
    number = await given(scene)
    store, now = scene.house.store, scene.house.clock()
    async with store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        bob = Agent(name="Bob", role="agent", team="night", created_at=now)
        session.add(bob)
        await snoozing.transfer_to_team(session, number, by=ann, team="night", now=now)
    assert await gives(scene) == 0
    async with store.write() as session:
        (await session.get_one(Agent, bob.id)).disabled_at = now
    assert await gives(scene) == 1


async def test_who_says_that_they_are_back_is_given_what_they_let_lie(scene: Scene) -> None:
    number = await given(scene)
    await scene.pass_minutes(29)
    await writes_elsewhere(scene)
    await scene.pass_minutes(2)
    assert await gives(scene) == 0
    assert await given(scene) == number


async def test_what_everybody_passed_on_is_for_somebody(scene: Scene) -> None:
    """For all but who did last; and for them, too, where the others don't speak its language."""
    number = await given(scene)
    store, now = scene.house.store, scene.house.clock()
    async with store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        bob = Agent(name="Bob", role="agent", team="night", created_at=now)
        session.add(bob)
        await session.flush()
        await snoozing.transfer_to_team(session, number, by=ann, team="night", now=now)
    await scene.pass_minutes(1)
    now = scene.house.clock()
    async with store.write() as session:
        bob = await session.get_one(Agent, bob.id)
        await queue.take(session, number, bob, now=now)
        await snoozing.transfer_to_team(session, number, by=bob, team="night", now=now)
    assert await gives(scene) == 1
    async with store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        await snoozing.transfer_to_team(session, number, by=ann, team="night", now=scene.house.clock())
    assert await gives(scene) == 0
    async with store.write() as session:
        (await session.get_one(Agent, bob.id)).languages = ["zh"]
    assert await gives(scene) == 1


async def test_what_somebody_left_goes_to_a_colleague_who_is_free(scene: Scene) -> None:
    number = await given(scene)
    await scene.pass_minutes(10)
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        await conversations.note(session, number, ann, "later", now=scene.house.clock())
    await scene.pass_minutes(20)
    async with scene.house.store.write() as session:
        bob = Agent(name="Bob", role="agent", created_at=scene.house.clock(), capacity=1)
        session.add(bob)
        await session.flush()
        now = scene.house.clock()
        await attendance.set_presence(session, bob, "online", now=now, lasts=attendance.SHIFT_LASTS)
    async with scene.house.store.write() as session:
        (one,) = await dispatching.give(session, now=scene.house.clock())
    assert (one.conversation_id, one.agent_id) == (number, bob.id)
