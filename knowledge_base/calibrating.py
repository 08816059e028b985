"""From evidence to a calibration: the usual weights, corrected by what this knowledge base shows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import (
    LITTLE_EVIDENCE,
    SIGNAL_NAMES,
    UNBELIEVED,
    Calibration,
    FloatMatrix,
    Promise,
)
from knowledge_base.curves import curves_of
from knowledge_base.evidence import ASKED, BACKGROUND, HIDDEN, Evidence
from knowledge_base.listing import WORTH, list_thresholds
from knowledge_base.regression import Posterior, fit_logistic, sigmoid, with_bias
from knowledge_base.short import believed_at
from knowledge_base.traffic import LIST_AT, SHARES, Profile, profile_of, unknown_profile
from knowledge_base.usual import Size, Usual, apartness, usual_at

# How far a knowledge base's weights lie from the usual ones of its size.
SPREAD: Final = np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.35, 0.5])
# The fitted confidence counts as this many texts of evidence beside the texts themselves.
MODEL_COUNTS_AS: Final = 100.0
# The confidence is lowered by this many standard deviations of what is not known about the knowledge base. Chosen on
# draws from BANKING77's and CLINC150's articles.csv with 3 to 13 phrasings, weights fitted on the other set and a tenth
# of the traffic out of scope: at .5, 1, 1.5 and 2 on average 2.4, 2.2, 2.0 and 1.9 % of the answers were wrong.
CAUTION: Final = 1.5
# Of the questions out of scope, this share is about the business, but not about any article.
NEAR_SHARE: Final = 0.25
# No answer alone may be wrong more than this many times as often as the budget allows: surer ones would make up for
# it, but what a knowledge base has not seen (questions it holds no article for) gathers among the least sure.
# Chosen on draws from three data sets' articles.csv: of 10 % out of scope traffic it takes a sixth of the wrong
# answers where phrasings are many, for 3 % of the answers.
LEAST_SURE: Final = 6.5


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
        return _unproven(usual, wrong_budget)
    then = usual_at(evidence.size, shared)
    counts = traffic_weights(evidence.kinds, out_of_scope)
    apart = apartness(evidence.kinship, shared)
    offset = np.where(evidence.kinds == ASKED, -apart.harder, 0.0)
    spread = np.append(SPREAD[:-1], np.hypot(SPREAD[-1], apart.deviation))
    first = fit_logistic(evidence.signals, evidence.first_right, counts, then.first, spread, offset)
    listed = fit_logistic(evidence.signals, evidence.listed_right, counts, then.listed, spread, offset)
    # Apart phrasings are further from their articles than questions are, so too few look sure to choose by.
    at_most = _usual_threshold(usual, wrong_budget) if apart.harder else 1.0
    answer_at, promise = choose(evidence, first, counts, wrong_budget, apart.harder, at_most)
    profile = _profile(evidence, first, wrong_budget, apart.harder, at_most)
    left = sigmoid(with_bias(evidence.signals) @ first.weights) < answer_at
    profile = replace(profile, list_at=_list_at(evidence, listed, left, offset))
    return Calibration(
        _moved(usual.first, first.weights - then.first),
        _moved(usual.listed, listed.weights - then.listed),
        answer_at,
        profile.listing(out_of_scope),
        promise,
        profile,
        curves_of(
            sigmoid(with_bias(evidence.signals) @ first.weights + offset), evidence.first_right, counts
        ),
    )


def _unproven(usual: Usual, wrong_budget: float) -> Calibration:
    """What other knowledge bases alone tell."""
    answer_at = _usual_threshold(usual, wrong_budget)
    return Calibration(
        tuple(usual.first.tolist()),
        tuple(usual.listed.tolist()),
        answer_at,
        LIST_AT,
        Promise(wrong_budget, wrong_budget, 0.0, 1.0, 0.0, 0),
        unknown_profile(answer_at),
    )


def _profile(evidence: Evidence, fitted: Posterior, budget: float, harder: float, at_most: float) -> Profile:
    """What other shares out of scope would ask for: a threshold for each, never lower for more of them."""
    at = [
        choose(evidence, fitted, traffic_weights(evidence.kinds, share), budget, harder, at_most)[0]
        for share in SHARES
    ]
    confidence = sigmoid(with_bias(evidence.signals) @ fitted.weights)
    if evidence.size.articles > 1:
        believed = evidence.signals[:, SIGNAL_NAMES.index("log_odds")] >= believed_at(evidence.size.articles)
        confidence = np.where(believed, confidence, np.minimum(confidence, UNBELIEVED))
    weights = traffic_weights(evidence.kinds, SHARES[-1])
    return profile_of(confidence, evidence.kinds == ASKED, weights, np.maximum.accumulate(at).tolist())


def _list_at(
    evidence: Evidence, listed: Posterior, left: NDArray[np.bool_], offset: FloatMatrix
) -> tuple[float, ...]:
    """The chance a list needs for each share out of scope, by the questions `left` unanswered."""
    log_odds = with_bias(evidence.signals) @ listed.weights
    weights = [traffic_weights(evidence.kinds, share) * left for share in SHARES]
    is_little = (evidence.kinds == ASKED).sum() < LITTLE_EVIDENCE
    return list_thresholds(
        log_odds, evidence.listed_right, weights, offset, least=LIST_AT if is_little else WORTH
    )


def _usual_threshold(usual: Usual, budget: float) -> float:
    return max(1 - usual.margin * budget, 0.5)


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
    evidence: Evidence, fitted: Posterior, counts: FloatMatrix, budget: float, harder: float, at_most: float
) -> tuple[float, Promise]:
    """The lowest threshold whose answers are wrong within budget, as far as model and evidence can tell.

    But no higher than `at_most`. Phrasings are `harder` to guess than questions by so many log odds.
    """
    from scipy.special import betaincinv

    design = with_bias(evidence.signals)
    log_odds = design @ fitted.weights
    doubt = np.sqrt(np.einsum("ij,jk,ik->i", design, fitted.covariance, design))
    order = np.argsort(-log_odds, kind="stable")
    weight, confidence = counts[order], sigmoid(log_odds)[order]
    count = np.maximum(np.cumsum(weight), 1e-9)
    # What is rare has odds as good as its probability: this takes what is `harder` off the odds of being wrong.
    rarer = np.where(evidence.kinds == ASKED, np.exp(-harder), 1.0)[order]
    wrong = np.cumsum(weight * rarer * ~evidence.first_right[order])
    careful = np.cumsum(weight * (1 - sigmoid(log_odds - CAUTION * doubt)[order])) / count
    a, b = wrong + MODEL_COUNTS_AS * careful, count - wrong + MODEL_COUNTS_AS * (1 - careful)
    asked = int((evidence.kinds == ASKED).sum())
    within = (a / (a + b) <= budget) & (confidence >= 1 - LEAST_SURE * budget)
    kept = np.flatnonzero(within | (confidence >= at_most))
    if not len(kept):
        return min(1 - budget, at_most), Promise(budget, 0.0, 0.0, 1.0, 0.0, asked)
    last = int(kept[-1])
    low, high = betaincinv(a[last], b[last], [0.05, 0.95]).tolist()
    promise = Promise(
        budget, float(a[last] / (a[last] + b[last])), low, high, float(count[last] / count[-1]), asked
    )
    return min(float(confidence[last]), at_most), promise
