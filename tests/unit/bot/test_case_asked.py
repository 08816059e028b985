"""Which cases words name or ask about, and what does neither."""

import pytest

from bot import events as e
from bot.case_asked import case_asked, case_numbers, kinds_asked, what_to_tell
from crm_store.case_states import CaseTold, OwnCases

REFUND = CaseTold(1, "refund", "REF-1", "approved", "")
REPAIR = CaseTold(1, "repair", "REP-2", "received", "")
OWN = OwnCases((REPAIR, REFUND))


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("REF-1?", ("REF-1",)),
        ("what of ref-1 and RET-20", ("REF-1", "RET-20")),
        ("ref1", ("REF-1",)),
        ("我的退款单REF-1怎么样了？", ("REF-1",)),
        ("ＲＥＦ－１到账了吗", ("REF-1",)),
        ("REF–1", ("REF-1",)),
        ("REF-1, REF-1", ("REF-1",)),
        ("fol-3", ("FOL-3",)),
        ("is it ref 1", ()),
        ("BREF-1", ()),
        ("REF-1-2", ()),
        ("rep-2nd", ()),
        ("refund 1", ()),
        ("REF-", ()),
    ],
)
def test_the_numbers_that_are_named(said: str, numbers: tuple[str, ...]) -> None:
    assert case_numbers(said) == numbers


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("has my refund been approved?", {"refund", "return"}),
        ("status of my refund", {"refund", "return"}),
        ("When will I get my money back?", {"refund", "return"}),
        ("I’m still waiting for my refund", {"refund", "return"}),
        ("any news on our refund", {"refund", "return"}),
        ("has my return arrived with you?", {"return"}),
        ("did you receive the lamp I sent it back on Monday, my return", {"return"}),
        ("is my repair done", {"repair"}),
        ("when will my lamp be repaired?", {"repair"}),
        ("how far is my warranty claim", {"repair"}),
        ("钱什么时候退给我", {"refund", "return"}),
        ("我的退款到账了吗", {"refund", "return"}),
        ("退款审核通过了没", {"refund", "return"}),
        ("查一下我的退款进度", {"refund", "return"}),
        ("退的货你们收到了吗，我的退货", {"return"}),
        ("灯修好了吗", {"repair"}),
        ("维修进度怎么样了", {"repair"}),
    ],
)
def test_whoever_asks_how_far_theirs_is(said: str, kinds: set[str]) -> None:
    assert kinds_asked(said) == kinds


@pytest.mark.parametrize(
    "said",
    [
        "how do I get a refund",
        "Can I get my money back if it broke already?",
        "what is your refund policy",
        "I want to return my lamp, it arrived broken",
        "where is my parcel",
        "has my order been approved",
        "do you repair lamps",
        "退款政策是什么",
        "怎么申请退款",
        "我可以退货吗",
        "如果坏了多久能维修",
        "我的包裹到哪了",
        "退款一般多久到账",
        "",
    ],
)
def test_questions_that_are_about_no_case_under_way(said: str) -> None:
    assert not kinds_asked(said)


def test_the_named_one_is_told_alone() -> None:
    assert what_to_tell("and REF-1?", OWN, frozenset(), "en") == "Your refund REF-1: approved."


def test_what_is_not_theirs_is_said_so_and_theirs_of_that_kind_told() -> None:
    told = what_to_tell("where is REF-9", OWN, frozenset(), "en")
    assert told == "I can't find REF-9 among your returns, refunds and repairs.\nYour refund REF-1: approved."


@pytest.mark.parametrize("number", ["REF-1", "REF-999", "FOL-1"])
def test_who_has_none_is_told_the_same_of_every_number(number: str) -> None:
    told = what_to_tell(f"{number}?", OwnCases(), frozenset(), "zh")
    assert (
        told == f"在您的退货、退款和维修中没有找到 {number}。可以请人工帮您查：请把订单号或下单姓名告诉客服。"
    )


def test_a_number_that_is_an_own_orders_is_no_case() -> None:
    own = OwnCases((), frozenset({"REF-7"}))
    assert case_asked("REF-7", e.Asked("unknown"), own, "en") == e.Asked("unknown")


def test_an_answer_stays_and_what_the_case_says_is_no_doubt() -> None:
    best = e.Candidate("refund", "Refunds?", 1.0, 0.9)
    sure = e.Asked("answer", (best,))
    assert case_asked("has my refund REF-1 been approved?", sure, OWN, "en") == sure
    several = e.AskedSeveral((e.Part("a", best),), (), (e.Doubt("REF-1?"), e.Doubt("b")))
    assert case_asked("a, REF-1? b", several, OWN, "en") == e.AskedSeveral(
        (e.Part("a", best),), (), (e.Doubt("b"),)
    )


def test_words_that_only_name_a_case_ask_nothing() -> None:
    told = e.AskedCase("Your refund REF-1: approved.", is_question=False)
    assert case_asked("REF-1 went badly", e.Asked("unknown"), OWN, "en") == told
    assert case_asked("status of REF-1?", e.Asked("unknown"), OWN, "en") == e.AskedCase(told.told)
    assert case_asked("hello, my REF", e.Asked("unknown"), OWN, "en") == e.Asked("unknown")
