"""Polite words as a customer says them: a short reply, no miss, no gap, no list, nobody fetched."""

import pytest
from sqlalchemy import select

from bot.edition import Edition
from crm_store import conversations, gaps, queue
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from tests.house import House, open_house


async def held_by(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(Conversation.status)))


async def gaps_of(store: Store) -> list[tuple[str, str]]:
    async with store.read() as session:
        return [(gap.question, gap.reason) for gap in reversed(await gaps.page(session))]


@pytest.mark.parametrize(
    "said",
    [
        [("perfect, thank you!", "You're welcome!"), ("bye bye", "Goodbye!")],
        [("bye", "Goodbye!"), ("see you", "Goodbye!"), ("ok thanks bye", "You're welcome. Goodbye!")],
        [("Hallo", "Hello! What can I help you with?"), ("Danke", "You're welcome!")],
        [("谢谢，再见", "不客气，再见！"), ("嗯", "好的！"), ("👍", "好的！"), ("ok", "好的！")],
        [("ok", "All right!"), ("👍", "All right!"), ("no", "All right!")],
    ],
)
async def test_polite_words_are_no_failures(store: Store, said: list[tuple[str, str]]) -> None:
    async with open_house(store) as house:
        for words, reply in said:
            assert [each.text for each in await house.say(words)] == [reply]
    assert await held_by(store) == [Status.BOT]
    assert await gaps_of(store) == []


async def test_ok_after_an_answer_gets_no_list_and_the_miss_before_stays_one(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("how long does delivery take?")
        assert [each.text for each in await house.say("ok")] == ["All right!"]
        await house.say("zyx qwv plm")
        await house.say("sorry")
        await house.say("how long does delivery take?")
    assert await held_by(store) == [Status.BOT]


async def test_a_wish_for_a_person_is_heard_in_german(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("Ich möchte mit einem Mitarbeiter sprechen")
    assert await held_by(store) == [Status.QUEUED]


async def test_who_waits_is_not_answered_for_a_thank_you(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("/human")
        assert await house.say("ok, thanks!") == []


def _knows(*phrasings: str) -> Edition:
    articles = [
        Article("shelf", "What does the shelf cost?", ("price of the shelf",), "40 euros."),
        Article("codeword", "What is the codeword?", phrasings, "The codeword opens the door."),
    ]
    return Edition(2, build_index(articles), {article.key: {"en": article} for article in articles})


@pytest.mark.parametrize("words", ["ok", "hello", "no", "Danke"])
async def test_an_article_that_has_these_words_wins(store: Store, words: str) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = _knows(words)
        (answer, *_) = await house.say(words)
        assert answer.text == "The codeword opens the door."


async def _asked_for_comment(house: House) -> None:
    await house.say("I want a human")
    agent = await house.agent()
    async with house.store.write() as session:
        await conversations.reply(session, 1, agent, "Hello!", now=house.clock())
    async with house.store.write() as session:
        await queue.resolve(session, 1, agent, now=house.clock(), settings=house.settings)
    await house.settle()
    for _ in range(3):
        await house.press(house.postbox.taken[-1], 4)


@pytest.mark.parametrize(
    ("words", "reply"),
    [("perfect, thank you!", "Thank you for your rating!"), ("Skip", "Thank you for your rating!")],
)
async def test_while_a_comment_is_asked_for_it_is_the_comment(store: Store, words: str, reply: str) -> None:
    async with open_house(store) as house:
        await _asked_for_comment(house)
        assert [each.text for each in await house.say(words)] == [reply]
