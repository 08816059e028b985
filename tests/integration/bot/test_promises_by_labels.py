"""Promised replies under labels: another priority or segment shortens and lengthens what is open, and no more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_store import labels, promises, scores
from crm_store.engine import Store
from crm_store.models.customers import Customer
from crm_store.scores import RunDraft, ScoreRow
from crm_store.settings import StoreSettings
from tests.promise_stage import Scene, scene_of

BY_LABELS = StoreSettings(
    response_targets="first 2h; priority 2: first 10m; priority 3: resolution 1h; segment Champions: first 10m",
    first_reply_minutes=0,
    rating_aspects="",
)


async def prioritise(scene: Scene, number: int, priority: int) -> None:
    """As the desk does it; then the timers that came due are fired."""
    async with scene.house.store.write() as session:
        await labels.change_labels(
            session, number, now=scene.house.clock(), settings=scene.house.settings, priority=priority
        )
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
