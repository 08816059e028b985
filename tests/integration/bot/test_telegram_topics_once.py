"""A customer's topic is made once, whatever is lost on the way: the answer of the platform, or the process itself."""

import asyncio

import pytest

from bot.channels.telegram.desk.group import StaffGroup
from crm_store import queue
from crm_store.desk_cards import Card
from crm_store.models.staff import Agent
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, at_rest


async def test_an_answer_that_was_lost_makes_no_second_topic(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    bot_api.fail("createForumTopic", faults.dropped(takes_effect=True))
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("my lamp is broken")
    await zoe.hears()
    await zoe.says("/human")
    await desk_house.group.hears("Waiting for a person", timeout=20)
    assert [topic.name for topic in desk_house.group.topics] == ["Zoe"]
    await desk_house.group.hears("my lamp is broken", thread=desk_house.group.topic("Zoe"))


async def test_killed_between_the_topic_and_its_note(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The topic stands in the group, its number nowhere but in an update that is still to come."""
    await bot_api.wait_until_confirmed()
    made = asyncio.Event()
    make = StaffGroup._make_topic

    async def make_and_hang(group: StaffGroup, card: Card) -> str | None:
        desk_house.tasks[-1].cancel()  # polling ends as well, so nobody hears of it
        await make(group, card)
        made.set()
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(StaffGroup, "_make_topic", make_and_hang)
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    async with asyncio.timeout(60):
        await made.wait()
    await desk_house.kill()
    monkeypatch.undo()
    await desk_house.run()
    topic = desk_house.group.topic("Zoe")
    await desk_house.group.hears("Waiting for a person", thread=topic, timeout=20)
    await zoe.says("hello?")
    await desk_house.group.hears("Zoe: hello?", thread=topic)
    assert len(desk_house.group.topics) == 1


async def test_a_topic_of_somebody_elses_is_not_taken(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    await desk_house.ann.creates_topic("Zoe", desk_house.group)
    await bot_api.wait_until_confirmed()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    card = await desk_house.group.hears("Waiting for a person")
    assert [topic.name for topic in desk_house.group.topics] == ["Zoe", "Zoe"]
    assert card.thread_id == desk_house.group.topics[-1].id


async def test_history_in_a_new_topic_is_answered(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    """What was said is told in the topic that replaces a deleted one; a reply to it finds its customer."""
    zoe, topic, _ = await desk_house.held()
    await zoe.says("before it was deleted")
    await desk_house.group.hears("before it was deleted", thread=topic)
    desk_house.group.delete_topic(topic)
    await zoe.says("after it")
    again = await bot_api.wait_for(lambda: next(iter(desk_house.group.topics), None))
    assert again is not None
    history = await desk_house.group.hears("Before this (Zoe):", thread=again)
    assert "before it was deleted" in history.text
    assert again.id != topic.id
    await desk_house.ann.says("I see", chat=desk_house.group, thread=again, reply_to=history)
    await zoe.hears("I see")
    assert not [post for post in bot_api.sent(GROUP, thread=again.id) if "Not delivered" in post.text]


def told(house: DeskHouse, thread: int, *words: str, last: bool = True) -> list[int]:
    """How often each of these words stands in the topic, in the card (`last`: among its last words too) and below."""
    texts = [post.text for post in house.server.sent(house.group.id, thread=thread)]
    if not last:
        texts = [text.partition("Last words:")[0] for text in texts]
    return [sum(text.count(one) for text in texts) for one in words]


async def test_a_topic_made_anew_gives_each_word_once(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    for said in ("my lamp", "the blue one"):
        await zoe.says(said)
        await desk_house.group.hears(said, thread=topic)
    await desk_house.ann.says("let me look", chat=desk_house.group, thread=topic)
    await zoe.hears("let me look")
    desk_house.group.delete_topic(topic)
    desk_house.bot._groups[0].pace.pause(1.0)
    await zoe.says("anybody there?")
    await zoe.says("hello?")
    again = await bot_api.wait_for(lambda: next(iter(desk_house.group.topics), None))
    assert again is not None
    await desk_house.group.hears("hello?", thread=again)
    await at_rest(desk_house.store)
    words = ("my lamp", "the blue one", "let me look", "anybody there?", "hello?")
    assert told(desk_house, again.id, *words, last=False) == [1] * 5
    await zoe.says("I am back")
    await desk_house.group.hears("I am back", thread=again)
    await at_rest(desk_house.store)
    assert told(desk_house, again.id, *words, last=False) == [1] * 5


async def test_a_card_drawn_into_a_topic_made_anew_repeats_nothing(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    await zoe.says("my lamp")
    await desk_house.group.hears("my lamp", thread=topic)
    await at_rest(desk_house.store)
    desk_house.group.delete_topic(topic)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await queue.release(session, 1, ann, now=desk_house.clock())
    again = await bot_api.wait_for(lambda: next(iter(desk_house.group.topics), None))
    assert again is not None
    await desk_house.group.hears("Waiting for a person", thread=again)
    await at_rest(desk_house.store)
    assert told(desk_house, again.id, "my lamp") == [1]


async def test_what_could_not_be_told_below_a_new_card_stands_in_it(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    await zoe.says("my lamp")
    await desk_house.group.hears("my lamp", thread=topic)
    await at_rest(desk_house.store)
    desk_house.group.delete_topic(topic)
    bot_api.fail(
        "sendMessage", faults.slow(0), chat=GROUP, times=2
    )  # the card: into the old topic, the new one
    bot_api.fail("sendMessage", faults.too_many_requests(1), chat=GROUP)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await queue.release(session, 1, ann, now=desk_house.clock())
    again = await bot_api.wait_for(lambda: next(iter(desk_house.group.topics), None))
    assert again is not None
    await bot_api.wait_for(lambda: [call for call in bot_api.calls if call.status == 429])
    await at_rest(desk_house.store)
    assert told(desk_house, again.id, "my lamp", "Waiting for a person") == [1, 1]


async def test_a_card_that_is_gone_from_a_closed_topic_comes_back_there(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    card.deleted, topic.is_closed = True, True
    bot_api.fail("sendMessage", faults.bad_request("TOPIC_CLOSED"), chat=GROUP)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await queue.release(session, 1, ann, now=desk_house.clock())
    anew = await desk_house.group.hears("Waiting for a person", thread=topic)
    assert not topic.is_closed
    await desk_house.ann.presses(anew, "Take")
    await zoe.hears("Ann is with you now")
    assert len(desk_house.group.topics) == 1


async def test_a_card_in_a_closed_topic_is_drawn_anew(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, topic, card = await desk_house.held()
    topic.is_closed = True
    bot_api.fail("editMessageText", faults.bad_request("TOPIC_CLOSED"), chat=GROUP)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await queue.release(session, 1, ann, now=desk_house.clock())
    await bot_api.wait_for(lambda: "Take" in card.buttons)
    assert not topic.is_closed


async def test_a_topic_that_was_closed_before_its_card_stood_in_it(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    bot_api.fail("sendMessage", faults.server_error(502), chat=GROUP)
    bot_api.fail("sendMessage", faults.bad_request("TOPIC_CLOSED"), chat=GROUP)
    await bot_api.user(5, "Zoe").says("/human")
    await bot_api.wait_for(lambda: desk_house.group.topics)
    desk_house.group.topic("Zoe").is_closed = True
    await desk_house.group.hears("Waiting for a person", thread=desk_house.group.topic("Zoe"))
    assert [(topic.name, topic.is_closed) for topic in desk_house.group.topics] == [("Zoe", False)]
