"""A conversation that makes sense: both questions answered, and a question that leans on the one before."""

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
        said = await house.say("is there a guarantee for broken stuff? can I pay by card")
        offered = said[-1].choices
        for question in ("Is there a warranty?", "Which payment methods do you accept?"):
            [answer] = await house.press(said[-1], offered.index(question))
            assert answer.question == "Did this help?"
