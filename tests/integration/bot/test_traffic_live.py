"""The bot grows careful while its answers do not help, and lets nobody alone make it so again and again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_store import publishing, traffic
from crm_store.engine import Store
from tests.house import House, open_house
from tests.knowledge_stage import DRAFTS


def needed(house: House) -> float:
    """The confidence an answer needs."""
    return house.knowledge.index.shelves["alphabetic"].calibration.answer_at


async def _not_helped(house: House, address: str) -> None:
    [answer] = await house.say("return policy", address=address)
    assert answer.question == "Did this help?"
    await house.press(answer, 1)


async def test_answers_that_do_not_help_raise_what_an_answer_needs_and_time_forgets_them(
    store: Store,
) -> None:
    async with open_house(store) as house:
        house.clock.advance(timedelta(minutes=1))
        await house.knowledge.look_at_traffic()
        calm = needed(house)
        await _not_helped(house, "ann")
        await house.knowledge.look_at_traffic()
        one = needed(house)
        await _not_helped(house, "ann")
        await house.knowledge.look_at_traffic()
        assert calm < one == needed(house)
        await _not_helped(house, "bob")
        await house.knowledge.look_at_traffic()
        assert one < needed(house) < 1
        house.clock.advance(timedelta(days=31))
        await house.knowledge.look_at_traffic()
        assert needed(house) == calm


async def test_articles_published_meanwhile_are_answered_with_as_carefully(store: Store) -> None:
    async with open_house(store) as house:
        house.clock.advance(timedelta(minutes=1))
        for address in ("ann", "bob"):
            await _not_helped(house, address)
        await house.knowledge.look_at_traffic()
        careful = needed(house)
        async with store.write() as session:
            changed = [replace(DRAFTS[0], answer="Better words.")]
            await publishing.publish(session, changed, by="test", now=house.clock())
        await house.knowledge.refresh()
        assert needed(house) == pytest.approx(careful, abs=0.02)
        assert house.knowledge.edition.calm is not house.knowledge.index


async def test_the_newest_questions_come_with_their_confidence_oldest_first(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("return policy", address="ann")
        await house.say("zzz qqq xxyy", address="bob")
        async with store.read() as session:
            asked = await traffic.newest_questions(session, 10)
            [last] = await traffic.newest_questions(session, 1)
    assert [text for text, _ in asked] == ["return policy", "zzz qqq xxyy"]
    assert asked[0][1] > asked[1][1]
    assert last == asked[1]
