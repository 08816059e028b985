"""Several processes, and agents beside them, are about the same messages that tell a place."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import TASK, Places
from bot.texts import render
from crm_store import conversations, labels, places, queue
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.settings import StoreSettings
from tests.house import NOON, House, Postbox, open_house
from tests.outbox_rows import eventually
from tests.several_processes import process
from tests.waiting_stage import messages_to

RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


async def two_change_places(house: House) -> None:
    """Two wait, and the second has just been put before the first."""
    for one in ("1", "2"):
        house.clock.advance(timedelta(seconds=1))
        await house.reception.receive(
            [Inbound("telegram", one, "telegram", one, Kind.TEXT, "/human", language="en")]
        )
    await house.settle()
    async with house.store.write() as session:
        await labels.change_labels(session, 2, now=house.clock(), settings=RULES, priority=2)
    house.clock.advance(timedelta(seconds=10))


async def _is_taken(house: House) -> None:
    ann = await house.agent()
    async with house.store.write() as session:
        await queue.take(session, 2, ann, now=house.clock())
    await Timekeeper(house.store, house.clock, RULES).fire_due()


async def _is_told(house: House) -> None:
    assert await Places(house.store, house.clock, RULES).tell_all() == 2


@pytest.mark.parametrize(
    ("meanwhile", "left"), [(_is_taken, [2]), (_is_told, [])], ids=lambda value: getattr(value, "__name__", None)
)  # fmt: skip
async def test_what_changed_between_the_look_and_the_lock_is_not_told(
    postgres_store: Store, meanwhile: Callable[[House], Awaitable[None]], left: list[int]
) -> None:
    """SQLite has one who writes at a time; here others commit in between."""
    async with open_house(
        postgres_store, settings=RULES, channels={"telegram": Postbox("telegram")}
    ) as house:
        await two_change_places(house)
        async with postgres_store.write() as session:
            look = session.execute

            async def look_and_be_overtaken(*asked: Any, **more: Any) -> Any:
                session.execute = look  # type: ignore[method-assign]
                found = await look(*asked, **more)
                await meanwhile(house)
                return found

            session.execute = look_and_be_overtaken  # type: ignore[method-assign]
            told = await places.told(session, now=house.clock())
            due = places.stale(told, now=house.clock(), settings=RULES)
            found = await places.still(session, due)
        assert [one.position for one in found] == left
        if left:
            said = (await messages_to(postgres_store, "2"))[0].text
            assert said == render("en", "wait_over_taken")


async def _free(store: Store) -> set[int]:
    """The messages that nobody has locked."""
    async with store.write() as session:
        return set(await session.scalars(select(Message.id).with_for_update(skip_locked=True)))


async def test_a_look_at_a_wait_locks_what_it_changes_alone(postgres_store: Store) -> None:
    """Else a look at many stands in the way of who marks what was sent, or of another such look."""
    async with open_house(
        postgres_store, settings=RULES, channels={"telegram": Postbox("telegram")}
    ) as house:
        await two_change_places(house)
        async with postgres_store.write() as session:
            talk = await conversations.get(session, 1, lock=True)
            await conversations.say(session, talk, author="system", now=house.clock(), text="Anything.")
        await house.settle()
        everything = await _free(postgres_store)
        async with postgres_store.write() as session:
            await places.go_on(session, 1)
            assert await _free(postgres_store) == everything
            found = await places.waited(session, 1)
            assert [one.id for one in found] == [one.id for one in await messages_to(postgres_store, "1")][:1]
            assert await _free(postgres_store) == everything - {one.id for one in found}


async def test_one_process_of_all_tells_places(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.places.APART_S", 0.01)
    monkeypatch.setattr("bot.places.FRONT_EVERY_S", 0.02)
    led: list[bool] = []

    class Watched(Places):
        async def tell_all(self, front: int | None = None) -> int:
            led.append(self._store.presence.leads(TASK))
            return await super().tell_all(front)

    async def has_looked() -> bool:
        return len(led) >= 5

    async with process(postgres_url) as first, process(postgres_url) as second:
        loops = [
            asyncio.create_task(Watched(store, lambda: NOON, RULES).run(store.presence))
            for store in (first, second)
        ]
        try:
            await eventually(has_looked)
            assert all(led)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
