"""Which past answers fit, in which order, and why."""

from datetime import UTC, datetime

from admin_api.suggesting import fitting
from crm_store.past_answers import PastAnswer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def past(number: int, question: str, answer: str) -> PastAnswer:
    return PastAnswer(question, answer, number, number, "Ann", NOON)


FOUND = [
    past(1, "the lamp flickers please help", "Tighten the bulb."),
    past(2, "please help me", "Gladly!"),
    past(3, "my lamps are flickering", "Tighten the bulb."),
    past(4, "where is my parcel please", "In the mail."),
    past(5, "我的灯坏了", "请拧紧灯泡。"),
]


def test_the_likest_question_gives_the_answer_and_says_why() -> None:
    (first, *_) = fitting("my lamp is flickering", FOUND)
    assert first.past.answer == "Tighten the bulb."
    assert first.past.message_id == 3
    assert set(first.why) >= {"lamps", "flickering"}
    assert (
        len(
            [one for one in fitting("my lamp is flickering", FOUND) if one.past.answer == "Tighten the bulb."]
        )
        == 1
    )


def test_a_chinese_question_finds_its_like() -> None:
    assert [one.past.message_id for one in fitting("灯坏了怎么办", FOUND)] == [5]


def test_nothing_like_it_gives_nothing() -> None:
    assert fitting("do you sell gift cards", FOUND) == []
    assert fitting("", FOUND) == []
    assert fitting("anything", []) == []
