"""Outside working hours: nobody is told that nobody is there while somebody is, and takes it."""

from datetime import timedelta

import pytest

from bot.channels.base import Inbound, Kind
from bot.dispatch import Dispatcher
from crm_store import attendance, conversations, queue
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

CLOSED = StoreSettings(working_hours="mon-sun 03:00-04:00")  # it is noon
AWAY = "Our team is not here right now."


async def says(house: House, number: int, words: str) -> list[str]:
    """What the customer hears, once what waits is given to who is there."""
    told = len(house.postbox.taken)
    await house.reception.receive([Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, words)])
    await Dispatcher(house.store, house.clock, CLOSED).give_all()
    await house.settle()
    return [sent.text for sent in house.postbox.taken[told:]]


async def agent(house: House, presence: str | None, **able: list[str]) -> Agent:
    async with house.store.write() as session:
        ann = Agent(name="Ann", role="agent", created_at=house.clock(), **able)
        session.add(ann)
        await session.flush()
        if presence is not None:
            now = house.clock()
            await attendance.set_presence(session, ann, presence, now=now, lasts=attendance.SHIFT_LASTS)
    return ann


async def test_who_is_there_takes_it_and_nobody_says_otherwise(store: Store) -> None:
    async with open_house(store, settings=CLOSED) as house:
        await agent(house, "online")
        told = await says(house, 1, "/human")
        assert [text.split(".")[0] for text in told] == [
            "A person will take over here",
            "Ann is with you now",
        ]
        told += await says(house, 2, "are you there?")
        assert not any(AWAY in text for text in told)


@pytest.mark.parametrize(("presence", "able"), [
    (None, {}), ("away", {}), ("offline", {}), ("away", {"languages": ["zh"]}),
])  # fmt: skip
async def test_where_nobody_is_who_could_it_is_said_once(
    store: Store, presence: str | None, able: dict[str, list[str]]
) -> None:
    async with open_house(store, settings=CLOSED) as house:
        await agent(house, presence, **able)
        told = await says(house, 1, "/human") + await says(house, 2, "are you there?")
        assert sum(AWAY in text for text in told) == 1


async def test_who_serves_at_night_without_saying_that_they_are_there_is_there(store: Store) -> None:
    """By a button in Telegram, say. Gone until another night, it is told again that nobody is there."""
    async with open_house(store, settings=CLOSED) as house:
        ann = await agent(house, None)
        await says(house, 0, "hello")
        async with house.store.write() as session:
            await queue.take(session, 1, ann, now=house.clock())
        assert await says(house, 1, "who is there?") == []
        async with house.store.write() as session:
            await conversations.reply(session, 1, ann, "I am.", now=house.clock())
        assert await says(house, 2, "good") + await says(house, 3, "very good") == ["I am."]
        house.clock.advance(timedelta(days=1))
        assert [AWAY in text for text in await says(house, 4, "and today?")] == [True]
