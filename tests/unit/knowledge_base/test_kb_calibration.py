"""Confidence and thresholds from evidence: within the budget, careful with little."""

import numpy as np
import pytest

from knowledge_base.calibration import SIGNAL_NAMES, Calibration, calibrate, logistic

TRUE_WEIGHTS = (0.9, 0.3, 0.2, 1.0, 0.5, -1.0)


def evidence(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Signals, and whether the first was right, drawn from TRUE_WEIGHTS."""
    generator = np.random.default_rng(seed)
    spread = np.array([3.0, 2.0, 0.2, 0.2, 0.1])
    signals = generator.normal(size=(count, len(SIGNAL_NAMES))) * spread + [3, 3, 0.5, 0.2, 0.9]
    chances = np.array([logistic(TRUE_WEIGHTS, row) for row in signals])
    return signals, generator.random(count) < chances


def fitted(count: int, seed: int = 0, budget: float = 0.02) -> Calibration:
    signals, right = evidence(count, seed)
    return calibrate(signals, right, right, np.zeros(count, bool), budget)


@pytest.mark.parametrize("budget", [0.01, 0.02, 0.05, 0.1])
def test_the_budget_holds_on_texts_not_seen(budget: float) -> None:
    shares = []
    for seed in range(10):
        calibration = fitted(3_000, seed, budget)
        signals, right = evidence(20_000, seed + 100)
        confidence = np.array([logistic(calibration.first, row) for row in signals])
        answered = confidence >= calibration.answer_at
        assert answered.mean() > 0.2
        shares.append((~right[answered]).mean())

    assert np.mean(shares) <= budget


def test_a_larger_budget_never_answers_less() -> None:
    thresholds = [fitted(2_000, budget=budget).answer_at for budget in (0.005, 0.02, 0.05, 0.2)]

    assert thresholds == sorted(thresholds, reverse=True)


def test_more_evidence_narrows_the_promise() -> None:
    small, large = fitted(300).promise, fitted(5_000).promise

    assert large.wrong_high - large.wrong_low < small.wrong_high - small.wrong_low
    assert small.wrong_low <= small.wrong <= small.wrong_high <= 0.1
    assert (small.evidence_count, large.evidence_count) == (300, 5_000)


def test_without_evidence_it_is_careful() -> None:
    calibration = fitted(0)

    assert calibration.answer_at == pytest.approx(0.96)
    assert calibration.promise.answered == 0
    assert calibration.promise.wrong_high == 1


def test_more_of_a_signal_never_lowers_confidence() -> None:
    signals, right = evidence(400, 3)
    calibration = calibrate(-signals, right, right, np.zeros(400, bool), 0.02)

    assert min(calibration.first[:-1]) >= 0
    assert min(calibration.listed[:-1]) >= 0


def test_background_counts_for_its_assumed_share_only() -> None:
    signals, right = evidence(1_000, 5)
    strange = np.zeros((4_000, len(SIGNAL_NAMES)))
    both = np.vstack([signals, strange])
    truth = np.append(right, np.zeros(4_000, bool))
    background = np.arange(5_000) >= 1_000

    with_strangers = calibrate(both, truth, truth, background, 0.02)

    alone = calibrate(signals, right, right, background[:1_000], 0.02)
    assert with_strangers.promise.answered == pytest.approx(0.9 * alone.promise.answered, abs=0.1)
