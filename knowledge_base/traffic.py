"""How much of the traffic no article answers, told by confidence alone, and the thresholds that follow from it.

A threshold chosen for a tenth of the questions out of scope lets too many wrong answers through when half of them
are. Nobody labels traffic, but questions out of scope look less sure: the share that explains the confidences seen
best is found by expectation maximisation (Saerens, Latinne and Decaestecker 2002).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHARES: Final = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares out of scope that thresholds are chosen for."""
LIST_AT: Final = 0.24
"""The chance of holding the right article that a list needs where there is no evidence (listing.py)."""
_BINS: Final = 8
_ROUNDS: Final = 200
_ENOUGH: Final = 1e-6
# So many of the newest questions and answers speak for the traffic, against so many that were expected.
QUESTIONS: Final = 150
ANSWERS: Final = 100
# Fewer questions than this say nothing of the traffic yet.
_FEW: Final = 30
_TRUST: Final = 20.0
# The share out of scope is taken to be higher by this many standard errors: being too careful costs less.
_DOUBT: Final = 1.28
# More questions out of scope than were expected are of another kind, too, than those that thresholds were chosen with:
# the odds of being wrong are taken to grow by the exponential of this for each share more. Chosen with CLINC150's
# articles.csv as the knowledge base (5, 10 and 85 phrasings an article) and BANKING77's as what is out of scope: at 0,
# 1, 2 and 2.5 the worst of the three is 2.4, 1.5, 1.4 and 1.0 % wrong long after the share jumps from 10 to 60 %; half
# of the budget is kept because the next business is another.
_STRANGER: Final = 2.5


@dataclass(frozen=True, slots=True)
class Profile:
    """How sure the model is of questions in scope and out of it.

    `edges` part the confidences into bins; `inside` and `outside` are the shares of each in each bin;
    `answer_at` is the threshold for each of SHARES, `list_at` that of lists.
    """

    edges: tuple[float, ...]
    inside: tuple[float, ...]
    outside: tuple[float, ...]
    answer_at: tuple[float, ...]
    list_at: tuple[float, ...] = (LIST_AT,) * len(SHARES)

    def listing(self, share: float) -> float:
        """The chance of holding the right article a list needs when this share of the questions is out of scope."""
        return float(np.interp(share, SHARES, self.list_at))

    def threshold(self, share: float) -> float:
        """The confidence an answer needs when this share of the questions is out of scope."""
        return float(np.interp(share, SHARES, self.answer_at))


def unknown_profile(answer_at: float) -> Profile:
    """Where there is no evidence: confidence tells nothing of the traffic."""
    return Profile((), (1.0,), (1.0,), (answer_at,) * len(SHARES))


def profile_of(
    confidence: NDArray[np.float64],
    in_scope: NDArray[np.bool_],
    weights: NDArray[np.float64],
    answer_at: Sequence[float],
) -> Profile:
    """The profile of evidence, each question counting by its weight; bins hold a like mass of either kind."""
    if in_scope.all() or not in_scope.any():
        return replace(unknown_profile(0.0), answer_at=tuple(answer_at))
    halves = [confidence[in_scope], confidence[~in_scope]]
    steps = np.linspace(0, 1, _BINS // 2 + 1)[1:-1]
    edges = np.unique(np.concatenate([np.quantile(half, steps) for half in halves]))
    inside, outside = (_shares(confidence[kind], weights[kind], edges) for kind in (in_scope, ~in_scope))
    return Profile(tuple(edges.tolist()), inside, outside, tuple(answer_at))


def _shares(
    confidence: NDArray[np.float64], weights: NDArray[np.float64], edges: NDArray[np.float64]
) -> tuple[float, ...]:
    """The weight in each bin, none of them quite empty."""
    found = np.bincount(np.searchsorted(edges, confidence, "right"), weights, len(edges) + 1)
    found = found / found.sum() + 1 / (10 * len(found))
    return tuple((found / found.sum()).tolist())


@dataclass(frozen=True, slots=True)
class Seen:
    """What the traffic has shown: confidences of the newest questions, and of answers whether they helped."""

    confidences: tuple[float, ...] = ()
    helped: tuple[bool, ...] = ()

    def and_asked(self, confidences: Sequence[float]) -> "Seen":
        """With more questions; the oldest are forgotten."""
        return replace(self, confidences=(*self.confidences, *confidences)[-QUESTIONS:])

    def and_told(self, helped: Sequence[bool]) -> "Seen":
        """With more words on whether an answer helped."""
        return replace(self, helped=(*self.helped, *helped)[-ANSWERS:])


def live_threshold(profile: Profile, seen: Seen, expected: float, budget: float) -> float:
    """The confidence an answer needs in the traffic that was seen, `expected` to be so far out of scope.

    Never lower than what was expected asks for: a quiet hour is no reason to be bold. Answers that did not help
    raise it as long as there are more of them than twice the budget (a cumulative sum, Page 1954).
    """
    share = share_seen(profile, seen, expected)
    threshold, blame = profile.threshold(share), 0.0
    for helped in seen.helped:
        blame = max(0.0, blame + (not helped) - 2 * budget)
    raised = blame + _STRANGER * (share - expected)
    return threshold / (threshold + (1 - threshold) * math.exp(-raised))


def share_seen(profile: Profile, seen: Seen, expected: float) -> float:
    """The share out of scope to be ready for: what was expected, or more where the newest questions show more."""
    if len(seen.confidences) < _FEW:
        return expected
    share = out_of_scope_share(profile, seen.confidences, expected, _TRUST)
    share += _DOUBT * math.sqrt(share * (1 - share) / (len(seen.confidences) + _TRUST))
    return max(share, expected)


@dataclass(frozen=True, slots=True)
class Needed:
    """What the traffic asks for: the confidence of an answer, and the chance of a list to hold the right article."""

    answer_at: float
    suggest_at: float


def needed(profile: Profile, seen: Seen, expected: float, budget: float) -> Needed:
    """What is needed in the traffic that was seen."""
    listing = profile.listing(share_seen(profile, seen, expected))
    return Needed(live_threshold(profile, seen, expected, budget), listing)


def out_of_scope_share(
    profile: Profile, confidences: Sequence[float], expected: float, trust: float
) -> float:
    """The likeliest share out of scope of the questions with these confidences.

    What was `expected` counts as `trust` questions more.
    """
    places = np.searchsorted(np.array(profile.edges), np.array(confidences, np.float64), "right")
    inside, outside = np.array(profile.inside)[places], np.array(profile.outside)[places]
    share = expected
    for _ in range(_ROUNDS):
        strange = share * outside / (share * outside + (1 - share) * inside)
        found = float((strange.sum() + trust * expected) / (len(places) + trust))
        if abs(found - share) < _ENOUGH:
            break
        share = found
    return share
