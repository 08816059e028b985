"""Evaluation: shares that add up, against references and on real data."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from knowledge_base.articles import Article
from knowledge_base.evaluation import auroc, calibration_error, evaluate, read_questions
from knowledge_base.exchange import parse
from knowledge_base.resplits import evaluate_resplits

DATA = Path(__file__).parents[3].parent / "shared" / "data"

ARTICLES = [
    Article("card", "Card?", ("where is my card", "my card has not arrived"), "x"),
    Article("refund", "Refund?", ("I want my money back", "how do I get a refund"), "x"),
]


def test_shares_add_up() -> None:
    questions = [
        ("where is my card", "card"),
        ("get a refund", "refund"),
        ("bake a cake", ""),
        ("how", "card"),
    ]

    result = evaluate(ARTICLES, questions)

    assert result.questions == 4
    assert result.answered + result.listed + result.handed_off == pytest.approx(1)
    assert result.answered >= 0.25
    assert result.accuracy <= result.accuracy_at_3 <= 1
    assert 0 < result.latency_ms.p50 <= result.latency_ms.p99


def test_without_out_of_scope_questions_there_is_no_auroc() -> None:
    assert evaluate(ARTICLES, [("where is my card", "card")]).auroc_out_of_scope is None


def test_an_answer_to_an_out_of_scope_question_is_wrong() -> None:
    result = evaluate(ARTICLES, [("where is my card", ""), ("where is my card", "card")])

    assert result.answered == 1
    assert result.answered_in_scope == 1
    assert result.wrong_of_answered == 0.5


def test_no_question_is_an_error() -> None:
    with pytest.raises(ValueError, match="no question"):
        evaluate(ARTICLES, [])


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_auroc_equals_scikit_learns(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in pairs], float)
    positive = np.array([flag for _, flag in pairs])

    found = auroc(scores, positive)

    if positive.all() or not positive.any():
        assert found is None
    else:
        assert found == pytest.approx(roc_auc_score(positive, scores))


def test_calibration_error_of_known_cases() -> None:
    confidence = np.full(300, 0.8)
    right = np.tile([True, True, True, True, False], 60)

    assert calibration_error(confidence, right) == pytest.approx(0)
    assert calibration_error(confidence, ~right) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", 1, "text and article"),
        (b"text,article\n", 1, "no question"),
        (b"question,key\na,b\n", 1, "text and article"),
        (b"text,article\na,b\nc\n", 3, "1 cells"),
        (b'text,article\n"a,b\n', 2, "can't be read"),
        (b"text,article\n\xe9,b\n", 2, "not UTF-8"),
    ],
)
def test_bad_question_files_are_named_by_line(data: bytes, line: int, says: str) -> None:
    [problem] = read_questions(data).problems

    assert problem.line == line
    assert says in problem.text


def test_questions_keep_their_order_and_empty_articles() -> None:
    found = read_questions("\ufefftext,article,note\nA?,one,x\n\n没有,,\n".encode())

    assert found.items == (("A?", "one"), ("没有", ""))
    assert found.problems == ()


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_the_budget_holds_on_banking77_with_ten_phrasings() -> None:
    articles = parse(
        (DATA / "banking77" / "articles_10.csv").read_bytes(), ".csv", default_answer="About {article}"
    )
    questions = read_questions((DATA / "banking77" / "questions.csv").read_bytes())

    found = evaluate_resplits(articles.articles, questions.items)

    assert questions.problems == ()
    assert found["accuracy"].mean > 0.76
    assert found["accuracy_at_3"].mean > 0.9
    assert found["answered"].mean > 0.2
    assert found["wrong_of_answered"].mean <= 0.02
    assert found["calibration_error"].mean < 0.05
