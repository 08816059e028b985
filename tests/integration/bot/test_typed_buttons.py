"""The words of a button typed instead of pressed, and the gaps of lists from which nothing is chosen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Outgoing
from crm_store import gaps, queue_hours
from crm_store.calendars import Calendars
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.learning import QuestionLabel
from crm_store.models.ratings import AnswerFeedback
from tests.house import House, open_house

UNSURE = "the lamp in a parcel as a gift"
RETURN, RETURNED = "How do I return an item?", "Start a return in your account within 30 days."


async def listed(house: House) -> Outgoing:
    """A list of articles."""
    said = await house.say(UNSURE)
    assert said[-1].text == "Did you mean one of these?"
    return said[-1]


async def gaps_of(store: Store) -> list[tuple[str, str]]:
    async with store.read() as session:
        return [(gap.question, gap.reason) for gap in reversed(await gaps.page(session))]


async def labels_of(store: Store) -> list[tuple[str, bool]]:
    async with store.read() as session:
        return [(row.source, row.agrees) for row in await session.scalars(select(QuestionLabel))]


@pytest.mark.parametrize("way", ["title", "number", "number.", "press"])
async def test_an_article_of_a_list_is_chosen_by_its_words_or_its_number(store: Store, way: str) -> None:
    async with open_house(store) as house:
        offer = await listed(house)
        assert await gaps_of(store) == [(UNSURE, "not_chosen")]
        words = {"title": offer.choices[1].upper(), "number": "2", "number.": "2."}
        said = await (house.press(offer, 1) if way == "press" else house.say(words[way]))
        assert said[-1].question == "Did this help?"
    assert await gaps_of(store) == []
    assert await labels_of(store) == [("choice", True)]


@pytest.mark.parametrize(
    "words", ["None of these", "none of these.", "none of them", "no", "neither", "press"]
)
async def test_none_of_these_is_typed(store: Store, words: str) -> None:
    async with open_house(store) as house:
        offer = await listed(house)
        at = offer.choices.index("None of these")
        said = await (house.press(offer, at) if words == "press" else house.say(words))
        assert said[-1].text.startswith("I'm not sure I understood.")
    assert await gaps_of(store) == [(UNSURE, "none_of_these")]
    assert set(await labels_of(store)) == {("none_of_these", False)}


@pytest.mark.parametrize(
    ("words", "helped"), [("yes", True), ("Yes!", True), ("no", False), ("not really", False)]
)
async def test_whether_it_helped_is_typed(store: Store, words: str, helped: bool) -> None:
    async with open_house(store) as house:
        await house.say("how do I return an item")
        said = await house.say(words)
        assert said[-1].text.startswith("Good to hear!" if helped else "Sorry that didn't help.")
    async with store.read() as session:
        assert (await session.scalars(select(AnswerFeedback.helped))).first() is helped


async def test_no_after_thanks_is_no_verdict_on_the_answer(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("how do I return an item")
        await house.say("thanks")
        assert [each.text for each in await house.say("no")] == ["All right!"]
    async with store.read() as session:
        assert list(await session.scalars(select(AnswerFeedback.helped))) == []


async def test_a_number_that_is_on_no_list_is_a_question(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("how do I return an item")
        await house.say("2")
    assert await labels_of(store) == []
    async with store.read() as session:
        assert list(await session.scalars(select(AnswerFeedback.helped))) == []


async def test_waiting_is_stopped_by_the_words_of_its_button(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("/human")
        await house.say("stop waiting")
    async with store.read() as session:
        assert list(await session.scalars(select(Conversation.status))) == [Status.BOT]


@pytest.mark.parametrize(
    "then", ["Talk to a person", "/human", "how long does delivery take?", "thanks", None]
)
async def test_a_list_that_is_left_stays_a_gap_with_its_candidates(store: Store, then: str | None) -> None:
    async with open_house(store) as house:
        offer = await listed(house)
        if then is not None:
            await house.say(then)
    assert await gaps_of(store) == [(UNSURE, "not_chosen")]
    async with store.read() as session:
        [gap] = await gaps.page(session)
    assert len(gap.candidates) == len(offer.choices) - 2
    assert all(each["article_key"] for each in gap.candidates)


async def test_a_list_that_is_come_back_to_is_none(store: Store) -> None:
    async with open_house(store) as house:
        offer = await listed(house)
        await house.say("how long does delivery take?")
        await house.press(offer, 0)
    assert await gaps_of(store) == []


async def test_a_wait_is_charged_to_the_last_gap_before_it(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("zyx qwv plm")
        house.clock.advance(timedelta(minutes=1))
        offer = await listed(house)
        house.clock.advance(timedelta(minutes=1))
        await house.press(offer, offer.choices.index("Talk to a person"))
        now = house.clock.advance(timedelta(minutes=10))
    async with store.read() as session:
        first, second = await gaps.open_ones(session, now=now, limit=9)
    assert (first.was_handed_off, first.waited) == (False, timedelta())
    assert (second.was_handed_off, second.waited) == (True, timedelta(minutes=10))
    async with store.write() as session:
        await queue_hours.keep(
            session, Calendars(f"mon-sun 00:00-{now - timedelta(minutes=4):%H:%M}"), now=now
        )
        assert (await gaps.open_ones(session, now=now, limit=9))[1].waited == timedelta(minutes=6)
        await gaps.close(session, [second.gap.id])
    async with store.read() as session:
        [first] = await gaps.open_ones(session, now=now, limit=9)
    assert not first.was_handed_off, "the wait was for the question after it"
