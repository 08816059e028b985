"""Why an answer was given: its words add up to the score."""

import pytest

from knowledge_base.blocks import read
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.samples import load_sample


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index([*load_sample("shop_en"), *load_sample("shop_zh")])


@pytest.mark.parametrize("text", ["I want to send these shoes back for a refund", "怎么退货退款"])
def test_the_words_weights_add_up_to_the_score_and_the_gap(index: KnowledgeIndex, text: str) -> None:
    explanation = index.explain(text)
    shelf = index.shelf_for(text)
    assert shelf is not None
    assert explanation.best is not None
    assert explanation.runner_up is not None
    bias = {
        match.article_key: float(shelf.model.bias[shelf.keys.index(match.article_key)])
        for match in (explanation.best, explanation.runner_up)
    }

    total = sum(word.weight for word in explanation.for_best)
    lead = sum(word.weight for word in explanation.against_runner_up)

    own, other = bias[explanation.best.article_key], bias[explanation.runner_up.article_key]
    assert total + own == pytest.approx(explanation.best.score, abs=1e-3)
    assert lead + own - other == pytest.approx(explanation.gap, abs=1e-3)


def test_the_telling_word_comes_first_and_unknown_words_are_named(index: KnowledgeIndex) -> None:
    explanation = index.explain("the zorblax voucher is invalid")

    assert explanation.for_best[0].word == "voucher"
    assert explanation.unknown_words == ("zorblax",)
    assert [name for name, _ in explanation.signals][-1] == "coverage"
    assert explanation.decision == index.decide("the zorblax voucher is invalid")


def test_each_word_of_the_text_is_weighed_once(index: KnowledgeIndex) -> None:
    words = [word.word for word in index.explain("refund refund my order").for_best]

    assert sorted(words) == sorted(set(read("refund my order", "en").tokens))
