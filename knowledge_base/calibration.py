"""From scores to confidence, and from confidence to "answer", "suggest" or "unknown"."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float64]

SIGNAL_NAMES: Final = ("log_odds", "lead", "near", "near_lead", "coverage")


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a text's best article.

    `log_odds` of its probability, `lead` over the runner-up (log ratio), `near`: cosine to its nearest
    phrasing, `near_lead` over the runner-up's nearest, `coverage`: known share of the text's idf mass.
    """

    log_odds: float
    lead: float
    near: float
    near_lead: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic weights over signals for "the first is right" and "one of three is", with the thresholds."""

    first: tuple[float, ...]
    first_bias: float
    listed: tuple[float, ...]
    listed_bias: float
    answer_at: float
    suggest_at: float

    def confidence(self, signals: FloatMatrix) -> FloatMatrix:
        """Probability that the first match is right, one per row of signals."""
        return _sigmoid(signals @ np.array(self.first) + self.first_bias)

    def listed_confidence(self, signals: FloatMatrix) -> FloatMatrix:
        """Probability that the right article is among the first three, one per row of signals."""
        return _sigmoid(signals @ np.array(self.listed) + self.listed_bias)

    def confidence_of(self, signals: tuple[float, ...]) -> float:
        """`confidence` of one text."""
        return float(self.confidence(np.array([signals]))[0])

    def listed_confidence_of(self, signals: tuple[float, ...]) -> float:
        """`listed_confidence` of one text."""
        return float(self.listed_confidence(np.array([signals]))[0])


def _sigmoid(values: FloatMatrix) -> FloatMatrix:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


# A cautious start for a knowledge base too small to learn from: an answer needs a near-exact phrasing.
DEFAULT: Final = Calibration(
    first=(0.5, 0.3, 3.0, 1.0, 1.0),
    first_bias=-2.5,
    listed=(0.4, 0.1, 2.0, 0.5, 2.0),
    listed_bias=-1.5,
    answer_at=0.85,
    suggest_at=0.4,
)
