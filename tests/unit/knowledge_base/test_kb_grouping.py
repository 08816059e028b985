"""Unanswered questions in groups."""

import random
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.grouping import MAX_TEXTS, group

ASKED = {
    "gift card": ["can I buy a gift card", "do you sell gift cards", "where can I get a gift card for a friend"],
    "repair": ["my kettle is broken can you repair it", "do you repair broken kettles", "repair of a broken kettle"],
    "invoice": ["please send me an invoice with VAT", "I need an invoice that shows VAT", "invoice with VAT please"],
    "alone": ["is there parking near your office"],
}  # fmt: skip


def test_what_asks_the_same_is_together() -> None:
    texts = list(chain(*ASKED.values()))
    found = group(texts)
    assert sorted(sorted(texts[at] for at in each.members) for each in found) == sorted(
        map(sorted, ASKED.values())
    )
    assert [len(each.members) for each in found] == [3, 3, 3, 1]


@given(seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_the_order_they_came_in_does_not_matter(seed: int) -> None:
    texts = list(chain(*ASKED.values()))
    shuffled = texts.copy()
    random.Random(seed).shuffle(shuffled)
    as_words = {frozenset(texts[at] for at in each.members) for each in group(texts)}
    assert {frozenset(shuffled[at] for at in each.members) for each in group(shuffled)} == as_words


def test_what_the_articles_say_all_the_time_joins_nothing() -> None:
    texts = [
        "what does it cost to close my account", "closing my account for good",
        "what does it cost to send a parcel", "sending parcels abroad",
        "what does it cost to gift wrap", "do you gift wrap presents",
    ]  # fmt: skip
    usual = (
        "open a shop",
        "change a plan",
        "verify a name",
        "link a bank",
        "top up",
        "pay by card",
        "return it",
    )
    found = group(texts, [f"what does it cost to {what}" for what in usual])
    assert [sorted(each.members) for each in found] == [[0, 1], [2, 3], [4, 5]]


def test_languages_do_not_mix() -> None:
    texts = ["礼品卡怎么买", "do you sell gift cards", "怎么购买礼品卡", "can I buy gift cards"]
    assert sorted(sorted(each.members) for each in group(texts)) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(("texts", "groups"), [
    ([], []),
    (["hi"], [(0,)]),
    (["???", "!!!", ""], [(0,), (1,), (2,)]),
    (["same words", "same words", "Same  WORDS"], [(0, 1, 2)]),
])  # fmt: skip
def test_edges(texts: list[str], groups: list[tuple[int, ...]]) -> None:
    assert [each.members for each in group(texts)] == groups


def test_too_many() -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        group(["a"] * (MAX_TEXTS + 1))


@given(st.lists(st.text(max_size=30), max_size=20))
@settings(max_examples=40)
def test_every_text_is_in_exactly_one_group(texts: list[str]) -> None:
    assert sorted(chain(*(each.members for each in group(texts)))) == list(range(len(texts)))
