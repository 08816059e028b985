"""Keys struck at random are not understood, whatever letters they share with the articles; typos are."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex, build_index

ARTICLES = (
    Article("refund", "How long do refunds take?", ("when do I get my money back", "refund time"), "x"),
    Article("delivery", "How long does delivery take?", ("when will my parcel arrive", "where is it"), "x"),
    Article("hours", "When are you open?", ("opening hours", "are you open on sunday"), "x"),
)


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index(ARTICLES)


@pytest.mark.parametrize("text", ["qwerty zxcv", "asdfgh jkl", "xyzzy", "zzzz qqq", "fghdjk", "uiop hjkl"])
def test_gibberish_is_not_understood(index: KnowledgeIndex, text: str) -> None:
    decision = index.decide(text)

    assert (decision.kind, decision.reason) == ("unknown", "nothing_known")


@pytest.mark.parametrize(
    ("text", "key"), [("refnud", "refund"), ("delivrey", "delivery"), ("arives", "delivery")]
)
def test_a_typo_may_still_be_understood(index: KnowledgeIndex, text: str, key: str) -> None:
    decision = index.decide(text)

    assert decision.reason != "nothing_known"
    assert decision.matches[0].article_key == key


def test_a_word_known_elsewhere_is_no_gibberish(index: KnowledgeIndex) -> None:
    assert index.decide("misplaced").reason != "nothing_known"
