"""Nobody is stranded: not with who has gone, not with somebody silent, and not by a clock that is set back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.setbacks import Setbacks
from crm_store import attendance, conversations, handing_on, queue
from crm_store.engine import Store
from crm_store.models.conversations import Handoff
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.waiting_stage import Scene, open_scene


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with open_scene(store) as found:
        yield found


async def replied_and_written_again(scene: Scene, presence: str | None) -> None:
    """Ann has taken the case, replied, and the customer asks on; she has told of her presence, or never has."""
    number, now = (await scene.conversation()).id, scene.house.clock
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        if presence is not None:
            await attendance.set_presence(session, ann, "online", now=now(), lasts=attendance.SHIFT_LASTS)
        await queue.take(session, number, ann, now=now())
        await conversations.reply(session, number, ann, "I am looking.", now=now())
    await scene.house.reception.receive([Inbound("terminal", "2", "terminal", "me", Kind.TEXT, "and now?")])
    await scene.pass_minutes(1)
    if presence not in (None, "online"):
        async with scene.house.store.write() as session:
            ann = await session.get_one(Agent, scene.ann.id)
            await attendance.set_presence(session, ann, presence, now=now())


@pytest.mark.parametrize("presence", ["offline", "away"])
async def test_who_replied_and_has_gone_gives_it_back_when_the_customer_waits(
    scene: Scene, presence: str
) -> None:
    before = await scene.conversation()
    await replied_and_written_again(scene, presence)
    assert await scene.pass_minutes(28) == []
    (told,) = await scene.pass_minutes(1)
    assert "back in the queue" in told
    after = await scene.conversation()
    assert (after.status, after.agent_id, after.queued_at) == ("queued", None, before.queued_at)
    async with scene.house.store.read() as session:
        assert list(await session.scalars(select(Handoff.reason).order_by(Handoff.id)))[-1] == "holder_gone"


async def test_so_does_who_is_only_no_longer_heard_of(scene: Scene) -> None:
    await replied_and_written_again(scene, "online")
    minutes = attendance.SHIFT_LASTS // timedelta(minutes=1)
    await scene.pass_minutes(minutes - 2)
    assert (await scene.conversation()).status == "assigned"  # she was there
    await scene.pass_minutes(3)
    assert (await scene.conversation()).status == "queued"


async def test_who_was_there_all_the_time_gives_it_back_on_going(scene: Scene) -> None:
    await replied_and_written_again(scene, "online")
    await scene.pass_minutes(60)
    assert (await scene.conversation()).status == "assigned"
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        await attendance.set_presence(session, ann, "offline", now=scene.house.clock())
    await scene.pass_minutes(1)
    assert (await scene.conversation()).status == "queued"


async def test_who_never_told_whether_they_are_there_keeps_it(scene: Scene) -> None:
    await replied_and_written_again(scene, None)
    await scene.pass_minutes(200)
    assert (await scene.conversation()).status == "assigned"


@pytest.mark.parametrize("presence", ["online", "away", "offline", None])
async def test_a_customer_handed_on_is_told_the_truth(scene: Scene, presence: str | None) -> None:
    number, now = (await scene.conversation()).id, scene.house.clock()
    async with scene.house.store.write() as session:
        bob = Agent(name="Bob", role="agent", created_at=now)
        session.add(bob)
        await session.flush()
        if presence is not None:
            await attendance.set_presence(session, bob, presence, now=now)
        await queue.take(session, number, scene.ann, now=now)
        await session.refresh(bob)
        await handing_on.transfer(
            session, number, by=scene.ann, to=bob, now=now, settings=scene.house.settings
        )
    await scene.house.settle()
    told = scene.house.postbox.taken[-1].text
    assert ("Bob is with you now" in told) is (presence == "online")
    assert ("passed on to Bob, who is not here" in told) is (presence != "online")
    conversation = await scene.conversation()
    expected = ("assigned", bob.id, None) if presence == "online" else ("queued", None, bob.id)
    assert (conversation.status, conversation.agent_id, conversation.meant_for_id) == expected


SET_BACK = [timedelta(minutes=50), timedelta(days=1)]


async def set_back(scene: Scene, by: timedelta, *, noticed: bool) -> None:
    """The clock is set back; without `noticed` while no server runs."""
    setbacks = Setbacks(scene.house.store, scene.house.clock)
    if noticed:
        await setbacks.look()
    scene.house.clock.advance(-by)
    await setbacks.look()


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("by", SET_BACK)
async def test_a_clock_set_back_strands_nobody_who_waits(scene: Scene, by: timedelta, noticed: bool) -> None:
    await scene.pass_minutes(2)
    first = (await scene.conversation()).id
    await set_back(scene, by, noticed=noticed)
    assert "nobody has been free yet" in " ".join(await scene.pass_minutes(11))
    await scene.house.reception.receive([Inbound("terminal", "2", "terminal", "you", Kind.TEXT, "/human")])
    async with scene.house.store.read() as session:
        order = [entry.conversation.id for entry in await queue.listing(session, now=scene.house.clock())]
    assert order[0] == first
    assert len(order) == 2


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("by", SET_BACK)
async def test_nor_who_was_taken_by_somebody_silent(scene: Scene, by: timedelta, noticed: bool) -> None:
    number = (await scene.conversation()).id
    async with scene.house.store.write() as session:
        await queue.take(session, number, scene.ann, now=scene.house.clock())
    await set_back(scene, by, noticed=noticed)
    limit = StoreSettings().first_reply
    assert limit is not None
    await scene.pass_minutes(int(limit / timedelta(minutes=1)) + 2)
    assert (await scene.conversation()).status == "queued"


@pytest.mark.parametrize("noticed", [True, False])
async def test_nor_keeps_it_somebody_there_who_has_gone(scene: Scene, noticed: bool) -> None:
    now = scene.house.clock
    async with scene.house.store.write() as session:
        await attendance.set_presence(
            session, await session.get_one(Agent, scene.ann.id), "online", now=now()
        )
    await set_back(scene, timedelta(days=1), noticed=noticed)
    now.advance(attendance.DESK_LASTS if noticed else attendance.SHIFT_LASTS)
    async with scene.house.store.read() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        assert attendance.presence_of(ann, now()) == "offline"
