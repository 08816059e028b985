"""What an agent is told in the staff group of words that were not carried out, or did not arrive: in its language."""

import asyncio
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk import why_not
from bot.clock import system_clock
from bot.texts import load_locale
from crm_store import sign_in, staff
from crm_store.engine import Store
from crm_store.errors import Conflict, IllegalTransition
from crm_store.lifecycle import TRANSITIONS, Change, Status, next_status
from crm_store.models.conversations import Conversation
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, TelegramHouse, at_rest, settings_for, unsent

SOON = 8.0
"""Seconds in which news come that nothing holds up."""


async def chinese_house(bot_api: BotApiServer, store: Store) -> DeskHouse:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_staff_language="zh")
    house = DeskHouse(bot_api, store, settings)
    await house.open()
    return house


async def test_a_snooze_is_given_another_time(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, topic, card = await desk_house.held()
    await desk_house.ann.says("/snooze 2h", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "Snoozed" in card.text)
    before = await snoozed_until(desk_house.store)
    await desk_house.ann.says("/snooze 3d", chat=desk_house.group, thread=topic)
    async with asyncio.timeout(20):
        while (now := await snoozed_until(desk_house.store)) == before:
            await asyncio.sleep(0.05)
    assert now - before > timedelta(days=1)
    await at_rest(desk_house.store)
    assert not [post for post in bot_api.sent(GROUP, thread=topic.id) if "not done" in post.text]


async def snoozed_until(store: Store) -> datetime:
    async with store.read() as session:
        found: datetime | None = await session.scalar(select(Conversation.snoozed_until))
    assert found is not None
    return found


async def test_what_a_command_cannot_do_is_worded_and_called_not_done(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, topic, card = await desk_house.held()
    await desk_house.ann.says("/snooze 2h", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "Snoozed" in card.text)
    await desk_house.ann.says("/release", chat=desk_house.group, thread=topic)
    told = await desk_house.group.hears("Ann: not done: the conversation is snoozed", thread=topic)
    assert "/take" in told.text
    await desk_house.carl.says("/take", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("so nothing was done", thread=topic)
    await desk_house.carl.says("hello", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("so nothing was sent", thread=topic)


async def test_it_is_told_in_the_groups_language(bot_api: BotApiServer, shop_store: Store) -> None:
    house = await chinese_house(bot_api, shop_store)
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await bot_api.wait_for(lambda: house.group.topics)
    topic = house.group.topic("Zoe")
    await house.ann.says("/release", chat=house.group, thread=topic)
    told = await house.group.hears("没有执行", thread=topic)
    assert not re.search(r"possible|conversation", told.text)
    await house.ann.says("/transfer 张三 请看", chat=house.group, thread=topic)
    told = await house.group.hears("没有叫“张三", thread=topic)
    assert "Bob" in told.text
    await house.stop()


async def test_nobody_of_that_name_is_said_with_those_there_are(desk_house: DeskHouse) -> None:
    _, topic, _ = await desk_house.held()
    await desk_house.ann.says("/transfer Nobody please look", chat=desk_house.group, thread=topic)
    told = await desk_house.group.hears("nobody here and no team is called", thread=topic)
    assert "“Nobody please look”" in told.text
    assert told.text.endswith("There are: Bob.")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_status_has_its_words(language: str) -> None:
    for status in Status:
        refused = next(change for change in Change if (status, change) not in TRANSITIONS)
        with pytest.raises(IllegalTransition) as caught:
            next_status(status, refused)
        told = why_not.reason(caught.value, language)
        assert told == load_locale(language).sentences[f"desk.refused_not_now_{status}"]


def test_what_nobody_has_worded_is_told_as_the_store_says_it() -> None:
    assert why_not.reason(Conflict("that is odd", kind="odd"), "zh") == "that is odd"
    assert why_not.reason(Conflict("that is odd"), "zh") == "that is odd"


async def test_a_customer_who_has_blocked_the_bot_is_named_as_the_reason_at_once(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    bot_api.fail("sendMessage", faults.forbidden(), chat=zoe.id)
    await desk_house.ann.says("are you there?", chat=desk_house.group, thread=topic)
    told = await desk_house.group.hears("Not delivered", thread=topic, timeout=SOON)
    assert told.text == "⚠ Not delivered: the customer has blocked the bot"


async def test_what_is_said_in_private_is_said_again_after_the_platform_asked_to_wait(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    bot_api.fail("sendMessage", faults.too_many_requests(3), chat=desk_house.ann.id, times=2)
    await desk_house.ann.says("/online")
    await desk_house.bob.says("/online")
    await desk_house.bob.hears("You are online")
    assert bot_api.faults.rules, "nobody waits for another's answer"
    await desk_house.ann.hears("You are online", timeout=30)


async def test_who_stopped_waiting_before_their_turn_is_given_no_topic(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    desk_house.bot._groups[0].pace.pause(4.0)
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    queued = await zoe.hears("in the queue")
    await zoe.says("it is the blue lamp")
    await zoe.hears("Noted")
    await zoe.presses(queued, "Stop waiting")
    async with asyncio.timeout(20):
        while await unsent(desk_house.store):
            await asyncio.sleep(0.05)
    assert desk_house.group.topics == []
    await zoe.says("/human")
    await bot_api.wait_for(lambda: desk_house.group.topics)
    card = await desk_house.group.hears("Waiting for a person", thread=desk_house.group.topic("Zoe"))
    assert "it is the blue lamp" in card.text.partition("Last words:")[0]


@pytest.mark.parametrize(
    ("chats", "told"),
    [
        ({}, "Linked: you are Eve here. /online"),
        ({"telegram_more_staff_chats": "73"}, "to a customer's message or card"),
        ({"telegram_staff_group": GROUP}, "in a customer's topic"),
    ],
)
async def test_who_is_linked_hears_how_customers_are_answered_where_they_are(
    bot_api: BotApiServer, shop_store: Store, chats: dict[str, object], told: str
) -> None:
    async with shop_store.write() as session:
        await staff.create_agent(session, name="Eve", role=staff.Role.AGENT, now=system_clock())
        code = await sign_in.issue_code(session, 1, sign_in.Purpose.TELEGRAM, now=system_clock())
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api, **chats))
    bot_api.group(GROUP, "Desk")
    await house.run()
    eve = bot_api.user(73, "Eve")
    await eve.says(f"/link {code}")
    await eve.hears(told)
    await house.stop()
