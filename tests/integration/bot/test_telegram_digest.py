"""More is waiting than Telegram takes in a minute: the staff are told so, and who waits, while something still fits."""

import asyncio

import pytest
from sqlalchemy import func, select

from crm_store.engine import Store
from crm_store.models.plumbing import DeskPost
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, settings_for

TOLD = "20 messages a minute"


async def busy_house(bot_api: BotApiServer, store: Store) -> DeskHouse:
    """A house whose staff group takes what Telegram allows."""
    limits = {"per_group_per_min": 20, "per_chat_per_s": 1000}
    house = DeskHouse(bot_api, store, settings_for(bot_api, telegram_staff_group=GROUP, **limits))
    await house.open()
    return house


async def crowd(bot_api: BotApiServer, count: int, first: int = 10) -> list[Person]:
    """So many customers who told their trouble, asked for a person, and went on writing."""
    people = [bot_api.user(first + n, f"C{first + n}") for n in range(count)]
    for person in people:
        await person.says("my lamp is broken")
        await person.hears()
        await person.says("/human")
        await person.hears("in the queue")
        await person.says(f"it is urgent, says {person.id}")
    return people


async def until_sending(house: DeskHouse, count: int, tries: int = 1) -> None:
    """Returns once so many posts are claimed, for the so-manieth time."""
    claimed = (DeskPost.delivery == "sending", DeskPost.attempts == tries)
    async with asyncio.timeout(60):
        while True:
            async with house.store.read() as session:
                if await session.scalar(select(func.count()).where(*claimed)) == count:
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("before", range(4))
async def test_the_digest_comes_before_the_minutes_messages_are_used_up(
    bot_api: BotApiServer, shop_store: Store, before: int
) -> None:
    """Each customer takes two: the card with the earlier words, and new ones. The minute ends amid one or after."""
    house = await busy_house(bot_api, shop_store)
    if before:
        (zoe, topic, _) = await house.queued(5, "Zoe")
        for n in range(before - 1):
            await zoe.says(f"one {n}")
            await house.group.hears(f"one {n}", thread=topic)
    house.bot._groups[0].pace.pause(2.0)
    await crowd(bot_api, 13)
    told = await house.group.hears(TOLD, timeout=20)
    assert told.thread_id is None
    assert len(bot_api.sent(GROUP)) <= 20
    assert [breach for breach in bot_api.rates.breaches if breach.limit == "group"] == []
    await house.kill()


async def test_it_names_who_waits_leads_to_their_topics_and_counts_the_rest(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house = await busy_house(bot_api, shop_store)
    house.bot._groups[0].pace.pause(1.0)
    await crowd(bot_api, 18)
    told = await house.group.hears(TOLD, timeout=20)
    lines = told.text.splitlines()[1:]
    assert sum("it is urgent, says" in line for line in lines) > 2
    links = [one["url"] for one in told.body.get("entities", []) if one["type"] == "text_link"]
    assert links
    topics = {topic.id for topic in house.group.topics}
    assert {int(url.removeprefix("https://t.me/c/1234567890/")) for url in links} <= topics
    missing = sum(line.startswith("• ") for line in lines) - len(links)
    assert lines[-1] == f"Without a topic or card here so far: {missing}."
    assert sum(TOLD in post.text for post in bot_api.sent(GROUP)) == 1
    await house.kill()


async def test_who_comes_while_an_album_waits_for_its_place_is_told_of(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    """Nine messages are left of the minute, of which the second album leaves none over."""
    house = await busy_house(bot_api, shop_store)
    zoe, topic, _ = await house.queued(5, "Zoe")
    await zoe.sends_album(10, "one")
    await house.group.hears("one", thread=topic)
    await until_sending(house, 0, tries=2)
    await zoe.sends_album(10, "two")
    await until_sending(house, 10, tries=2)  # after the first it was looked whether more parts come
    await bot_api.user(6, "Yan").says("/human")
    told = await house.group.hears(TOLD, timeout=20)
    assert "Yan" in told.text
    assert "Zoe: 10 new: a photo" in told.text
    await house.kill()


@pytest.mark.parametrize(
    "refusal", [faults.too_many_requests(1), faults.server_error(502)], ids=["too many", "away"]
)
async def test_a_digest_that_was_refused_is_told_before_anything_else(
    bot_api: BotApiServer, shop_store: Store, refusal: faults.Fault
) -> None:
    """Otherwise the group would hear of nobody until the minute is over."""
    house = await busy_house(bot_api, shop_store)
    house.bot._groups[0].pace.pause(1.0)
    bot_api.fail("sendMessage", refusal, chat=GROUP, saying=TOLD)
    await crowd(bot_api, 13)
    await bot_api.wait_for(lambda: not bot_api.faults.rules)
    before = len(bot_api.sent(GROUP))
    await house.group.hears(TOLD, timeout=20)
    assert TOLD in bot_api.sent(GROUP)[before].text
    assert [breach for breach in bot_api.rates.breaches if breach.limit == "group"] == []
    await house.kill()
