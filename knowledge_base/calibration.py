"""Confidence: a logistic function of a few signals; and the thresholds on it that hold the promise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import mul
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.curves import NO_CURVES, Curves
from knowledge_base.traffic import Needed, Profile

FloatMatrix = NDArray[np.float64]

# `log_odds` of the best article's probability, its `lead` over the runner-up (log ratio); `words_lead`,
# `pairs_lead`, `characters_lead`, `subjects_lead`: how much further it is than any other by these alone (leads.py);
# `near`: cosine to its nearest phrasing, `near_lead` over the other candidates' nearest, `coverage`: known share of
# the text's idf mass.
SIGNAL_NAMES: Final = (
    "log_odds",
    "lead",
    "words_lead",
    "pairs_lead",
    "characters_lead",
    "subjects_lead",
    "near",
    "near_lead",
    "coverage",
)


UNBELIEVED: Final = 0.94
"""No surer than this is what the model doesn't believe (short.py), whatever the other signals say.

Of questions of knowledge bases of 4 to 60 articles drawn from BANKING77's articles.csv (30 to 10 % of them out of
scope) that would have been answered but for it, 94 % had the right article first; from CLINC150's, 97 %.
"""
Caveat = Literal["little_evidence", "over_budget"]
LITTLE_EVIDENCE: Final = 100
"""Fewer phrasings held out say less than the usual weights, which count as so many: the interval is theirs, then."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the evidence says of answering alone: expected wrong share, its 90 % interval, share answered.

    `evidence_count`: phrasings held out and asked; 0 when the thresholds rest on other knowledge bases alone.
    """

    budget: float
    wrong: float
    wrong_low: float
    wrong_high: float
    answered: float
    evidence_count: int

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What must be told beside the figures."""
        found: list[Caveat] = []
        if self.evidence_count < LITTLE_EVIDENCE:
            found.append("little_evidence")
        if self.wrong > self.budget:
            found.append("over_budget")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic weights (bias last) for "the first is right" and "one of three is", with the thresholds."""

    first: tuple[float, ...]
    listed: tuple[float, ...]
    answer_at: float
    suggest_at: float
    promise: Promise
    profile: Profile
    curves: Curves = NO_CURVES
    """Confidence in the phrasings held out, each kind of question with its expected share of the traffic."""

    def raised(self, needed: Needed) -> "Calibration":
        """The same with these thresholds, where they are higher."""
        answer_at = max(self.answer_at, needed.answer_at)
        return replace(self, answer_at=answer_at, suggest_at=max(self.suggest_at, needed.suggest_at))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A calibration with what says for which models it holds: how many texts were learned, how sharply it decides."""

    calibration: Calibration
    texts: int
    sharpness: float


def logistic(weights: Sequence[float], signals: Sequence[float]) -> float:
    """The probability that weights (bias last) give to the signals of one text."""
    value = weights[-1] + sum(map(mul, weights, signals))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
