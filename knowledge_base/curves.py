"""How honest confidence is, as two curves: said against right, and answered against wrong."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15
_MOST_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: its mean, the share that was right with its 90 % interval, how many they are."""

    confidence: float
    right: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Point:
    """With the threshold at `confidence`, the share of questions `answered`, and of these `wrong`."""

    confidence: float
    answered: float
    wrong: float


@dataclass(frozen=True, slots=True)
class Curves:
    """`reliability` from the least sure bin on; `risk` from the surest question on."""

    reliability: tuple[Bin, ...]
    risk: tuple[Point, ...]


def curves_of(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Curves:
    """The curves of questions with their confidence and whether the first article was right."""
    return Curves(_reliability(confidence, right), _risk(confidence, right))


def _reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Bins of equal mass, as the calibration error has them; intervals by Jeffreys' prior."""
    from scipy.special import betaincinv

    order = np.argsort(confidence, kind="stable")
    found = []
    for part in (part for part in np.array_split(order, BINS) if len(part)):
        hits = int(right[part].sum())
        low, high = betaincinv(hits + 0.5, len(part) - hits + 0.5, [0.05, 0.95]).tolist()
        found.append(Bin(float(confidence[part].mean()), hits / len(part), low, high, len(part)))
    return tuple(found)


def _risk(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Point, ...]:
    """A point for each confidence there is, or as many of them as a picture needs."""
    order = np.argsort(-confidence, kind="stable")
    sorted_down = confidence[order]
    ends = np.flatnonzero(np.append(sorted_down[1:] != sorted_down[:-1], True)) if len(order) else order
    if len(ends) > _MOST_POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS).round().astype(int))]
    wrong = np.cumsum(~right[order])
    return tuple(
        Point(float(sorted_down[end]), float((end + 1) / len(order)), float(wrong[end] / (end + 1)))
        for end in ends.tolist()
    )
