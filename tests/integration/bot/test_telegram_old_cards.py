"""A card that was the customer's until their topic came is still theirs: an answer to it reaches them, or is told not
to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.decoding import decode
from bot.channels.telegram.desk.events import DeskSaid
from bot.clock import system_clock
from bot.texts import render
from crm_store import merging, privacy
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for, staff_of

NO_FORUM = faults.bad_request("Bad Request: the chat is not a forum")


@dataclass
class Moved:
    """A group that got topics after Ann took Zoe there: what was hers then, and what is now."""

    house: DeskHouse
    zoe: Person
    card: Post
    topic: Topic
    language: str

    async def answers(self, words: str, to: Post | None = None) -> Post:
        """Ann's answer to the old card."""
        return await self.house.ann.says(words, chat=self.house.group, reply_to=to or self.card)

    async def told(self, answer: Post) -> Post:
        """What the bot says below it."""
        server = self.house.server
        found = await server.wait_for(lambda: [p for p in server.sent(GROUP) if p.reply_to_id == answer.id])
        return found[0]

    def says(self, key: str, **params: object) -> str:
        return render(self.language, key, **params)


async def served_plainly(
    bot_api: BotApiServer, store: Store, language: str
) -> tuple[DeskHouse, Person, Post]:
    """Ann has taken Zoe by her card in a group without topics."""
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_staff_language=language)
    house = DeskHouse(bot_api, store, settings)
    house.group, house.ann = bot_api.group(GROUP, "Desk"), bot_api.user(71, "Ann")
    house.group.add(house.ann)
    bot_api.fail("createForumTopic", NO_FORUM)
    await staff_of(store, ("Ann", 71))
    await house.run()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("my lamp is broken")
    await zoe.hears()
    await zoe.says("/human")
    card = await house.group.hears("my lamp is broken")
    await house.ann.presses(card, render(language, "desk.take"))
    await zoe.hears("Ann is with you")
    await at_rest(store)
    return house, zoe, card


async def moved_in(bot_api: BotApiServer, store: Store, language: str) -> Moved:
    house, zoe, card = await served_plainly(bot_api, store, language)
    house.bot._groups[0]._plain_until = 0.0
    await zoe.says("hurry")
    await bot_api.wait_for(lambda: house.group.topics)
    topic = house.group.topic("Zoe")
    await house.group.hears("hurry", thread=topic)
    await at_rest(store)
    return Moved(house, zoe, card, topic, language)


@pytest.fixture(params=["en", "zh"])
async def moved(
    request: pytest.FixtureRequest, bot_api: BotApiServer, shop_store: Store
) -> AsyncIterator[Moved]:
    made = await moved_in(bot_api, shop_store, request.param)
    yield made
    await made.house.stop()


async def messages(store: Store, **what: object) -> list[Message]:
    async with store.read() as session:
        found = await session.scalars(select(Message).filter_by(author="agent", **what).order_by(Message.id))
        return list(found)


async def test_an_answer_to_the_old_card_reaches_its_customer(moved: Moved, bot_api: BotApiServer) -> None:
    """And so does what is changed of it; a note below it is one."""
    await bot_api.wait_for(lambda: f"/{moved.topic.id}" in moved.card.text and not moved.card.buttons)
    answer = await moved.answers("I am on it")
    heard = await moved.zoe.hears("I am on it")
    await moved.house.ann.edits(answer, "I am at it")
    await bot_api.wait_for(lambda: heard.text == "I am at it")
    await moved.answers("// she is in a hurry")
    await moved.answers("And now?")
    await moved.zoe.hears("And now?")
    assert not [post for post in bot_api.sent(5) if "she is" in post.text]
    assert [one.text for one in await messages(moved.house.store, is_note=True)] == ["she is in a hurry"]
    assert not [post for post in bot_api.sent(GROUP) if post.reply_to_id == answer.id]


@pytest.mark.parametrize("then", ["says more", "changes what she said"])
async def test_what_was_said_below_the_old_card_is_told_in_the_topic(
    bot_api: BotApiServer, shop_store: Store, then: str
) -> None:
    house, zoe, card = await served_plainly(bot_api, shop_store, "en")
    said = await zoe.says("it is the red one")
    below = await house.group.hears("it is the red one")
    await house.ann.says("I am on it", chat=house.group, reply_to=card)
    await zoe.hears("I am on it")
    await at_rest(shop_store)
    house.bot._groups[0]._plain_until = 0.0
    if then == "says more":
        await zoe.says("hurry")
    else:
        await zoe.edits(said, "it is the blue one")
    await bot_api.wait_for(lambda: house.group.topics)
    told = await house.group.hears("Before this", thread=house.group.topic("Zoe"))
    assert ("Zoe: it is the blue one" in told.text) is (then != "says more")
    assert ("Zoe: it is the red one" in told.text) is (then == "says more")
    assert "Ann → customer: I am on it" in told.text
    if then != "says more":
        await bot_api.wait_for(lambda: "blue" in below.text)
    await house.stop()


