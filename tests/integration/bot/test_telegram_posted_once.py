"""What takes several calls into the group goes on after those that were made, where the platform refused the next."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Kind
from crm_store import conversations, staff
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Identity
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for

LONG = 60
"""So many letters in a line, a hundred of which need two messages."""


def shown(bot_api: BotApiServer, topic: Topic, words: str) -> int:
    """How many posts in the topic have these words; the card repeats the last ones."""
    texts = (post.text.partition("Last words:")[0] for post in bot_api.sent(GROUP, thread=topic.id))
    return sum(words in text for text in texts)


async def reply(house: DeskHouse, customer: Person, text: str, **values: Any) -> None:
    """Ann's, from the desk."""
    address = str(customer.id)
    async with house.store.write() as session:
        ann = await staff.find_by_telegram(session, house.ann.id)
        found = await session.scalar(
            select(Conversation.id).join(Identity).where(Identity.address == address)
        )
        assert ann is not None
        assert found is not None
        await conversations.reply(session, found, ann, text, now=house.clock(), **values)


async def sent_file(house: DeskHouse, customer: Person, topic: Topic) -> Post:
    """A document that the customer sent, in the topic."""
    await customer.sends("document", b"bill", name="bill.txt")
    await house.server.wait_for(lambda: any("document" in post.body for post in posts_of(house, topic)))
    return next(post for post in posts_of(house, topic) if "document" in post.body)


def posts_of(house: DeskHouse, topic: Topic) -> list[Post]:
    return house.server.sent(GROUP, thread=topic.id)


async def test_words_above_a_file_stand_there_once_however_often_the_file_is_refused(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    document = (await sent_file(desk_house, zoe, topic)).body["document"]
    bot_api.fail("sendDocument", faults.too_many_requests(1), chat=GROUP, times=2)
    attachment = {"type": "document", "file_id": document["file_id"]}
    await reply(desk_house, zoe, "here is the bill", attachment=attachment, kind=Kind.FILE)
    await at_rest(desk_house.store)
    assert shown(bot_api, topic, "Ann → customer: ") == 1
    assert sum("document" in post.body for post in posts_of(desk_house, topic)) == 2


async def test_the_first_part_of_long_words_is_not_said_again(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    bot_api.fail("sendMessage", faults.too_many_requests(1), chat=GROUP, saying="the end")
    await reply(desk_house, zoe, "\n".join(["the beginning", *(LONG * "x",) * 66, 40 * "x", "the end"]))
    await at_rest(desk_house.store)
    assert [shown(bot_api, topic, words) for words in ("the beginning", "the end")] == [1, 1]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_long_history_goes_on_where_it_stopped(
    desk_house: DeskHouse, bot_api: BotApiServer, is_restarted: bool
) -> None:
    """Two messages that are not understood, too long to be told in one."""
    zoe = bot_api.user(5, "Zoe")
    bot_api.fail("sendMessage", faults.too_many_requests(1), chat=GROUP, saying="part 1 ends")
    for n in range(2):
        await zoe.says("\n".join([f"part {n} begins", *(LONG * "x",) * 50, f"part {n} ends"]))
        await zoe.hears()
    await bot_api.wait_for(lambda: not bot_api.faults.rules)
    if is_restarted:
        await desk_house.kill()
        await desk_house.run()
    topic = desk_house.group.topic("Zoe")
    await desk_house.group.hears("part 1 ends", thread=topic, timeout=20)
    await at_rest(desk_house.store)
    assert [shown(bot_api, topic, f"part {n} begins") for n in range(2)] == [1, 1]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_what_was_said_is_told_in_a_topic_made_anew_though_it_was_refused_at_first(
    desk_house: DeskHouse, bot_api: BotApiServer, is_restarted: bool
) -> None:
    zoe, topic, _ = await desk_house.held()
    await zoe.says("before it was deleted")
    await desk_house.group.hears("before it was deleted", thread=topic)
    desk_house.group.delete_topic(topic)
    bot_api.fail("sendMessage", faults.too_many_requests(1), chat=GROUP, saying="Before this")
    await zoe.says("after it")
    await bot_api.wait_for(lambda: not bot_api.faults.rules)
    if is_restarted:
        await desk_house.kill()
        await desk_house.run()
    again = desk_house.group.topic("Zoe")
    await desk_house.group.hears("after it", thread=again, timeout=20)
    await at_rest(desk_house.store)
    assert shown(bot_api, again, "Before this (Zoe):") == 1
    told = [post.text for post in posts_of(desk_house, again)]
    history = next(text for text in told if "Before this" in text)
    assert "before it was deleted" in history
    assert told.index(history) < next(n for n, text in enumerate(told) if text == "Zoe: after it")


async def test_two_posts_in_a_row_keep_the_second_that_one_chat_wants(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, per_group_per_min=20, per_chat_per_s=1)
    house = DeskHouse(bot_api, shop_store, settings)
    await house.open()
    bot_api.rates.enforced = True
    zoe, topic, _ = await house.queued()
    for n in range(4):
        await zoe.says(f"one {n}")
        await asyncio.sleep(0.2)
    await house.group.hears("one 3", thread=topic, timeout=20)
    assert [one for one in bot_api.rates.breaches if one.chat_id == GROUP] == []
    await house.kill()
