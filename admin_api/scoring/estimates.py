"""Satisfaction that is honest with few ratings: drawn towards the team's mean, with an interval, silence beside it.

For n ratings with mean x and a mean m to be drawn towards: (n·x + k·m) / (n + k), as if k more ratings had come in at
m (the normal model's posterior mean with k = σ²/τ²; James and Stein 1961, Efron and Morris 1973). The interval is this
± z·s·√(1/(n + k) + (k/(n + k))²/I), cut to 0-100: s is the spread of all ratings of the span, and I = Σ n·k/(n + k)
over all groups what they tell of m, which is no better known than that (Morris 1983); of a single group it is as wide
as without any drawing. Of so few ratings that their spread says nothing, s is held up by one made-up rating as far off
as a uniform one is on average (100/√12).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean
from typing import Final

from admin_api.scoring.errors import ScoringError

VERSION: Final = "satisfaction-estimate-1"
CONFIDENCE: Final = 0.9
_Z: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_UNIFORM_SPREAD: Final = 100.0 / sqrt(12.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How content the customers of one agent, week or aspect are, 0-100; None where nobody rated."""

    asked: int
    rated: int
    mean: float | None
    """As it was given."""
    satisfaction: float | None
    """Drawn towards the team's mean."""
    low: float | None
    high: float | None
    """Where the truth lies in nine cases of ten, if those who did not answer are like those who did."""

    @property
    def response_rate(self) -> float | None:
        """Of those asked, how many answered."""
        return self.rated / self.asked if self.asked else None


def spread(ratings: Sequence[float]) -> float:
    """The standard deviation of all ratings of a span, held up where they are few."""
    middle = fmean(ratings) if ratings else 0.0
    squares = sum((rating - middle) ** 2 for rating in ratings) + _UNIFORM_SPREAD**2
    return sqrt(squares / max(1, len(ratings)))


@dataclass(frozen=True, slots=True)
class Pull:
    """What few ratings are drawn towards: the mean of all, as if `k` more had come in there."""

    mean: float
    k: float
    information: float
    """Σ n·k/(n + k) over the groups, of n ratings each, that the mean is known from."""


def pull(mean: float, k: float, counts: Sequence[int]) -> Pull | None:
    """The pull on groups of so many ratings each; None where nothing is drawn."""
    if k < 0:
        raise ScoringError("k is 0 or more.")
    information = sum(count * k / (count + k) for count in counts if count)
    return Pull(mean, k, information) if information > 0 else None


def estimate(ratings: Sequence[float], *, asked: int, spread: float, pull: Pull | None = None) -> Estimate:
    """What these ratings (0-100) say of one group."""
    if asked < len(ratings):
        raise ScoringError("Nobody rates who was not asked.")
    if not ratings:
        return Estimate(asked, 0, None, None, None, None)
    mean, n = fmean(ratings), len(ratings)
    middle, variance = mean, 1 / n
    if pull is not None:
        share = pull.k / (n + pull.k)
        middle = (1 - share) * mean + share * pull.mean
        variance = 1 / (n + pull.k) + share**2 / pull.information
    margin = _Z * spread * sqrt(variance)
    low, high = max(0.0, middle - margin), min(100.0, middle + margin)
    return Estimate(asked, n, mean, middle, low, high)