async def test_what_the_chat_does_not_take_at_once_leads_to_the_topic_later(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    bot_api.fail("editMessageText", faults.too_many_requests(), chat=GROUP, saying="has a topic now")
    made = await moved_in(bot_api, shop_store, "en")
    await bot_api.wait_for(lambda: f"/{made.topic.id}" in made.card.text and not made.card.buttons)
    await made.house.stop()


async def test_it_leads_to_the_topic_that_was_made_anew(moved: Moved, bot_api: BotApiServer) -> None:
    group = moved.house.group
    group.delete_topic(moved.topic)
    await moved.zoe.says("still here?")
    anew = await bot_api.wait_for(lambda: [t for t in group.topics if t.id != moved.topic.id])
    await bot_api.wait_for(lambda: f"/{anew[0].id}" in moved.card.text)


async def test_an_album_in_answer_to_the_old_card_is_one(moved: Moved, bot_api: BotApiServer) -> None:
    """Also where its parts but for one do not say what they answer."""
    house = moved.house
    first = await house.ann.sends_album(1, "which of these?", chat=house.group, reply_to=moved.card)
    await house.ann.sends_album(1, "", chat=house.group, more_of=first[0])
    await moved.zoe.hears("which of these?")
    await at_rest(house.store)
    (sent,) = await messages(house.store, is_note=False)
    assert len((sent.attachment or {})["album"]) == 1
    await house.ann.edits(first[0], "which one?")
    await bot_api.wait_for(lambda: [post for post in bot_api.sent(5) if post.text == "which one?"])
    noted = await house.ann.sends_album(1, "// ours", chat=house.group, reply_to=moved.card)
    await house.ann.sends_album(1, "", chat=house.group, reply_to=moved.card, more_of=noted[0])
    await bot_api.wait_until_confirmed()
    (note,) = await messages(house.store, is_note=True)
    assert len((note.attachment or {})["album"]) == 1


async def test_it_outlives_a_restart_and_a_topic_made_anew(moved: Moved, bot_api: BotApiServer) -> None:
    await moved.house.stop()
    await moved.house.run()
    old = moved.topic
    moved.house.group.delete_topic(old)
    await moved.zoe.says("still here?")
    await bot_api.wait_for(lambda: [t for t in moved.house.group.topics if t.id != old.id])
    await moved.answers("I am on it")
    await moved.zoe.hears("I am on it")


async def test_of_who_became_part_of_another_it_reaches_them_as_well(
    moved: Moved, bot_api: BotApiServer
) -> None:
    yan = bot_api.user(6, "Yan")
    await yan.says("hello")
    await yan.hears()
    async with moved.house.store.write() as session:
        await merging.merge(session, kept_id=2, merged_id=1, now=system_clock(), merged_by="Ann")
    await moved.answers("I am on it")
    await moved.zoe.hears("I am on it")
    assert not [post for post in bot_api.sent(6) if "on it" in post.text]


async def test_what_is_refused_is_told_below_the_answer_and_leads_to_the_topic(moved: Moved) -> None:
    async with moved.house.store.write() as session:
        held = (await session.scalars(select(Conversation))).one()
        held.status, held.agent_id = Status.RESOLVED, None
    answer = await moved.answers("I am on it")
    told = await moved.told(answer)
    assert moved.says("desk.no_conversation", name="Ann") in told.text
    assert f"/{moved.topic.id}" in told.text
    assert told.thread_id is None
    assert await messages(moved.house.store) == []


async def test_of_who_was_erased_nothing_stands_and_words_to_it_are_told(
    moved: Moved, bot_api: BotApiServer
) -> None:
    """Where the bot may not delete, the card stays: an answer to it says that it reached nobody, an album once."""
    house = moved.house
    copied = next(post for post in bot_api.sent(GROUP) if "hurry" in post.text)
    await moved.answers("I am on it")
    await moved.zoe.hears("I am on it")
    async with house.store.write() as session:
        await privacy.erase_person(session, 1, now=system_clock(), erased_by="Ann")
    await bot_api.wait_for(lambda: moved.card.deleted and not house.group.topics)
    assert copied.deleted
    answer = await moved.answers("are you there?")
    assert (await moved.told(answer)).text == moved.says("desk.nobodys")
    album = await house.ann.sends_album(3, "look", chat=house.group, reply_to=moved.card)
    await bot_api.wait_until_confirmed()
    below = [post for post in bot_api.sent(GROUP) if post.reply_to_id in {one.id for one in album}]
    assert [post.text for post in below] == [moved.says("desk.nobodys")]
    assert not [post for post in bot_api.sent(5) if "are you there" in post.text]


async def test_staff_talk_among_themselves_without_a_word_of_the_bot(
    moved: Moved, bot_api: BotApiServer
) -> None:
    first = await moved.house.ann.says("lunch?", chat=moved.house.group)
    await moved.house.ann.says("at noon", chat=moved.house.group, reply_to=first)
    await moved.answers("I am on it")
    await moved.zoe.hears("I am on it")
    own = {first.id, first.id + 1}
    assert not [post for post in bot_api.sent(GROUP) if post.reply_to_id in own]


def user(number: int, *, is_bot: bool = False) -> dict[str, Any]:
    return {"id": number, "is_bot": is_bot, "first_name": "Ann"}


@pytest.mark.parametrize(
    ("answered", "is_told"),
    [
        ({}, False),
        ({"reply_to_message": {"message_id": 4, "from": user(1, is_bot=True)}}, True),
        ({"reply_to_message": {"message_id": 4, "from": user(72)}}, False),
        ({"reply_to_message": {"message_id": 4, "from": user(1), "forum_topic_created": {}}}, False),
        # What was said before the group became a supergroup stands in another chat, of which no number is told.
        ({"external_reply": {"origin": {"type": "user", "sender_user": user(1, is_bot=True)}}}, True),
        ({"external_reply": {"origin": {"type": "hidden_user", "sender_user_name": "Bo"}}}, False),
    ],
)
def test_what_answers_the_bot_itself_is_known(answered: dict[str, Any], is_told: bool) -> None:
    message = {"message_id": 5, "chat": {"id": GROUP, "type": "supergroup"}, "from": user(71), "text": "hi"}
    said = decode({"update_id": 1, "message": message | answered}, "telegram:1", [GROUP]).meaning
    assert isinstance(said, DeskSaid)
    assert said.answers_us is is_told
