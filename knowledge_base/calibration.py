"""From scores to confidence, and from confidence to "answer", "suggest" or "unknown".

Confidence is a logistic function of a few signals, learned from what the model says about phrasings it
was not shown. The thresholds are then set so that the stated share of wrong answers holds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float64]

# `log_odds` of the best article's probability, its `lead` over the runner-up (log ratio), `near`: cosine
# to its nearest phrasing, `near_lead` over the other candidates' nearest, `coverage`: known share of the
# text's idf mass.
SIGNAL_NAMES: Final = ("log_odds", "lead", "near", "near_lead", "coverage")

# What such a fit gives on average over BANKING77 and CLINC150 with 3 to 100 phrasings an article; the
# weights hardly differ between them, so little evidence of one's own starts from here.
_USUAL_WEIGHTS: Final = np.array([0.55, 0.25, 0.0, 1.7, 1.0, -1.2])
_USUAL_LISTED: Final = np.array([0.45, 0.0, 0.5, 0.5, 1.5, 0.0])
_SPREAD: Final = np.array([0.2, 0.2, 1.0, 1.0, 0.7, 0.7])
_ITERATIONS: Final = 30
_ZERO: Final = 1e-5

# Customers also ask what no article is about; the evidence is weighted as if this share did.
OUT_OF_SCOPE_SHARE: Final = 0.1
# The fitted confidence counts as this many texts of evidence beside the texts themselves: it rests on what
# other knowledge bases have in common, and a small one may have no text of its own among the likeliest.
_MODEL_COUNTS_AS: Final = 100.0
# The share of wrong answers must stay within the budget with this probability.
_ASSURANCE: Final = 0.8
_MARGIN: Final = 2.0
_SUGGEST_AT: Final = 0.35


@dataclass(frozen=True, slots=True)
class Promise:
    """What the evidence says of answering alone: expected wrong share, its 90 % interval, share answered."""

    budget: float
    wrong: float
    wrong_low: float
    wrong_high: float
    answered: float
    evidence_count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic weights (bias last) for "the first is right" and "one of three is", with the thresholds."""

    first: tuple[float, ...]
    listed: tuple[float, ...]
    answer_at: float
    suggest_at: float
    promise: Promise


def logistic(weights: Sequence[float], signals: Sequence[float]) -> float:
    """The probability that weights (bias last) give to the signals of one text."""
    value = weights[-1] + sum(weight * signal for weight, signal in zip(weights, signals, strict=False))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def calibrate(
    signals: FloatMatrix,
    first_right: NDArray[np.bool_],
    listed_right: NDArray[np.bool_],
    background: NDArray[np.bool_],
    wrong_budget: float,
) -> Calibration:
    """The calibration that the evidence supports; with none, the usual weights and no answers alone."""
    weights = _traffic_weights(background)
    first = _fit(signals, first_right, weights, _USUAL_WEIGHTS)
    listed = _fit(signals, listed_right, weights, _USUAL_LISTED)
    confidence = _sigmoid(_with_bias(signals) @ first)
    answer_at, promise = _choose(confidence, first_right, weights, wrong_budget)
    return Calibration(tuple(first.tolist()), tuple(listed.tolist()), answer_at, _SUGGEST_AT, promise)


def _sigmoid(values: FloatMatrix) -> FloatMatrix:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def _with_bias(signals: FloatMatrix) -> FloatMatrix:
    return np.hstack([signals, np.ones((len(signals), 1))])


def _traffic_weights(background: NDArray[np.bool_]) -> FloatMatrix:
    """A weight per text, so that the background makes up OUT_OF_SCOPE_SHARE of the whole."""
    weights = np.ones(len(background))
    inside, outside = int((~background).sum()), int(background.sum())
    if inside and outside:
        weights[background] = inside / outside * OUT_OF_SCOPE_SHARE / (1 - OUT_OF_SCOPE_SHARE)
    return weights


def _fit(
    signals: FloatMatrix, right: NDArray[np.bool_], weights: FloatMatrix, usual: FloatMatrix
) -> FloatMatrix:
    """Maximum a posteriori logistic weights, with a normal prior about the usual ones; none is negative.

    More of a signal never means less confidence: where the texts seem to say so, they are too few.
    """
    usual, precision = usual.copy(), 1 / _SPREAD**2
    while True:
        fitted = _newton(_with_bias(signals), right, weights, usual, precision)
        negative = np.append(fitted[:-1] < -_ZERO, False)
        if not negative.any():
            return np.append(np.maximum(fitted[:-1], 0), fitted[-1])
        usual[negative], precision[negative] = 0, 1 / _ZERO**2


def _newton(
    design: FloatMatrix,
    right: NDArray[np.bool_],
    weights: FloatMatrix,
    usual: FloatMatrix,
    precision: FloatMatrix,
) -> FloatMatrix:
    current = usual.copy()
    for _ in range(_ITERATIONS):
        expected = _sigmoid(design @ current)
        slope = design.T @ (weights * (expected - right)) + precision * (current - usual)
        curvature = (design.T * (weights * expected * (1 - expected))) @ design + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        # A step longer than this leaves the region where the quadratic fits.
        current = current - step / max(1.0, float(np.abs(step / _SPREAD).max()) / 5)
        if np.abs(step).max() < _ZERO:
            break
    return current


def _choose(
    confidence: FloatMatrix, right: NDArray[np.bool_], weights: FloatMatrix, budget: float
) -> tuple[float, Promise]:
    """The lowest threshold whose answers are wrong within budget, as far as the evidence can assure it.

    Without such assurance the least sure answer may be wrong _MARGIN times as often as the budget allows on
    average: the surer ones make up for it.
    """
    from scipy.special import betaincinv

    order = np.argsort(-confidence, kind="stable")
    count = np.cumsum(weights[order])
    wrong = np.cumsum(weights[order] * ~right[order])
    expected = np.cumsum(weights[order] * (1 - confidence[order])) / count
    a, b = wrong + _MODEL_COUNTS_AS * expected, count - wrong + _MODEL_COUNTS_AS * (1 - expected)
    sure = np.flatnonzero(betaincinv(a, b, _ASSURANCE) <= budget)
    if not len(sure):
        return 1 - _MARGIN * budget, Promise(budget, 0.0, 0.0, 1.0, 0.0, len(right))
    last = int(sure[-1])
    low, high = betaincinv(a[last], b[last], [0.05, 0.95]).tolist()
    promise = Promise(
        budget, float(a[last] / (a[last] + b[last])), low, high, float(count[last] / count[-1]), len(right)
    )
    return float(confidence[order[last]]), promise
