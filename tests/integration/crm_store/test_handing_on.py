"""Handed on to somebody who is not there: it waits for them first, then for whoever is free, and nobody is misled."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.dispatch import Dispatcher
from crm_store import attendance, bulk, conversations, desk, handing_on, queue, ranking, staff
from crm_store.engine import Store
from crm_store.errors import Conflict, IllegalTransition
from crm_store.models.conversations import Conversation, Handoff, Message
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from tests.house import NOON, FakeClock
from tests.integration.crm_store.test_dispatching import agents, holders, say
from tests.integration.crm_store.test_queue_order import waits

SETTINGS = StoreSettings()
MINUTE = timedelta(minutes=1)


async def transfer(
    store: Store, number: int, by: Agent, to: Agent, clock: FakeClock, note: str = ""
) -> Conversation:
    async with store.write() as session:
        return await handing_on.transfer(
            session,
            number,
            by=await session.get_one(Agent, by.id),
            to=await session.get_one(Agent, to.id),
            note_text=note or None,
            now=clock(),
            settings=SETTINGS,
        )


async def taken(store: Store, clock: FakeClock, *, since: timedelta) -> tuple[int, Agent, Agent, Agent]:
    """A conversation that Ann took after somebody had waited so long; Ben and Cid are other agents."""
    number = await waits(store, "1", NOON - since)
    ann, ben, cid = await agents(store, 5, 5, 5)
    async with store.write() as session:
        await queue.take(session, number, await session.get_one(Agent, ann.id), now=clock())
    return number, ann, ben, cid


@pytest.mark.parametrize("presence", ["offline", "away", "expired"])
async def test_it_waits_with_its_original_wait_for_them_first(store: Store, presence: str) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=40 * MINUTE)
    await say(store, ben, "online" if presence == "expired" else presence, clock)
    if presence == "expired":
        clock.advance(attendance.DESK_LASTS)
    found = await transfer(store, number, ann, ben, clock)
    assert (found.status, found.agent_id, found.meant_for_id) == ("queued", None, ben.id)
    assert (found.queued_at, found.meant_until) == (NOON - 40 * MINUTE, clock() + 30 * MINUTE)
    dispatcher = Dispatcher(store, clock, SETTINGS)
    await say(store, cid, "online", clock)
    assert await dispatcher.give_all() == 0
    async with store.write() as session:
        assert await queue.take_next(session, await session.get_one(Agent, cid.id), now=clock()) is None
    await say(store, ben, "online", clock)
    assert await dispatcher.give_all() == 1
    assert await holders(store) == {number: ben.id}
    async with store.read() as session:
        assert (await conversations.get(session, number)).meant_for_id is None


async def test_then_it_goes_to_whoever_is_free(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=MINUTE)
    await transfer(store, number, ann, ben, clock)
    clock.advance(30 * MINUTE)
    await say(store, cid, "online", clock)
    assert await Dispatcher(store, clock, SETTINGS).give_all() == 1
    assert await holders(store) == {number: cid.id}


async def test_they_are_preferred_even_then_and_need_not_speak_its_language(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=MINUTE)
    async with store.write() as session:
        (await session.get_one(Agent, ben.id)).languages = ["zh"]
    await transfer(store, number, ann, ben, clock)
    clock.advance(31 * MINUTE)
    for one in (cid, ben):
        await say(store, one, "online", clock)
    await Dispatcher(store, clock, SETTINGS).give_all()
    assert await holders(store) == {number: ben.id}


async def test_the_time_for_them_alone_counts_working_hours(store: Store) -> None:
    clock = FakeClock()
    hours = StoreSettings(working_hours="mon-sun 00:00-12:10", handed_on_minutes=30)
    number, ann, ben, _ = await taken(store, clock, since=MINUTE)
    async with store.write() as session:
        by, to = await session.get_one(Agent, ann.id), await session.get_one(Agent, ben.id)
        found = await handing_on.transfer(session, number, by=by, to=to, now=clock(), settings=hours)
    assert found.meant_until == NOON.replace(hour=0) + timedelta(days=1, minutes=20)


async def test_the_customer_is_told_the_truth_and_the_note_is_kept(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=MINUTE)
    await transfer(store, number, ann, ben, clock, note="knows the case")
    await transfer(store, number, ann, cid, clock, note="or Cid")  # from the queue: it waits as before
    async with store.read() as session:
        said = list(await session.scalars(select(Message).order_by(Message.id)))
    told = [(m.intent or {}).get("say") for m in said if m.author == "system"]
    assert told[-1] == "kept_for"
    assert told.count("kept_for") == 1
    assert [m.text for m in said if m.is_note] == ["knows the case", "or Cid"]


async def test_what_it_was_meant_for_ends_with_the_wait(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=MINUTE)
    await transfer(store, number, ann, ben, clock)
    with pytest.raises(Conflict, match="waits for"):
        await transfer(store, number, ann, ben, clock)
    async with store.write() as session:
        await queue.take(session, number, await session.get_one(Agent, cid.id), now=clock())
        found = await queue.release(session, number, await session.get_one(Agent, cid.id), now=clock())
        assert found.meant_for_id is None
        await queue.resolve(
            session, number, await session.get_one(Agent, cid.id), now=clock(), settings=SETTINGS
        )
    with pytest.raises(IllegalTransition):
        await transfer(store, number, ann, ben, clock)


async def _disabled(session: Session, agent: Agent, clock: FakeClock) -> None:
    await staff.disable_agent(session, agent.id, now=clock())


async def _only_reads(session: Session, agent: Agent, clock: FakeClock) -> None:
    await staff.change_agent(session, agent.id, role="analyst", now=clock())


@pytest.mark.parametrize("leave", [_disabled, _only_reads], ids=lambda way: way.__name__)
async def test_what_waits_for_somebody_who_serves_nobody_any_more_is_for_all(
    store: Store, leave: Callable[[Session, Agent, FakeClock], Awaitable[None]]
) -> None:
    clock = FakeClock()
    number, ann, ben, cid = await taken(store, clock, since=MINUTE)
    await transfer(store, number, ann, ben, clock)
    queue_moved = store.signals.listen(Topic.QUEUE)
    async with store.write() as session:
        await desk.set_groups(session, ["-100"])
        await leave(session, ben, clock)
        found = await conversations.get(session, number)
        assert (found.meant_for_id, found.meant_until) == (None, None)
        assert list(await session.scalars(select(DeskPost.kind))) == ["card"]
    assert await queue_moved.wait(0)
    await say(store, cid, "online", clock)
    assert await Dispatcher(store, clock, SETTINGS).give_all() == 1
    assert await holders(store) == {number: cid.id}


async def test_undone_it_does_not_wait_for_somebody_who_has_left_for_good(store: Store) -> None:
    """Handed on to Ben, then with others to a team, Ben is disabled, and the second act is undone."""
    clock = FakeClock()
    number, ann, ben, _ = await taken(store, clock, since=MINUTE)
    await transfer(store, number, ann, ben, clock)
    async with store.write() as session:
        by = await session.get_one(Agent, ann.id)
        act = await bulk.apply(
            session, "assign", [number], by, value="team:night", now=clock(), settings=SETTINGS
        )
        await staff.disable_agent(session, ben.id, now=clock())
        await bulk.undo(session, act.id, by, now=clock(), settings=SETTINGS)
        found = await conversations.get(session, number)
        assert (found.meant_for_id, found.team) == (None, None)


async def test_who_hands_on_to_themselves_has_it(store: Store) -> None:
    clock = FakeClock()
    number, ann, _, _ = await taken(store, clock, since=MINUTE)
    async with store.write() as session:
        await queue.release(session, number, await session.get_one(Agent, ann.id), now=clock())
    assert (await transfer(store, number, ann, ann, clock)).agent_id == ann.id


async def test_many_at_once_and_back_again(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, _ = await taken(store, clock, since=MINUTE)
    other = await waits(store, "2", NOON)
    async with store.write() as session:
        me = await session.get_one(Agent, ann.id)
        done = await bulk.apply(
            session, "assign", [number, other], me, now=clock(), settings=SETTINGS, value=f"agent:{ben.id}"
        )
        assert (done.changed, done.waiting) == ((number, other), (number, other))
        undone = await bulk.undo(session, done.id, me, now=clock(), settings=SETTINGS)
        assert undone.changed == (number, other)
    assert await holders(store) == {number: ann.id, other: None}
    async with store.read() as session:
        waiting = list(await session.scalars(select(Handoff).where(Handoff.ended_at.is_(None))))
        assert [one.conversation_id for one in waiting] == [other]
        [one] = await ranking.waiting_of(session, [other], now=clock())
        assert (one.meant_for_id, one.is_kept) == (None, False)


async def test_undone_once_its_holder_has_gone_it_waits_for_them(store: Store) -> None:
    clock = FakeClock()
    number, ann, ben, _ = await taken(store, clock, since=MINUTE)
    await say(store, ann, "online", clock)
    async with store.write() as session:
        boss = await session.get_one(Agent, ben.id)
        boss.role = "supervisor"
        until = (clock() + timedelta(hours=4)).isoformat()
        done = await bulk.apply(
            session, "snooze", [number], boss, now=clock(), settings=SETTINGS, value=until
        )
    clock.advance(attendance.DESK_LASTS)
    async with store.write() as session:
        boss = await session.get_one(Agent, ben.id)
        await bulk.undo(session, done.id, boss, now=clock(), settings=SETTINGS)
        found = await conversations.get(session, number)
        assert (found.status, found.agent_id, found.meant_for_id) == ("queued", None, ann.id)
