"""Resplits: the same texts dealt out anew, and what is told of several of them."""

from collections import Counter

import pytest

from knowledge_base.articles import Article
from knowledge_base.resplits import evaluate_resplits, figure_of, resplit

ARTICLES = [
    Article("card", "Card?", ("where is my card", "card not here", "我的卡在哪"), "x"),
    Article("refund", "Refund?", ("money back", "refund me", "I want a refund"), "x"),
    Article("bare", "Only a title?", (), "x"),
]
QUESTIONS = [
    ("has my card been sent", "card"),
    ("卡什么时候到", "card"),
    ("give me my money", "refund"),
    ("what is the moon made of", ""),
]


@pytest.mark.parametrize("seed", range(5))
def test_every_text_stays_with_its_article_and_script(seed: int) -> None:
    taught, asked = resplit(ARTICLES, QUESTIONS, seed)

    def texts(articles: list[Article], questions: list[tuple[str, str]]) -> Counter[tuple[str, str]]:
        told = [(text, article.key) for article in articles for text in article.phrasings]
        return Counter([*told, *questions])

    assert texts(taught, asked) == texts(ARTICLES, QUESTIONS)
    assert [len(article.phrasings) for article in taught] == [3, 3, 0]
    assert [key for _, key in asked] == [key for _, key in QUESTIONS]
    assert [text.isascii() for text, _ in asked] == [text.isascii() for text, _ in QUESTIONS]
    assert asked[-1] == QUESTIONS[-1]


def test_resplits_differ_and_are_repeatable() -> None:
    dealt = [tuple(resplit(ARTICLES, QUESTIONS, seed)[1]) for seed in range(8)]

    assert len(set(dealt)) > 1
    assert dealt[0] == tuple(resplit(ARTICLES, QUESTIONS, 0)[1])


def test_an_interval_surrounds_the_mean_and_stays_a_share() -> None:
    narrow, wide = figure_of([0.5, 0.5, 0.5]), figure_of([0.0, 0.02, 0.04])

    assert (narrow.low, narrow.mean, narrow.high) == (0.5, 0.5, 0.5)
    # Student's t with two degrees of freedom: 2.92 times the standard error, .01155.
    assert wide.mean == pytest.approx(0.02)
    assert wide.low == 0
    assert wide.high == pytest.approx(0.02 + 2.92 * 0.02 / 3**0.5, abs=1e-4)
    assert figure_of([0.3]).low == 0


def test_every_share_is_told() -> None:
    found = evaluate_resplits(ARTICLES, QUESTIONS, count=2)

    assert {"accuracy", "solved", "wrong_of_answered", "auroc_out_of_scope"} <= set(found)
    assert all(figure.low <= figure.mean <= figure.high for figure in found.values())
