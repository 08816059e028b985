"""Who asked what nobody could answer hears of the answer, once, if they wish."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.dispatch import Timekeeper
from bot.hearing import decide_anew
from bot.knowledge import Knowledge
from crm_store import articles, conversations, gaps, publishing, queue, wishes
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.files import MEGABYTE, Files
from crm_store.models.learning import AnswerWish
from knowledge_base.policy import Policy
from tests.article_stage import handed_in
from tests.hearing_stage import MOON, hearing, looked_at, published
from tests.house import House, open_house
from tests.pictures import PDF


async def _asks_and_wishes(house: House, address: str = "me") -> None:
    said = await house.say("zyx qwv plm", address=address)
    told = await house.press(said[-1], said[-1].choices.index("Tell me when you know"))
    assert told[-1].text.startswith("All right: you will hear from me here")


async def _answers_all(house: House, article: ArticleDraft = MOON) -> None:
    """Publish the article that answers every open question."""
    async with house.store.write() as session:
        stored = await publishing.create(session, article, by="test", now=house.clock())
        numbers = [gap.id for gap in await gaps.page(session, state="open")]
        await gaps.close(session, numbers)
        await wishes.answered(session, numbers, stored.draft.key, now=house.clock())


async def _fire(house: House) -> list[str]:
    """What was sent when the timers that are due fired."""
    before = len(house.postbox.taken)
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await house.settle()
    return [each.text for each in house.postbox.taken[before:]]


async def _states(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(AnswerWish.state).order_by(AnswerWish.id)))


async def test_the_answer_comes_once(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        assert await _fire(house) == []
        await _answers_all(house)
        assert await _fire(house) == ["You asked: “zyx qwv plm”\nWe have an answer now:\n\nNot yet."]
        await _answers_nothing_more(house)


async def test_the_files_of_the_answer_follow_it_once(store: Store, tmp_path: Path) -> None:
    files = Files(tmp_path / "files", MEGABYTE)
    label = tuple(await handed_in(store, files, ("label.pdf", PDF)))
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        await _answers_all(house, replace(MOON, attachments=label))
        told = await _fire(house)
        assert [each[:10] for each in told] == ["You asked:", ""]
        sent = house.postbox.taken[-1]
        assert (sent.kind, (sent.attachment or {})["name"]) == ("file", "label.pdf")
        await _answers_nothing_more(house)


async def _answers_nothing_more(house: House) -> None:
    house.clock.advance(timedelta(hours=2))
    assert [text for text in await _fire(house) if "answer now" in text] == []
    assert await _states(house.store) == ["told"]


async def test_who_did_not_wish_is_not_told(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("zyx qwv plm")
        await _answers_all(house)
        assert await _fire(house) == []


async def test_who_taps_twice_is_told_once_and_who_withdraws_not_at_all(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("zyx qwv plm")
        for _ in range(2):
            told = await house.press(said[-1], said[-1].choices.index("Tell me when you know"))
        assert await _states(store) == ["waiting"]
        dropped = await house.press(told[-1], 0)
        assert dropped[-1].text == "All right, I won't write to you about that."
        await _answers_all(house)
        assert await _fire(house) == []
        assert await _states(store) == ["withdrawn"]


async def test_not_while_a_person_serves_them(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        await house.say("/human")
        agent = await house.agent()
        async with store.write() as session:
            [held] = await conversations.page(session, limit=1)
            await conversations.reply(session, held.id, agent, "Hello.", now=house.clock())
        await house.settle()
        await _answers_all(house)
        assert await _fire(house) == []
        async with store.write() as session:
            await queue.resolve(session, held.id, agent, now=house.clock(), settings=house.settings)
        await house.settle()
        house.clock.advance(wishes.LATER)
        assert any("answer now" in text for text in await _fire(house))


async def test_after_the_conversation_was_closed(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        house.clock.advance(timedelta(hours=25))
        await _fire(house)
        await _answers_all(house)
        assert len(await _fire(house)) == 1


async def test_an_article_that_is_gone_again_tells_nobody(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        await _answers_all(house)
        async with store.write() as session:
            await publishing.publish(session, [], by="test", now=house.clock(), replace=True)
        assert await _fire(house) == []
        assert await _states(store) == ["waiting"]


async def _until(house: House, states: list[str]) -> None:
    async with asyncio.timeout(60):
        while await _states(house.store) != states:
            await asyncio.sleep(0.02)


async def test_an_article_published_in_any_way_is_told_of_once(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        async with hearing(house):
            await published(house, MOON)
            await _until(house, ["due"])
            assert await _fire(house) == ["You asked: “zyx qwv plm”\nWe have an answer now:\n\nNot yet."]
            again = replace(MOON, answer="Still not.", phrasings=(*MOON.phrasings, "to the moon please"))
            await published(house, again)
        async with hearing(house):  # and after a restart
            await _answers_nothing_more(house)


async def test_an_article_about_something_else_tells_nobody(store: Store) -> None:
    async with open_house(store) as house:
        await _asks_and_wishes(house)
        await published(house, replace(MOON, phrasings=("lunar freight",)))
        knowledge = Knowledge(house.store, house.clock, Policy())
        try:
            await knowledge.refresh()
            assert knowledge.settled is not None
            assert await decide_anew(house.store, knowledge.edition, house.clock) == 0
        finally:
            await knowledge.close()
        assert await _states(store) == ["waiting"]


async def test_after_a_thumbs_down_a_better_answer_is_told_the_same_one_is_not(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("where is my parcel")
        sorry = await house.press(said[-1], said[-1].choices.index("👎 No"))
        assert "Tell me when you know" in sorry[-1].choices
        told = await house.press(sorry[-1], sorry[-1].choices.index("Tell me when you know"))
        assert told[-1].text.startswith("All right: you will hear from me here")
        assert await decide_anew(store, house.knowledge.edition, house.clock) == 0
        async with store.read() as session:
            english, chinese = (each for each in await articles.live(session) if each.key == "track")
        await published(house, replace(chinese, answer="明天到。"))  # not what they read
        assert await decide_anew(store, house.knowledge.edition, house.clock) == 0
        await published(house, replace(english, answer="It comes tomorrow, and here is where it is."))
        assert await decide_anew(store, house.knowledge.edition, house.clock) == 1
        [words] = await _fire(house)
        assert words.endswith("It comes tomorrow, and here is where it is.")


async def test_who_wishes_after_the_question_was_answered_is_told_all_the_same(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("zyx qwv plm")
        await published(house, MOON)
        assert await looked_at(house) == 1
        await house.press(said[-1], said[-1].choices.index("Tell me when you know"))
        async with hearing(house):
            await _until(house, ["due"])
        assert await _fire(house) == ["You asked: “zyx qwv plm”\nWe have an answer now:\n\nNot yet."]
