"""Which past answers fit, in which order, and why."""

from datetime import UTC, datetime

import pytest

from admin_api.openers import is_opener
from admin_api.suggesting import LikeAnswer, fitting, has_enough_in_common
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


def fits(question: str, found: list[PastAnswer]) -> list[LikeAnswer]:
    """Where nothing else was ever asked."""
    return fitting(question, found, [one.question for one in found])


def test_what_is_asked_seldom_says_more_than_what_the_likest_have_in_common() -> None:
    """All of the found are about a top-up; of what is asked otherwise, much is about a card."""
    found = [past(1, "top-up with my card", "Cards work."), past(2, "a top-up failed", "Try again.")]
    usual = [*["where is my card", "my card is lost"] * 20, *[one.question for one in found]]
    assert fitting("my top-up with card failed", found, usual)[0].past.answer == "Try again."
    assert fits("my top-up with card failed", found)[0].past.answer == "Cards work."


def test_the_likest_question_gives_the_answer_and_says_why() -> None:
    (first, *_) = fits("my lamp is flickering", FOUND)
    assert first.past.answer == "Tighten the bulb."
    assert first.past.message_id == 3
    assert set(first.why) >= {"lamps", "flickering"}
    assert (
        len([one for one in fits("my lamp is flickering", FOUND) if one.past.answer == "Tighten the bulb."])
        == 1
    )


def test_a_chinese_question_finds_its_like() -> None:
    assert [one.past.message_id for one in fits("灯坏了怎么办", FOUND)] == [5]


def test_nothing_like_it_gives_nothing() -> None:
    assert fits("do you sell gift cards", FOUND) == []
    assert fits("", FOUND) == []
    assert fits("anything", []) == []


@pytest.mark.parametrize(
    "answer",
    [
        "Hello […], […] here. How can I help?",
        "Hi Ann, this is Mia. What can I do for you today?",
        "Good morning!",
        "You're welcome, have a nice day!",
        "Thank you for your patience. Is there anything else?",
        "One moment please, let me check that for you.",
        "您好，我是[…]，请问有什么可以帮您？",
        "不客气，祝您生活愉快！",
        "请稍等，我帮您查一下",
        "[…]",
    ],
)
def test_greetings_farewells_and_patience_are_no_answers(answer: str) -> None:
    assert is_opener(answer)
    assert fits("my lamp flickers", [past(1, "my lamp flickers", answer)]) == []


@pytest.mark.parametrize(
    "answer",
    [
        "Tighten the bulb.",
        "Hi […], order […] left today.",
        "Hello, your parcel is here.",
        "Yes, until Friday.",
        "您好，退款三天内到账。",
        "我帮您查一下，订单昨天发出了。",
    ],
)
def test_an_answer_that_also_greets_is_one(answer: str) -> None:
    assert not is_opener(answer)


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("my lamp is broken", "I need the right word", False),
        ("is that the right word for it?", "can you tell me the word please", False),
        ("the xylophone is broken", "how much is a xylophone", False),
        ("where is my parcel", "my parcel please?", True),
        ("the lamp flickers", "my lamps are flickering", True),
        ("你好，请问一下", "你好，请问", False),
        ("退款多久到账", "退款？", True),
        ("我的灯坏了", "我的快递坏了", False),
    ],
)
def test_small_talk_or_one_rare_word_makes_no_questions_alike(one: str, other: str, is_alike: bool) -> None:
    assert has_enough_in_common(one, other) is is_alike
    assert bool(fits(one, [past(1, other, "Answer.")])) is is_alike
