"""Confidence and thresholds from evidence: within the budget, careful with little."""

import dataclasses

import numpy as np
import pytest

from knowledge_base.calibrating import LEAST_SURE, NEAR_SHARE, calibrate, traffic_weights
from knowledge_base.calibration import SIGNAL_NAMES, Calibration, logistic
from knowledge_base.evidence import ASKED, BACKGROUND, HIDDEN, Evidence
from knowledge_base.usual import Size, apartness, usual_at

SIZE = Size(10.0, 50, "multinomial")
TRUE_WEIGHTS = (0.2, 0.1, 0.3, 0.1, 0.5, 0.1, 0.2, 1.0, 0.5, -1.0)
NONE_USUAL = {
    "first": [[0.0] * 4] * (len(SIGNAL_NAMES) + 1),
    "listed": [[0.0] * 4] * (len(SIGNAL_NAMES) + 1),
    "margin": [2.0, 0.0],
}
ALIKE = 1.0


def evidence(count: int, seed: int, shift: float = 0.0) -> Evidence:
    """Signals, and whether the first was right, drawn from TRUE_WEIGHTS moved by `shift` log odds."""
    generator = np.random.default_rng(seed)
    spread = np.array([3.0, 2.0, 2.5, 2.0, 2.5, 2.5, 0.2, 0.2, 0.1])
    usual = [3, 3, 3, 2, 3, 3, 0.5, 0.2, 0.9]
    signals = generator.normal(size=(count, len(SIGNAL_NAMES))) * spread + usual
    weights = (*TRUE_WEIGHTS[:-1], TRUE_WEIGHTS[-1] + shift)
    right = generator.random(count) < np.array([logistic(weights, row) for row in signals])
    return Evidence(signals, right, right, np.full(count, ASKED), SIZE, ALIKE)


def fitted(count: int, seed: int = 0, budget: float = 0.02, shift: float = 0.0) -> Calibration:
    return calibrate(evidence(count, seed, shift), SIZE, budget, 0.0)


@pytest.mark.parametrize("budget", [0.01, 0.02, 0.05, 0.1])
def test_the_budget_holds_on_texts_not_seen(budget: float) -> None:
    shares = []
    for seed in range(10):
        calibration = fitted(3_000, seed, budget)
        asked = evidence(20_000, seed + 100)
        confidence = np.array([logistic(calibration.first, row) for row in asked.signals])
        answered = confidence >= calibration.answer_at
        assert answered.mean() > 0.2
        shares.append((~asked.first_right[answered]).mean())

    # The standard error of this mean is about a tenth of the budget.
    assert np.mean(shares) <= budget * 1.2


def test_a_larger_budget_never_answers_less() -> None:
    thresholds = [fitted(2_000, budget=budget).answer_at for budget in (0.005, 0.02, 0.05, 0.2)]

    assert thresholds == sorted(thresholds, reverse=True)


def test_nothing_very_unsure_is_answered_alone_however_easy_the_rest() -> None:
    easy = fitted(3_000, shift=6.0)

    assert easy.answer_at >= 1 - LEAST_SURE * 0.02
    assert easy.promise.wrong < 0.02


def test_more_evidence_narrows_the_promise() -> None:
    small, large = fitted(300).promise, fitted(5_000).promise

    assert large.wrong_high - large.wrong_low < small.wrong_high - small.wrong_low
    assert small.wrong_low <= small.wrong <= small.wrong_high <= 0.1
    assert (small.evidence_count, large.evidence_count) == (300, 5_000)


def test_own_evidence_moves_the_usual_weights() -> None:
    worse, better = fitted(2_000, shift=-2.0), fitted(2_000, shift=2.0)

    row = evidence(1, 9).signals[0]
    assert logistic(worse.first, row) < logistic(better.first, row)


def test_without_evidence_it_is_the_usual_calibration() -> None:
    calibration = calibrate(None, SIZE, 0.02, 0.1)

    assert calibration.first == tuple(usual_at(SIZE).first.tolist())
    assert calibration.answer_at == pytest.approx(1 - 0.02 * usual_at(SIZE).margin)
    assert (calibration.promise.evidence_count, calibration.promise.wrong_high) == (0, 1)


