"""Who waits and is not served now is told why: truly, in their language, in the one message that tells their place."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select

from bot.places import Places
from bot.rendering import expectation
from crm_store import attendance, queue
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.unserved import Why
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, StillHouse, settings_for

UNSPOKEN = "Nobody who speaks English is here right now."
BUSY = {
    "en": "Everybody here who could take it is serving somebody else at the moment.",
    "zh": "能接待您的客服现在都在服务其他客户。",
}
OPEN = {"en": "number 1 in the queue. You can go on", "zh": "第 1 位。您可以"}


async def online(house: StillHouse, name: str, *languages: str, capacity: int = 5) -> None:
    async with house.store.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.name == name))).one()
        agent.languages, agent.capacity = list(languages), capacity
        lasts = attendance.SHIFT_LASTS
        await attendance.set_presence(session, agent, "online", now=house.clock(), lasts=lasts)


async def offline(house: StillHouse, name: str) -> None:
    async with house.store.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.name == name))).one()
        await attendance.set_presence(session, agent, "offline", now=house.clock())


async def serves(house: StillHouse, name: str) -> None:
    """They hold as many as they can: one."""
    async with house.store.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.name == name))).one()
        number = await session.scalar(select(Conversation.id).order_by(Conversation.id).limit(1))
        assert number is not None
        await queue.take(session, number, agent, now=house.clock())


async def still_waits(house: StillHouse, query: Select[Any]) -> bool:
    async with house.store.read() as session:
        return await session.scalar(query.limit(1)) is not None


async def look(house: StillHouse, settings: StoreSettings | None = None) -> int:
    """A look at what those who wait were told, once all of it was sent, and later on."""
    unsent = select(Message.id).where(Message.author != "customer", Message.delivery != "sent")
    async with asyncio.timeout(30):
        while await still_waits(house, unsent):
            await asyncio.sleep(0.02)
    house.clock.advance(timedelta(minutes=2))
    return await Places(house.store, house.clock, settings or StoreSettings()).tell_all()


async def test_where_nobody_there_speaks_their_language(still_house: StillHouse) -> None:
    await online(still_house, "Ann", "zh")
    await offline(still_house, "Bob")
    zoe = still_house.server.user(5, "Zoe")
    await zoe.says("/human")
    told = await zoe.hears("in the queue")
    assert f"number 1 in the queue. {UNSPOKEN} You can go on writing" in told.text
    await zoe.says("hello?")
    await zoe.hears("Noted")
    assert await look(still_house) == 0, "once"
    await online(still_house, "Bob", "en")
    assert await look(still_house) == 1
    await still_house.server.wait_for(lambda: OPEN["en"] in told.text)
    assert sum(UNSPOKEN in post.text for post in still_house.server.sent(zoe.id)) == 0
    assert len([post for post in still_house.server.sent(zoe.id) if "in the queue" in post.text]) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_all_are_busy(still_house: StillHouse, language: str) -> None:
    await online(still_house, "Ann", capacity=1)
    await offline(still_house, "Bob")
    await still_house.queued(6, "Yan")
    await serves(still_house, "Ann")
    zoe = still_house.server.user(5, "Zoe", language)
    await zoe.says("/human")
    told = await zoe.hears(BUSY[language])
    await online(still_house, "Bob")
    assert await look(still_house) == 1
    await still_house.server.wait_for(lambda: BUSY[language] not in told.text)
    assert OPEN[language] in told.text


async def test_where_nobody_says_that_they_are_there_nothing_is_known(still_house: StillHouse) -> None:
    zoe = still_house.server.user(5, "Zoe")
    await zoe.says("/human")
    assert OPEN["en"] in (await zoe.hears("in the queue")).text


async def test_somebody_linked_in_telegram_who_never_says_where_they_are_may_be_there(
    still_house: StillHouse,
) -> None:
    await online(still_house, "Ann", "zh")
    zoe = still_house.server.user(5, "Zoe")
    await zoe.says("/human")
    told = await zoe.hears("in the queue")
    assert OPEN["en"] in told.text, "Bob, who answers in the group, speaks English"
    await offline(still_house, "Bob")
    assert await look(still_house) == 1
    await still_house.server.wait_for(lambda: UNSPOKEN in told.text)


async def test_outside_hours_nobody_promises_that_who_speaks_it_comes_back(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    now = StillHouse(bot_api, shop_store, settings_for(bot_api)).clock()
    opens = (now + timedelta(hours=2)).strftime("%H:00")
    ends = (now + timedelta(hours=3)).strftime("%H:00")
    closed = StoreSettings(
        working_hours=f"mon-sun {opens}-{ends}" if opens < ends else f"mon-sun {opens}-24:00"
    )
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    house = StillHouse(bot_api, shop_store, settings, store_settings=closed)
    await house.open()
    await online(house, "Ann", "zh")
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    assert (await zoe.hears(UNSPOKEN)).text.startswith(f"{UNSPOKEN} We open again to")
    await zoe.says("is somebody there?")
    await zoe.says("hello?")
    await bot_api.wait_until_confirmed()
    assert sum(UNSPOKEN in post.text for post in bot_api.sent(zoe.id)) == 1
    await house.stop()


@pytest.mark.parametrize(
    ("why", "is_expected"),
    [(Why.NOT_KNOWN, True), (Why.BUSY, True), (Why.LANGUAGE, False), (Why.SKILL, False)],
)
def test_a_wait_is_expected_only_where_who_could_take_it_is_there(why: Why, is_expected: bool) -> None:
    told = expectation("en", 2, timedelta(minutes=3), why=why)
    assert ("about 6 min" in told) is is_expected


def test_who_writes_in_a_language_we_do_not_speak_is_not_told_that_nobody_speaks_ours() -> None:
    assert "English" not in expectation("de", 1, None, why=Why.LANGUAGE)
