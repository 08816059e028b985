"""A conversation that makes sense: both questions answered, and a question that leans on the one before."""

import pytest

from crm_store import gaps
from crm_store.engine import Store
from tests.house import open_house


async def test_two_questions_get_two_answers(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("where is my parcel? can I pay by card")
        assert [each.text for each in said] == [
            "The tracking link is in your dispatch mail.",
            "We take cards, PayPal and bank transfer.",
        ]


async def test_a_question_leans_on_the_answer_before(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("return policy")
        said = await house.say("and when do I get the money?")
        assert said[-1].choices[0] == "When do I get my refund?"
        answered = await house.press(said[-1], 0)
        assert answered[-1].text == "Refunds reach your account within 5 working days."


async def test_each_of_several_offered_questions_can_be_read(store: Store) -> None:
    async with open_house(store) as house:
        said = await house.say("is there a guarantee for broken stuff? and how do I get my cash again?")
        offered = said[-1].choices[:-2]
        assert "Is there a warranty?" in offered
        for index in range(len(offered)):
            [answer] = await house.press(said[-1], index)
            assert answer.question == "Did this help?"


async def test_one_question_is_answered_and_the_doubtful_one_gets_its_list(store: Store) -> None:
    async with open_house(store) as house:
        answered, unsure = await house.say("is there a guarantee for broken stuff? can I pay by card")
        assert answered.text == "We take cards, PayPal and bank transfer."
        asked = "is there a guarantee for broken stuff?"
        assert unsure.text == f"About “{asked}” I'm not sure. Did you mean one of these?"
        assert unsure.choices[-2:] == ("None of these", "Talk to a person")
        await house.press(unsure, len(unsure.choices) - 2)
        async with store.read() as session:
            [gap] = await gaps.page(session)
        assert (gap.question, gap.reason) == (asked, "none_of_these")
        [chosen] = await house.press(unsure, unsure.choices.index("Is there a warranty?"))
        assert chosen.text == "Everything we sell has a warranty of two years."


async def test_a_question_of_several_that_is_not_known_is_said_and_kept(store: Store) -> None:
    async with open_house(store) as house:
        answered, unsure = await house.say("where is my parcel? xyzzy blorf qwv?")
        assert answered.text == "The tracking link is in your dispatch mail."
        assert unsure.text == "About “xyzzy blorf qwv?” I'm not sure."
        assert unsure.choices == ("Talk to a person", "Tell me when you know")
        async with store.read() as session:
            [gap] = await gaps.page(session)
        assert (gap.question, gap.reason) == ("xyzzy blorf qwv?", "unknown")
        [again] = await house.say("plm okn ijb uhv")
        assert again.text.startswith("I'm not sure I understood.")


async def test_choosing_from_one_of_two_lists_leaves_the_gap_of_the_other(store: Store) -> None:
    text = "is there a guarantee for broken stuff? how do I get my cash again? can I pay by card"
    async with open_house(store) as house:
        _, warranty, cash = await house.say(text)
        assert [each.text[:6] for each in (warranty, cash)] == ["About "] * 2
        await house.press(warranty, warranty.choices.index("Is there a warranty?"))
        async with store.read() as session:
            left = [(gap.question, gap.reason) for gap in await gaps.page(session)]
        assert left == [("how do I get my cash again?", "not_chosen")]
        await house.press(cash, cash.choices.index("None of these"))
        async with store.read() as session:
            left = [(gap.question, gap.reason) for gap in await gaps.page(session)]
        assert left == [("how do I get my cash again?", "none_of_these")]


async def test_none_of_one_list_leaves_the_gap_of_the_other_as_it_is(store: Store) -> None:
    text = "is there a guarantee for broken stuff? how do I get my cash again? can I pay by card"
    async with open_house(store) as house:
        _, warranty, _cash = await house.say(text)
        await house.press(warranty, warranty.choices.index("None of these"))
        async with store.read() as session:
            left = {(gap.question, gap.reason) for gap in await gaps.page(session)}
        assert left == {
            ("is there a guarantee for broken stuff?", "none_of_these"),
            ("how do I get my cash again?", "not_chosen"),
        }


async def test_what_leans_on_a_question_of_the_same_message_is_listed_for_both(store: Store) -> None:
    async with open_house(store) as house:
        answered, unsure = await house.say("I want to give the lamp back, and how long does it take?")
        assert answered.text == "Start a return in your account within 30 days."
        assert unsure.text == "About “how long does it take?” I'm not sure. Did you mean one of these?"
        async with store.read() as session:
            [gap] = await gaps.page(session)
        assert gap.question == "I want to give the lamp back, and how long does it take?"
        await house.press(unsure, 0)
        async with store.read() as session:
            assert await gaps.page(session) == []


@pytest.mark.parametrize("text", ["please don't reset my password", "I do not want to return an item"])
async def test_who_does_not_want_it_is_not_told_how_to_get_it(store: Store, text: str) -> None:
    async with open_house(store) as house:
        [said] = await house.say(text)
    assert said.text == "Did you mean one of these?"
    assert said.choices[-1] == "Talk to a person"
