"""What is said to have decided is what decided, and every rule is told in words."""

from typing import get_args

import pytest

from knowledge_base.articles import Article
from knowledge_base.calibration import UNBELIEVED
from knowledge_base.deciding import RULES
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Reason
from knowledge_base.reasons import REASONS


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index(
        [
            Article("track", "Where is my order?", ("where is my parcel", "track my order"), "In the mail."),
            Article("pay", "How can I pay?", ("what is the way to pay", "do you take cards"), "By card."),
            Article("hours", "When are you open?", ("opening hours",), "At nine."),
        ]
    )


def test_every_rule_has_its_words() -> None:
    assert set(REASONS) == set(get_args(Reason))
    assert {rule.name for rule in RULES} < set(REASONS)


@pytest.mark.parametrize("text", ["how can i fly", "where is my cat", "do you take dogs"])
def test_who_is_sure_enough_but_not_believed_is_told_so(index: KnowledgeIndex, text: str) -> None:
    explanation = index.explain(text)
    assert explanation.decision.kind != "answer"
    assert explanation.decision.confidence == UNBELIEVED < explanation.threshold, "it would have been surer"
    assert explanation.rule == explanation.decision.reason == "not_believed"


@pytest.mark.parametrize("text", ["is there an elephant in the room", "open a box of cards for my cat"])
def test_who_is_unsure_is_told_so(index: KnowledgeIndex, text: str) -> None:
    explanation = index.explain(text)
    assert explanation.decision.confidence < explanation.threshold
    assert explanation.rule in ("possible", "too_unlike")
