"""Promised replies: warned of, escalated when broken, weighed in the queue, reported as plain SQL counts them."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import text

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import conversations, owed, promises, queue, workload
from crm_store.calendars import OPEN
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.snoozing import snooze
from tests.house import open_house
from tests.promise_stage import MINUTE, RULES, Scene, scene_of


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with scene_of(store, RULES) as found:
        yield found


async def test_a_promise_is_warned_of_then_escalated_each_once(scene: Scene) -> None:
    number = await scene.says("me", "/human")
    await scene.pass_minutes(14)
    assert await scene.posts() == []
    await scene.pass_minutes(1)
    assert await scene.posts() == [("due_soon", "first 20")]
    await scene.pass_minutes(4)
    async with scene.house.store.read() as session:
        assert await promises.overdue(session) == []
    await scene.pass_minutes(1)
    assert await scene.posts() == [("due_soon", "first 20"), ("overdue", "first 20")]
    async with scene.house.store.read() as session:
        (broken,) = await promises.overdue(session)
        entry = await queue.place(session, await conversations.get(session, number), now=scene.house.clock())
    assert (broken.conversation_id, broken.kind) == (number, "first")
    assert entry is not None
    assert [(why.reason, why.points) for why in entry.why_next] == [
        ("waiting", 20), ("overdue", 30), ("target", 40),
    ]  # fmt: skip
    await scene.pass_minutes(20)
    assert len(await scene.posts()) == 2


async def test_kept_and_broken_promises_are_reported_as_sql_counts_them(scene: Scene) -> None:
    begun = scene.house.clock()
    first = await scene.says("one", "/human")
    await scene.pass_minutes(5)
    await scene.reply(first)
    await scene.pass_minutes(300)  # for the customer, whom nobody blames
    await scene.says("one", "and now?")
    await scene.pass_minutes(12)
    await scene.reply(first)
    await scene.pass_minutes(1)
    await scene.resolve(first)
    second = await scene.says("two", "/human")
    await scene.pass_minutes(2)
    await scene.says("two", "/cancel")
    await scene.pass_minutes(70)
    assert second != first
    assert await scene.kept() == [
        ("first", True), ("resolution", True), ("next", False), ("first", None), ("resolution", None),
    ]  # fmt: skip
    async with scene.house.store.read() as session:
        told = await promises.shares(session, begun, scene.house.clock())
        plain = await session.execute(text(
            "SELECT kind, count(*), sum(CASE WHEN was_kept THEN 1 ELSE 0 END), "
            "sum(CASE WHEN NOT was_kept THEN 1 ELSE 0 END) FROM promise GROUP BY kind ORDER BY kind"
        ))  # fmt: skip
        assert [(s.kind, s.made, s.kept, s.missed) for s in told] == [tuple(row) for row in plain]
    assert {s.kind: s.share for s in told} == {"first": 1.0, "next": 0.0, "resolution": 1.0}
    assert await scene.posts() == [("due_soon", "next 10"), ("overdue", "next 10")]


async def test_who_was_promised_sooner_comes_before_who_waits_a_little_longer(store: Store) -> None:
    rules = StoreSettings(response_targets="priority 2: first 5m")
    async with open_house(store, settings=rules) as house:
        scene = Scene(house, Timekeeper(store, house.clock, rules), Agent(name="Ann"))
        patient = await scene.says("patient", "/human")
        house.clock.advance(40 * MINUTE)
        urgent = await scene.says("urgent", "/human")
        async with store.write() as session:
            conversation = await conversations.get(session, urgent, lock=True)
            conversation.priority = 2
            await session.flush()
            await promises.follow(session, conversation, now=house.clock(), settings=rules)
        async with store.read() as session:
            order = [entry.conversation.id for entry in await queue.listing(session, now=house.clock())]
    assert order == [urgent, patient]


NEXT_SOON = StoreSettings(response_targets="first 30m, next 1m", first_reply_minutes=0, rating_aspects="")


@pytest.mark.parametrize("put_back", ["released", "snoozed"])
async def test_who_comes_back_after_a_reply_is_owed_the_next_one_and_the_queue_says_so(
    store: Store, put_back: str
) -> None:
    async with scene_of(store, NEXT_SOON) as scene:
        patient = await scene.says("patient", "/human")
        await scene.reply(patient)
        async with store.write() as session:  # who said nothing since their reply is promised nothing
            await queue.release(session, patient, scene.ann, now=scene.house.clock())
        await scene.pass_minutes(5)
        asking = await scene.says("asking", "/human")
        await scene.reply(asking)
        until = scene.house.clock() + 300 * MINUTE
        if put_back == "snoozed":
            async with store.write() as session:
                await snooze(session, asking, scene.ann, until=until, now=scene.house.clock())
        await scene.says("asking", "and now?")
        if put_back == "released":
            async with store.write() as session:
                await queue.release(session, asking, scene.ann, now=scene.house.clock())
        assert await scene.queue() == [
            (asking, [("waiting", 0), ("target_next", 59)]), (patient, [("waiting", 5)]),
        ]  # fmt: skip
        await scene.pass_minutes(1)
        assert await scene.queue() == [
            (asking, [("waiting", 1), ("overdue_next", 30), ("target_next", 59)]), (patient, [("waiting", 6)]),
        ]  # fmt: skip


async def test_a_reply_that_settled_the_promise_takes_its_points_away(store: Store) -> None:
    """Given back as soon as it was answered: what was promised is kept, and no longer a reason."""
    async with scene_of(store, NEXT_SOON) as scene:
        number = await scene.says("me", "/human")
        assert await scene.queue() == [(number, [("waiting", 0), ("target", 30)])]
        await scene.reply(number)
        async with store.write() as session:
            await queue.release(session, number, scene.ann, now=scene.house.clock())
        await scene.pass_minutes(1)
        assert await scene.queue() == [(number, [("waiting", 1)])]


async def test_who_is_overdue_is_not_told_to_be_due_soon(scene: Scene) -> None:
    """A server that stood still when the warning was due tells what is true then, once."""
    await scene.says("me", "/human")
    scene.house.clock.advance(25 * MINUTE)
    await scene.keeper.fire_due()
    await scene.says("me", "hello?")
    assert await scene.posts() == [("overdue", "first 20")]


async def test_who_hands_over_or_writes_to_people_wakes_the_timers_that_write_down_what_is_owed(
    store: Store,
) -> None:
    """Else the queue would heed a promise only when they look the next time by themselves."""
    async with open_house(store, settings=RULES) as house:
        woken, seen = store.signals.listen(Topic.TIMERS), []
        for number, words in enumerate(("hello", "/human", "hello?")):
            said = Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, words)
            await house.reception.receive([said])
            seen.append(Topic.TIMERS in woken.signalled())
        assert seen == [False, True, True]  # what closes the silent in a day wakes nobody


async def test_nothing_is_written_where_nothing_is_promised(store: Store) -> None:
    async with open_house(store) as house:
        scene = Scene(house, Timekeeper(store, house.clock, StoreSettings()), Agent(name="Ann"))
        await scene.says("me", "/human")
        await scene.pass_minutes(90)
        assert await scene.kept() == []


async def test_what_is_owed_and_who_holds_how_much_is_told_at_any_moment(scene: Scene) -> None:
    number = await scene.says("one", "/human")
    await scene.pass_minutes(5)
    await scene.reply(number)  # who replies has it
    await scene.says("one", "and now?")
    asked_at = scene.house.clock()
    await scene.pass_minutes(9)

    async def look() -> tuple[list[tuple[str, bool]], list[int], list[tuple[str, int, datetime | None]]]:
        now = scene.house.clock()
        async with scene.house.store.read() as session:
            found = await owed.of(
                session, [await conversations.get(session, number)], now=now, settings=RULES
            )
            late = await owed.overdue(session, now=now, settings=RULES)
            people = await workload.of_everybody(session, OPEN, now=now)
        return (
            [(one.promise.kind, one.is_overdue) for one in found.get(number, ())],
            [conversation.id for conversation, _ in late],
            [(one.agent.name, one.holds, one.oldest.since if one.oldest else None) for one in people],
        )

    assert await look() == ([("next", False)], [], [("Ann", 1, asked_at)])
    await scene.pass_minutes(1)
    assert await look() == ([("next", True)], [number], [("Ann", 1, asked_at)])
    await scene.reply(number)
    assert await look() == ([], [], [("Ann", 1, None)])
