"""Response targets that are switched off, and on again: what was promised ends, and nothing is owed meanwhile."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.dispatch import Timekeeper
from crm_store import owed, promises, queue, stored_settings
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Promise
from crm_store.promises import Share
from crm_store.settings import StoreSettings
from tests.promise_stage import MINUTE, RULES, Scene, scene_of

OFF = RULES.model_copy(update={"response_targets": ""})


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with scene_of(store, RULES) as made:
        yield made


async def switch(scene: Scene, settings: StoreSettings) -> None:
    """From now on these count; looked at as soon as every process knows."""
    async with scene.house.store.write() as session:
        value, now = settings.response_targets, scene.house.clock()
        await stored_settings.change(session, "response_targets", value, base=RULES, by="x", now=now)
    scene.keeper = Timekeeper(scene.house.store, scene.house.clock, settings)
    await scene.pass_minutes(1)


async def late(scene: Scene, settings: StoreSettings) -> list[tuple[int, str]]:
    """What the desk shows as overdue."""
    async with scene.house.store.read() as session:
        found = await owed.overdue(session, now=scene.house.clock(), settings=settings)
        whole = list(await session.scalars(select(Conversation)))
        shown = await owed.of(session, whole, now=scene.house.clock(), settings=settings)
    assert {one.id for one, _ in found} == {
        number for number, some in shown.items() if any(due.is_overdue for due in some)
    }
    return [(one.id, due.promise.kind) for one, due in found]


async def open_rows(scene: Scene) -> list[tuple[int, str]]:
    async with scene.house.store.read() as session:
        query = select(Promise).where(Promise.ended_at.is_(None)).order_by(Promise.id)
        return [(row.conversation_id, row.kind) for row in await session.scalars(query)]


async def share(scene: Scene, kind: str) -> Share:
    now = scene.house.clock()
    async with scene.house.store.read() as session:
        return {one.kind: one for one in await promises.shares(session, now - 999 * MINUTE, now)}[kind]


async def test_what_was_broken_ends_as_that_and_what_still_ran_was_never_owed(scene: Scene) -> None:
    broken = await scene.says("late", "/human")
    await scene.pass_minutes(15)
    running = await scene.says("later", "/human")
    await scene.pass_minutes(10)
    assert await late(scene, RULES) == [(broken, "first")]
    assert await late(scene, OFF) == [], "from the first moment on"
    await switch(scene, OFF)
    assert await open_rows(scene) == []
    told = await share(scene, "first")
    assert (told.made, told.kept, told.missed) == (1, 0, 1)
    await scene.pass_minutes(40)
    for number in (broken, running):
        await scene.reply(number)
        async with scene.house.store.write() as session:
            await queue.resolve(session, number, scene.ann, now=scene.house.clock(), settings=OFF)
    assert await open_rows(scene) == []
    assert await share(scene, "first") == told
    async with scene.house.store.read() as session:
        (row,) = await session.scalars(select(Promise))
        resolved = await session.get_one(Conversation, broken)
        assert row.ended_at == resolved.first_reply_at, "as it was, once it is known"


async def test_nothing_speaks_for_who_is_owed_nothing_any_more(scene: Scene) -> None:
    number = await scene.says("late", "/human")
    await scene.pass_minutes(25)
    ((_, why),) = await scene.queue()
    assert "overdue" in [name for name, _ in why]
    await switch(scene, OFF)
    assert await scene.queue() == [(number, [("waiting", 26)])]


async def test_switched_on_again_the_clocks_tell_what_is_owed(scene: Scene) -> None:
    broken, answered = await scene.says("late", "/human"), await scene.says("quick", "/human")
    await scene.pass_minutes(25)
    await switch(scene, OFF)
    await scene.reply(answered)
    await scene.pass_minutes(5)
    before = await scene.posts()
    await switch(scene, RULES)
    assert await late(scene, RULES) == [(broken, "first")]
    assert [kind for number, kind in await open_rows(scene) if number == broken] == ["first", "resolution"]
    assert await open_rows(scene) == [
        *[(broken, k) for k in ("first", "resolution")],
        (answered, "resolution"),
    ]
    told = await share(scene, "first")
    assert (told.made, told.kept, told.missed) == (2, 0, 2)
    assert [post for post in await scene.posts() if post[0] == "overdue"] == [
        post for post in before if post[0] == "overdue"
    ], "that was told before"


async def test_rows_left_open_of_what_was_resolved_are_ended(scene: Scene) -> None:
    """As they were left when targets were off in an older version."""
    number = await scene.says("one", "/human")
    await scene.pass_minutes(5)
    await scene.reply(number)
    await scene.resolve(number)
    async with scene.house.store.write() as session:
        for row in await session.scalars(select(Promise)):
            row.ended_at = row.was_kept = None
    await switch(scene, OFF)
    assert await open_rows(scene) == []
    assert await scene.kept() == [("first", True), ("resolution", True)]
