"""In a staff group without topics a customer has one card, and an answer to it reaches them whatever else goes on."""

import asyncio
from dataclasses import replace

import pytest

from bot.channels.telegram.desk.group import StaffGroup
from crm_store.desk_cards import Card
from crm_store.engine import Store
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.integration.bot.test_telegram_group import plain_house
from tests.telegram_stage import GROUP, DeskHouse, at_rest

SAID = "my lamp is broken"
NO_FORUM = faults.bad_request("Bad Request: the chat is not a forum")


async def served(house: DeskHouse, bot_api: BotApiServer) -> tuple[Person, Post]:
    """Zoe, whom Ann has taken, and her card in the plain group."""
    zoe = bot_api.user(5, "Zoe")
    await zoe.says(SAID)
    await zoe.hears()
    await zoe.says("/human")
    card = await house.group.hears("Waiting for a person")
    await house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you")
    await at_rest(house.store)
    return zoe, card


@pytest.mark.parametrize(
    "fault", [faults.too_many_requests(1), faults.server_error(502), faults.dropped(takes_effect=False)]
)
async def test_a_topic_that_cannot_be_asked_for_leaves_the_card(
    bot_api: BotApiServer, shop_store: Store, fault: faults.Fault
) -> None:
    house = await plain_house(bot_api, shop_store, bot_api.group(GROUP, "Desk", forum=False))
    zoe, card = await served(house, bot_api)
    await house.stop()
    bot_api.fail("createForumTopic", fault)
    await house.run()
    await zoe.says("hurry")
    assert (await house.group.hears("Zoe: hurry")).reply_to_id == card.id
    await house.ann.says("I am on it", chat=house.group, reply_to=card)
    await zoe.hears("I am on it")
    await at_rest(house.store)
    cards = [post for post in bot_api.sent(GROUP) if "With Ann" in post.text or "Answered by" in post.text]
    assert [(post.id, SAID in post.text) for post in cards] == [(card.id, True)]
    await house.stop()


async def test_an_answer_to_the_card_arrives_while_a_topic_is_asked_for(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house = await plain_house(bot_api, shop_store, bot_api.group(GROUP, "Desk", forum=False))
    zoe, card = await served(house, bot_api)
    house.bot._groups[0]._plain_until = 0.0
    bot_api.fail("createForumTopic", replace(NO_FORUM, delay=3.0))
    asked = asyncio.Event()
    api = house.bot._groups[0].api
    call = api.call

    async def heard(method: str, **params: object) -> object:
        if method == "createForumTopic":
            asked.set()
        return await call(method, **params)

    api.call = heard  # type: ignore[method-assign, assignment]
    await zoe.says("hurry")
    async with asyncio.timeout(60):
        await asked.wait()
    await house.ann.says("I am on it", chat=house.group, reply_to=card)
    await zoe.hears("I am on it")
    await house.group.hears("Zoe: hurry")
    await house.stop()


async def test_who_gets_a_topic_at_last_is_told_of_in_it(bot_api: BotApiServer, shop_store: Store) -> None:
    """The group has topics from now on; what stood in the plain card stands below the new one."""
    house = await plain_house(bot_api, shop_store, bot_api.group(GROUP, "Desk"))
    bot_api.fail("createForumTopic", NO_FORUM)
    zoe, _ = await served(house, bot_api)
    house.bot._groups[0]._plain_until = 0.0
    await zoe.says("hurry")
    await bot_api.wait_for(lambda: house.group.topics)
    topic = house.group.topic("Zoe")
    await house.group.hears("Zoe: hurry", thread=topic)
    await at_rest(house.store)
    told = "\n".join(post.text for post in bot_api.sent(GROUP, thread=topic.id))
    assert (told.count(SAID), told.count("Zoe: hurry")) == (1, 1)
    await house.stop()


async def test_killed_while_a_topic_is_made_for_who_has_a_plain_card(
    bot_api: BotApiServer, shop_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One topic, as for who has no card yet: the update that is still to come tells its number."""
    house = await plain_house(bot_api, shop_store, bot_api.group(GROUP, "Desk"))
    bot_api.fail("createForumTopic", NO_FORUM)
    zoe, _ = await served(house, bot_api)
    await bot_api.wait_until_confirmed()
    made, make = asyncio.Event(), StaffGroup._make_topic

    async def make_and_hang(group: StaffGroup, card: Card) -> str | None:
        house.tasks[-1].cancel()  # polling ends as well, so nobody hears of it
        await make(group, card)
        made.set()
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(StaffGroup, "_make_topic", make_and_hang)
    house.bot._groups[0]._plain_until = 0.0
    await zoe.says("hurry")
    async with asyncio.timeout(60):
        await made.wait()
    await house.kill()
    monkeypatch.undo()
    await house.run()
    await house.group.hears("Zoe: hurry", thread=house.group.topic("Zoe"), timeout=20)
    await at_rest(house.store)
    assert [topic.name for topic in house.group.topics] == ["Zoe"]
    told = "\n".join(post.text for post in bot_api.sent(GROUP, thread=house.group.topic("Zoe").id))
    assert (told.count(SAID), told.count("With Ann")) == (1, 1)
    await house.stop()
