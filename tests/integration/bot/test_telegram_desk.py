"""The staff group: topics, cards, words both ways, and who may say them."""

import asyncio

import pytest

from bot.channels.base import Inbound, Kind
from bot.clock import system_clock
from crm_store import conversations
from crm_store.engine import Store
from crm_store.models.staff import Agent
from tests.botapi.server import BotApiServer
from tests.house import Postbox
from tests.telegram_stage import GROUP, HELD, WAITING, DeskHouse, settings_for


async def test_a_hand_off_opens_a_topic_with_a_pinned_card_and_what_was_said(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, _, card = await desk_house.queued(5, "Zoe", "how long do refunds take?")
    assert card.buttons == WAITING
    assert "asked for a person" in card.text
    await bot_api.wait_for(lambda: card.id in desk_house.group.chat.pinned)
    said = card.text.partition("Before this (Zoe):")[2]
    assert "Zoe: how long do refunds take?" in said
    assert "five working days" in said


async def test_words_go_both_ways(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.queued()
    await zoe.says("are you there?")
    await desk_house.group.hears("Zoe: are you there?", thread=topic)
    await desk_house.ann.says("I am, what is it?", chat=desk_house.group, thread=topic)
    await zoe.hears("Ann is with you now")
    await zoe.hears("I am, what is it?")
    await bot_api.wait_for(lambda: "Answered by Ann" in card.text)
    await desk_house.ann.says("// she sounds upset", chat=desk_house.group, thread=topic)
    await zoe.says("my parcel is lost")
    await desk_house.group.hears("Zoe: my parcel is lost", thread=topic)
    assert not [post for post in bot_api.sent(5) if "upset" in post.text]


async def test_buttons_take_release_resolve(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, _, card = await desk_house.queued()
    tap = await desk_house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you now")
    await bot_api.wait_for(lambda: tap.answer is not None)
    assert tap.answer == {"text": "You have it now.", "show_alert": False}
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await desk_house.ann.presses(card, "Release")
    await zoe.hears("back in the queue")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await desk_house.bob.presses(card, "Take")
    await zoe.hears("Bob is with you now")
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await desk_house.bob.presses(card, "Resolve")
    await zoe.hears("Bob has closed this matter")
    stars = await zoe.hears("How would you rate")
    assert len(stars.rows[0]) == 5
    await zoe.presses(stars, "★★★★")
    await bot_api.wait_for(lambda: "★★★★" in stars.text and not stars.buttons)


async def test_two_take_at_once_and_one_gets_it(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, _, card = await desk_house.queued()
    taps = [await desk_house.ann.presses(card, "Take"), await desk_house.bob.presses(card, "Take")]
    await bot_api.wait_for(lambda: all(tap.answer is not None for tap in taps))
    assert [tap.answer["text"] for tap in taps if tap.answer] == [
        "You have it now.",
        "Ann has this conversation",
    ]
    await zoe.hears("Ann is with you now")


async def test_who_is_not_holding_it_is_told_who_is(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you now")
    await desk_house.bob.says("let me help", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("Bob: nothing was sent: Ann has this conversation", thread=topic)
    assert not [post for post in bot_api.sent(5) if "let me help" in post.text]


REFUSED = {
    "not linked": ("Carl", {}, "belongs to no member of staff"),
    "anonymous": ("Ann", {"anonymous": True}, "cannot speak for you"),
    "unknown command": ("Ann", {}, "no such command"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(desk_house: DeskHouse, bot_api: BotApiServer, case: str) -> None:
    zoe, topic, _ = await desk_house.queued()
    name, how, told = REFUSED[case]
    person = desk_house.carl if name == "Carl" else desk_house.ann
    words = "/frobnicate" if case == "unknown command" else "forty-two"
    await person.says(words, chat=desk_house.group, thread=topic, **how)
    await desk_house.group.hears(told, thread=topic)
    assert not [post for post in bot_api.sent(zoe.id) if words in post.text]
    assert desk_house.group.id == GROUP


async def test_a_blank_that_nobody_filled_in_stays_with_the_staff(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.queued()
    await desk_house.ann.says("your order {order.number}", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("still has to be filled in", thread=topic)
    assert not [post for post in bot_api.sent(zoe.id) if "your order" in post.text]


async def test_a_customer_of_another_channel_is_served_in_the_group(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    web = Postbox("web")
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    house = DeskHouse(bot_api, shop_store, settings, others={"web": web})
    await house.open()
    for number, words in enumerate(("my lamp is broken", "/human")):
        said = Inbound("web:1", str(number), "web", "v1", Kind.TEXT, words, display_name="Wei")
        await house.reception.receive([said])
    await house.group.hears("via web")
    topic = house.group.topic("Wei")
    await house.group.hears("my lamp is broken", thread=topic)
    await house.ann.says("which lamp?", chat=house.group, thread=topic)
    async with asyncio.timeout(60):
        while web.taken[-1].text != "which lamp?":
            await asyncio.sleep(0.02)
    await house.stop()


async def test_what_is_done_elsewhere_is_shown_in_the_topic(desk_house: DeskHouse) -> None:
    """A colleague works in the web desk: their reply and note appear in the topic."""
    zoe, topic, card = await desk_house.queued()
    async with desk_house.store.write() as session:
        bob = await session.get_one(Agent, 2)
        await conversations.note(session, 1, bob, "a regular", now=system_clock())
        await conversations.reply(session, 1, bob, "Bob from the web", now=system_clock())
    await desk_house.group.hears("📝 Bob: a regular", thread=topic)
    await desk_house.group.hears("Bob → customer: Bob from the web", thread=topic)
    await zoe.hears("Bob from the web")
    assert card.thread_id == topic.id


async def test_a_resolved_case_is_reopened_from_its_card(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Take")
    await desk_house.ann.says("/resolve", chat=desk_house.group, thread=topic)
    await zoe.hears("Ann has closed this matter")
    await bot_api.wait_for(lambda: card.buttons == ["Reopen", "Ban"])
    await desk_house.ann.says("one more thing", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("Press Reopen", thread=topic)
    await desk_house.ann.presses(card, "Reopen")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await desk_house.ann.says("one more thing", chat=desk_house.group, thread=topic)
    await zoe.hears("one more thing")


async def test_thanks_bar_no_way_back_to_a_resolved_case(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.says("It leaves today.", chat=desk_house.group, thread=topic)
    await desk_house.ann.says("/resolve", chat=desk_house.group, thread=topic)
    await zoe.hears("Ann has closed this matter")
    await zoe.says("thanks!")
    await zoe.hears("You're welcome")
    await bot_api.wait_for(lambda: card.buttons == ["Reopen", "Ban"])
    await desk_house.ann.presses(card, "Reopen")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await desk_house.group.hears("Zoe: thanks!", thread=topic)
    await desk_house.ann.says("one more thing", chat=desk_house.group, thread=topic)
    await zoe.hears("one more thing")


async def test_a_customer_who_comes_back_has_the_same_topic(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Resolve")
    await bot_api.wait_for(lambda: card.buttons == ["Reopen", "Ban"])
    await zoe.says("how long do refunds take?")
    await zoe.hears("five working days")
    await zoe.says("/human")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await desk_house.group.hears("how long do refunds take?", thread=topic)
    await desk_house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you now")
    assert len(desk_house.group.topics) == 1
