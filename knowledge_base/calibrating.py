"""From evidence to a calibration: the usual weights, corrected by what this knowledge base shows."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import Calibration, FloatMatrix, Promise
from knowledge_base.evidence import ASKED, BACKGROUND, HIDDEN, Evidence
from knowledge_base.regression import Posterior, fit_logistic, sigmoid, with_bias
from knowledge_base.usual import Apartness, Size, apartness, usual_at

# How far a knowledge base's weights lie from the usual ones of its size.
SPREAD: Final = np.array([0.1, 0.1, 0.5, 0.5, 0.35, 0.5])
# The fitted confidence counts as this many texts of evidence beside the texts themselves.
MODEL_COUNTS_AS: Final = 100.0
# The confidence is lowered by this many standard deviations of what is not known about the knowledge base.
CAUTION: Final = 0.5
# Of the questions out of scope, this share is about the business, but not about any article.
NEAR_SHARE: Final = 0.25
_SUGGEST_AT: Final = 0.35


def calibrate(
    evidence: Evidence | None,
    size: Size,
    wrong_budget: float,
    out_of_scope: float,
    shared: Mapping[str, Any] | None = None,
) -> Calibration:
    """The calibration of a model of this size; `out_of_scope`: the share of questions that no article answers.

    Without evidence it is the usual one, which rests on other knowledge bases alone.
    """
    usual = usual_at(size, shared)
    if evidence is None or not len(evidence.kinds):
        promise = Promise(wrong_budget, wrong_budget, 0.0, 1.0, 0.0, 0)
        answer_at = max(1 - usual.margin * wrong_budget, 0.5)
        return Calibration(
            tuple(usual.first.tolist()), tuple(usual.listed.tolist()), answer_at, _SUGGEST_AT, promise
        )
    then = usual_at(evidence.size, shared)
    counts = traffic_weights(evidence.kinds, out_of_scope)
    apart = apartness(evidence.kinship, shared)
    offset = np.where(evidence.kinds == ASKED, -apart.harder, 0.0)
    spread = np.append(SPREAD[:-1], np.hypot(SPREAD[-1], apart.deviation))
    first = fit_logistic(evidence.signals, evidence.first_right, counts, then.first, spread, offset)
    listed = fit_logistic(evidence.signals, evidence.listed_right, counts, then.listed, spread, offset)
    answer_at, promise = choose(evidence, first, counts, wrong_budget, apart)
    return Calibration(
        _moved(usual.first, first.weights - then.first),
        _moved(usual.listed, listed.weights - then.listed),
        answer_at,
        _SUGGEST_AT,
        promise,
    )


def _moved(usual: FloatMatrix, shift: FloatMatrix) -> tuple[float, ...]:
    moved = usual + shift
    return tuple(np.append(np.maximum(moved[:-1], 0), moved[-1]).tolist())


def traffic_weights(kinds: NDArray[np.int64], out_of_scope: float) -> FloatMatrix:
    """A weight per question, so that the kinds have the shares of the traffic that is expected."""
    counts = {kind: int((kinds == kind).sum()) for kind in (ASKED, HIDDEN, BACKGROUND)}
    near = NEAR_SHARE if counts[BACKGROUND] else 1.0
    far = 1 - NEAR_SHARE if counts[HIDDEN] else 1.0
    ratio = out_of_scope / (1 - out_of_scope) * max(counts[ASKED], 1)
    weights = np.ones(len(kinds))
    for kind, share in ((HIDDEN, near), (BACKGROUND, far)):
        weights[kinds == kind] = ratio * share / max(counts[kind], 1)
    return weights


def choose(
    evidence: Evidence, fitted: Posterior, counts: FloatMatrix, budget: float, apart: Apartness
) -> tuple[float, Promise]:
    """The lowest threshold whose answers are wrong within budget, as far as model and evidence can tell."""
    from scipy.special import betaincinv

    asked_for = evidence.kinds == ASKED
    design = with_bias(evidence.signals)
    log_odds = design @ fitted.weights + np.where(asked_for, apart.fainter, 0.0)
    doubt = np.sqrt(np.einsum("ij,jk,ik->i", design, fitted.covariance, design))
    # What is rare has odds as good as its probability: this takes what is `harder` off the odds of being wrong.
    rarer = np.where(asked_for, np.exp(-apart.harder - apart.fainter), 1.0)
    order = np.argsort(-log_odds, kind="stable")
    weight = counts[order]
    count = np.maximum(np.cumsum(weight), 1e-9)
    wrong = np.cumsum((weight * rarer[order]) * ~evidence.first_right[order])
    careful = np.cumsum(weight * (1 - sigmoid(log_odds - CAUTION * doubt)[order])) / count
    a, b = wrong + MODEL_COUNTS_AS * careful, count - wrong + MODEL_COUNTS_AS * (1 - careful)
    asked = int(asked_for.sum())
    kept = np.flatnonzero(a / (a + b) <= budget)
    if not len(kept):
        return 1 - budget, Promise(budget, 0.0, 0.0, 1.0, 0.0, asked)
    last = int(kept[-1])
    low, high = betaincinv(a[last], b[last], [0.05, 0.95]).tolist()
    promise = Promise(
        budget, float(a[last] / (a[last] + b[last])), low, high, float(count[last] / count[-1]), asked
    )
    return float(sigmoid(log_odds[order[last]])), promise
