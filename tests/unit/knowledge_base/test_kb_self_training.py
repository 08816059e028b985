"""A log without labels: read, cleaned of what is known, guessed with care, and let in only where it helps."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from knowledge_base.articles import Article
from knowledge_base.building import Proven, is_better
from knowledge_base.calibrating import calibrate
from knowledge_base.evidence import ASKED, HIDDEN, Evidence
from knowledge_base.index import build_index
from knowledge_base.logs import read_log, without
from knowledge_base.self_training import fit_with_log, guesses
from knowledge_base.training import LinearModel, fit_linear
from knowledge_base.usual import Size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where is it\n\n  how much \n", ["where is it", "how much"]),
        ('article,Text\nparcel,"where, is it"\nprice,\nprice,how much\n', ["where, is it", "how much"]),
        ("text\na\nb\n", ["a", "b"]),
        ("context,is lost\n", ["context,is lost"]),
        ("", []),
    ],
)
def test_a_log_is_lines_or_the_text_column(text: str, expected: list[str]) -> None:
    assert read_log(text) == expected


def test_what_is_known_in_the_same_words_is_left_out_and_each_text_kept_once() -> None:
    log = ["Where IS my parcel?!", "how much", "How much?", "?!", "new one"]
    assert without(log, ["where is my parcel"]) == ["how much", "new one"]


def rows_of_words(*texts: tuple[int, ...]) -> csr_matrix:
    """Rows with a 1 in each of the columns."""
    rows = np.zeros((len(texts), 6), np.float32)
    for row, columns in zip(rows, texts, strict=True):
        row[list(columns)] = 1
    return csr_matrix(rows)


def test_a_guess_needs_both_views_and_is_never_the_background() -> None:
    rows, labels = rows_of_words((0,), (1,), (2,)), np.array([0, 1, 2])  # the last class is the background
    weights = np.zeros((6, 3), np.float32)
    weights[0, 0] = weights[1, 1] = weights[2, 2] = weights[3, 0] = 5
    model = LinearModel(weights, np.zeros(3, np.float32))
    log = rows_of_words((0, 4), (1, 3, 3), (2, 4), (1, 4), (0, 1, 3))
    disagreed = rows_of_words((3,), (1, 0, 3))

    places, guessed = guesses(rows, labels, log, model, "multinomial")

    assert set(zip(places.tolist(), guessed.tolist(), strict=True)) <= {(0, 0), (3, 1), (4, 0)}
    assert len(places)
    for text in disagreed:
        assert 2 not in guesses(rows, labels, text, model, "multinomial")[1]


def test_words_that_only_the_log_has_are_learned() -> None:
    rows, labels = rows_of_words((0,), (0,), (1,), (1,), (2,), (2,)), np.array([0, 0, 1, 1, 2, 2])
    log = rows_of_words(*[(0, 4)] * 5, *[(1, 5)] * 5)

    alone = fit_linear(rows, labels, 3, "multinomial")
    both = fit_with_log(rows, labels, 3, "multinomial", log, 0)

    assert np.abs(alone.weights[4]).max() == pytest.approx(0, abs=1e-6)
    assert both.weights[4].argmax() == 0
    assert both.weights[5].argmax() == 1


def proven(first: list[bool]) -> Proven:
    kinds = np.array([ASKED] * len(first) + [HIDDEN])
    right = np.array([*first, False])
    evidence = Evidence(np.ones((len(kinds), 9)), right, right, kinds, Size(4, 9, "multinomial"), 1.0)
    calibration = calibrate(evidence, Size(5, 9, "multinomial"), 0.02, 0.1)
    return Proven(None, evidence, calibration)  # type: ignore[arg-type]  # what it learned from is not looked at


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        ([False] * 20, [True] * 4 + [False] * 16, True),
        ([False] * 20, [False] * 20, False),
        ([True] * 4 + [False] * 16, [False] * 20, False),
        (
            [True] * 9 + [False] * 11,
            [False] * 9 + [True] * 10 + [False],
            False,
        ),  # one more, of nineteen changed
    ],
)
def test_a_log_is_let_in_when_phrasings_held_out_say_so(
    before: list[bool], after: list[bool], better: bool
) -> None:
    assert is_better(proven(after), proven(before)) is better


def test_a_log_that_says_nothing_changes_nothing() -> None:
    articles = [
        Article("parcel", "Parcel", ("where is my parcel", "track my order", "has it been sent"), "a"),
        Article("price", "Price", ("what does it cost", "how much is it", "your prices please"), "a"),
    ]
    log = ["the moon is made of cheese", "my cat sleeps all day"]

    plain, logged = build_index(articles), build_index(articles, log=log)

    assert logged.learned_from_log == 0
    for text in ("where is it", "price of a parcel", "moon cheese"):
        assert logged.decide(text) == plain.decide(text)