def test_coefficients_of_other_data_can_be_tried() -> None:
    calibration = calibrate(None, SIZE, 0.02, 0.1, NONE_USUAL)

    assert set(calibration.first) == {0.0}
    assert calibration.answer_at == pytest.approx(0.96)


@pytest.mark.parametrize("texts", [1.0, 3.0, 10.0, 200.0])
@pytest.mark.parametrize("articles", [1, 10, 1_000])
def test_no_usual_weight_speaks_against_the_answer(texts: float, articles: int) -> None:
    usual = usual_at(Size(texts, articles, "hinge" if texts > 20 else "multinomial"))

    assert usual.first[:-1].min() >= 0
    assert usual.listed[:-1].min() >= 0
    assert usual.margin >= 1


def test_more_of_a_signal_never_lowers_confidence() -> None:
    found = evidence(400, 3)
    backwards = Evidence(-found.signals, found.first_right, found.listed_right, found.kinds, SIZE, ALIKE)

    calibration = calibrate(backwards, SIZE, 0.02, 0.1)

    assert min(calibration.first[:-1]) >= 0
    assert min(calibration.listed[:-1]) >= 0


@pytest.mark.parametrize(
    ("kinds", "near", "far"),
    [
        ([ASKED] * 90 + [HIDDEN] * 30 + [BACKGROUND] * 5, NEAR_SHARE, 1 - NEAR_SHARE),
        ([ASKED] * 90 + [HIDDEN] * 30, 1.0, 0.0),
        ([ASKED] * 90 + [BACKGROUND] * 500, 0.0, 1.0),
        ([ASKED] * 90, 0.0, 0.0),
    ],
)
def test_each_kind_counts_as_its_share_of_the_traffic(kinds: list[int], near: float, far: float) -> None:
    weights = traffic_weights(np.array(kinds), 0.1)

    of_kind = [weights[np.array(kinds) == kind].sum() for kind in (ASKED, HIDDEN, BACKGROUND)]
    assert of_kind == pytest.approx([90, 10 * near, 10 * far])


def test_questions_out_of_scope_make_it_careful() -> None:
    found = evidence(1_000, 5)
    hidden = evidence(300, 6)
    both = Evidence(
        np.vstack([found.signals, hidden.signals]),
        np.append(found.first_right, np.zeros(300, bool)),
        np.append(found.listed_right, np.zeros(300, bool)),
        np.append(found.kinds, np.full(300, HIDDEN)),
        SIZE,
        ALIKE,
    )

    expected = [calibrate(both, SIZE, 0.02, share).promise.answered for share in (0.0, 0.1, 0.3)]

    assert expected == sorted(expected, reverse=True)


def test_phrasings_written_to_differ_say_less_against_an_answer() -> None:
    found = evidence(500, 7, shift=-1.5)
    calibrations = [
        calibrate(dataclasses.replace(found, kinship=kinship), SIZE, 0.02, 0.1) for kinship in (0.0, 0.3, 1.0)
    ]

    typical = found.signals.mean(axis=0)
    chances = [logistic(calibration.first, typical) for calibration in calibrations]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1] + 0.02


def test_only_phrasings_unlike_each_other_are_apart() -> None:
    found = [apartness(kinship) for kinship in np.linspace(0, 1, 21)]

    assert [each.harder for each in found] == sorted((each.harder for each in found), reverse=True)
    assert found[0].harder > 0
    assert (found[-1].harder, found[-1].deviation) == (0, 0)


def test_apart_phrasings_answer_at_the_usual_threshold_at_most() -> None:
    usual = calibrate(None, SIZE, 0.02, 0.1).answer_at

    apart = calibrate(dataclasses.replace(evidence(300, 8, shift=-3), kinship=0.0), SIZE, 0.02, 0.1)

    assert apart.answer_at <= usual
