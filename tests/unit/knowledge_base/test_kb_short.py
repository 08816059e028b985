"""A short knowledge base is careful of what it has no article for, and answers what its model prefers."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.calibration import UNBELIEVED
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.short import believed_at, expected_share

WORDS = ("returns", "delivery", "payment", "warranty", "vouchers", "invoices", "repairs", "opening hours")


@pytest.fixture(scope="module")
def few() -> KnowledgeIndex:
    return build_index(
        [
            Article(f"a{n}", f"{word} policy", (f"how does {word} work", f"tell me about {word}"), "So.")
            for n, word in enumerate(WORDS)
        ]
    )


@pytest.mark.parametrize(
    ("articles", "share", "needs"), [(1, 0.3, 0), (15, 0.3, 0), (30, 0.2, 0.5), (60, 0.1, 1), (500, 0.1, 1)]
)
def test_the_fewer_articles_the_more_is_expected_out_of_scope(
    articles: int, share: float, needs: float
) -> None:
    assert expected_share(articles) == pytest.approx(share)
    assert believed_at(articles) == pytest.approx(needs)


def test_few_articles_expect_more_out_of_scope_unless_told(few: KnowledgeIndex) -> None:
    articles = [
        Article(f"a{n}", f"{word} policy", (f"how does {word} work", f"tell me about {word}"), "So.")
        for n, word in enumerate(WORDS)
    ]
    [usual] = few.shelves.values()
    [told] = build_index(articles, out_of_scope=0.1).shelves.values()
    [same] = build_index(articles, out_of_scope=0.3).shelves.values()
    assert usual.calibration == same.calibration
    assert usual.calibration != told.calibration


def test_what_the_model_does_not_believe_is_never_called_sure(few: KnowledgeIndex) -> None:
    """Whoever asks why reads a confidence below what an answer needs."""
    [shelf] = few.shelves.values()
    asked = [f"{start} {word}" for word in WORDS for start in ("what the", "where is my", "no", "is there")]
    decided = [few.decide(text) for text in (*asked, "how does the moon work", "tell me about the moon")]
    unbelieved = [decision for decision in decided if decision.reason == "not_believed"]
    assert unbelieved
    for decision in unbelieved:
        assert decision.confidence <= UNBELIEVED < shelf.calibration.answer_at
