"""Promised replies: warned of, escalated when broken, weighed in the queue, reported as plain SQL counts them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import conversations, desk, labels, owed, promises, queue, scores, workload
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.scores import RunDraft, ScoreRow
from crm_store.settings import StoreSettings
from crm_store.snoozing import snooze
from tests.house import House, open_house

RULES = StoreSettings(
    response_targets="first 20m, next 10m, resolution 1h", first_reply_minutes=0, rating_aspects=""
)
MINUTE = timedelta(minutes=1)


@dataclass
class Scene:
    """Customers, an agent, and the clock."""

    house: House
    keeper: Timekeeper
    ann: Agent
    updates: int = 0

    async def says(self, address: str, words: str) -> int:
        """The customer's conversation."""
        self.updates += 1
        await self.house.reception.receive(
            [Inbound("terminal", str(self.updates), "terminal", address, Kind.TEXT, words)]
        )
        await self.keeper.fire_due()
        async with self.house.store.read() as session:
            last = select(Conversation.id).order_by(
                Conversation.last_message_at.desc(), Conversation.id.desc()
            )
            return int(await session.scalar(last.limit(1)) or 0)

    async def pass_minutes(self, count: int) -> None:
        for _ in range(count):
            self.house.clock.advance(MINUTE)
            await self.keeper.fire_due()

    async def reply(self, number: int) -> None:
        async with self.house.store.write() as session:
            await conversations.reply(session, number, self.ann, "Here I am.", now=self.house.clock())

    async def resolve(self, number: int) -> None:
        async with self.house.store.write() as session:
            await queue.resolve(session, number, self.ann, now=self.house.clock(), settings=RULES)

    async def posts(self) -> list[tuple[str, str]]:
        """What the staff group was told of promises."""
        async with self.house.store.read() as session:
            query = select(DeskPost.kind, DeskPost.text).where(DeskPost.kind.in_(("due_soon", "overdue")))
            return [(row[0], row[1]) for row in await session.execute(query.order_by(DeskPost.id))]

    async def kept(self) -> list[tuple[str, bool | None]]:
        async with self.house.store.read() as session:
            rows = await session.scalars(select(Promise).order_by(Promise.id))
            return [(row.kind, row.was_kept) for row in rows]

    async def queue(self) -> list[tuple[int, list[tuple[str, int]]]]:
        """Who waits, next first, with what speaks for them."""
        async with self.house.store.read() as session:
            shown = await queue.listing(session, now=self.house.clock())
            return [
                (one.conversation.id, [(why.reason, why.points) for why in one.why_next]) for one in shown
            ]


@asynccontextmanager
async def scene_of(store: Store, rules: StoreSettings) -> AsyncIterator[Scene]:
    async with open_house(store, settings=rules) as house:
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await desk.set_groups(session, ["-100"])
        yield Scene(house, Timekeeper(store, house.clock, rules), ann)


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


BY_LABELS = StoreSettings(
    response_targets="first 2h; priority 2: first 10m; priority 3: resolution 1h; segment Champions: first 10m",
    first_reply_minutes=0,
    rating_aspects="",
)


async def prioritise(scene: Scene, number: int, priority: int) -> None:
    """As the desk does it; then the timers that came due are fired."""
    async with scene.house.store.write() as session:
        await labels.change_labels(session, number, now=scene.house.clock(), priority=priority)
    await scene.keeper.fire_due()


async def regroup(scene: Scene, segment: str) -> None:
    """Everybody's segment by a new scoring."""
    now = scene.house.clock()
    async with scene.house.store.write() as session:
        customers = await session.scalars(select(Customer.id))
        rows = [ScoreRow(number, {}, segment) for number in customers]
        await scores.save_run(session, RunDraft(now, timedelta(days=365), {}), rows, now=now)
        await promises.look_at_regrouped(session, now=now)
    await scene.keeper.fire_due()


@pytest.mark.parametrize("by", ["priority", "segment"])
async def test_open_promises_follow_the_labels_from_their_start_and_their_timers_with_them(
    store: Store, by: str
) -> None:
    async with scene_of(store, BY_LABELS) as scene:
        if by == "segment":
            await scene.says("me", "hello")
            await regroup(scene, "Others")
        number = await scene.says("me", "/human")
        await scene.pass_minutes(8)
        assert await scene.posts() == []
        await (prioritise(scene, number, 2) if by == "priority" else regroup(scene, "Champions"))
        assert await scene.posts() == [("due_soon", "first 10")]
        await scene.pass_minutes(2)
        short = [("due_soon", "first 10"), ("overdue", "first 10")]
        assert await scene.posts() == short
        [(_, why)] = await scene.queue()
        assert dict(why).items() >= {"overdue": 30, "target": 50}.items()
        await (prioritise(scene, number, 0) if by == "priority" else regroup(scene, "Others"))
        assert await scene.queue() == [(number, [("waiting", 10)])]
        async with store.read() as session:
            assert await promises.overdue(session) == []
        await scene.pass_minutes(79)
        assert await scene.posts() == short
        await scene.pass_minutes(1)
        assert await scene.posts() == [*short, ("due_soon", "first 120")]
        await scene.pass_minutes(30)
        assert await scene.posts() == [*short, ("due_soon", "first 120"), ("overdue", "first 120")]


async def test_what_is_owed_by_a_priority_alone_is_owed_no_longer_without_it(store: Store) -> None:
    async with scene_of(store, BY_LABELS) as scene:
        number = await scene.says("me", "/human")
        await prioritise(scene, number, 3)
        assert await scene.kept() == [("first", None), ("resolution", None)]
        await prioritise(scene, number, 2)
        assert await scene.kept() == [("first", None)]
        await scene.pass_minutes(200)
        assert {what.partition(" ")[0] for _, what in await scene.posts()} == {"first"}


async def test_what_was_settled_stays_as_it_was_promised(store: Store) -> None:
    async with scene_of(store, BY_LABELS) as scene:
        number = await scene.says("me", "/human")
        await scene.pass_minutes(30)
        await scene.reply(number)
        await scene.keeper.fire_due()
        await prioritise(scene, number, 2)
        assert await scene.kept() == [("first", True)]
        assert await scene.posts() == []


async def test_nobody_is_late_with_what_was_promised_only_after_they_had_answered(store: Store) -> None:
    rules = StoreSettings(response_targets="priority 2: first 10m", first_reply_minutes=0, rating_aspects="")
    async with scene_of(store, rules) as scene:
        number = await scene.says("me", "/human")
        await scene.pass_minutes(30)
        await scene.reply(number)
        await scene.keeper.fire_due()
        await prioritise(scene, number, 2)
        assert await scene.kept() == []
        assert await scene.posts() == []


async def test_who_is_overdue_is_not_told_to_be_due_soon(scene: Scene) -> None:
    """A server that stood still when the warning was due tells what is true then, once."""
    await scene.says("me", "/human")
    scene.house.clock.advance(25 * MINUTE)
    await scene.keeper.fire_due()
    await scene.says("me", "hello?")
    assert await scene.posts() == [("overdue", "first 20")]


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
            people = await workload.of_everybody(session, now=now)
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
