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


NO_CURVES: Final = Curves((), ())
"""Those of no evidence."""


def curves_of(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> Curves:
    """The curves of questions with their confidence and whether the first article was right.

    `weights`: how much each question counts, so that its kind has the share of the traffic that is expected.
    """
    order = np.argsort(confidence, kind="stable")
    counts = np.ones(len(order)) if weights is None else weights[order]
    return Curves(
        _reliability(confidence[order], right[order], counts),
        _risk(confidence[order][::-1], right[order][::-1], counts[::-1]),
    )


def _reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64]
) -> tuple[Bin, ...]:
    """Bins of equal mass, as the calibration error has them; intervals by Jeffreys' prior."""
    from scipy.special import betaincinv

    found = []
    for part in (part for part in _of_equal_mass(counts) if len(part)):
        share = float(np.average(right[part], weights=counts[part]))
        # So many questions of equal weight would tell as much (Kish 1965).
        size = float(counts[part].sum() ** 2 / (counts[part] ** 2).sum())
        low, high = betaincinv(share * size + 0.5, (1 - share) * size + 0.5, [0.05, 0.95]).tolist()
        sure = float(np.average(confidence[part], weights=counts[part]))
        found.append(Bin(sure, share, low, high, len(part)))
    return tuple(found)


def _of_equal_mass(counts: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    places = np.arange(len(counts))
    if (counts == 1).all():
        return np.array_split(places, BINS)
    mass = np.cumsum(counts)
    return np.split(places, np.searchsorted(mass, mass[-1] * np.arange(1, BINS) / BINS))


def _risk(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64]
) -> tuple[Point, ...]:
    """A point for each confidence there is, the surest first, or as many of them as a picture needs."""
    last = np.append(confidence[1:] != confidence[:-1], True)
    ends = np.flatnonzero(last) if len(confidence) else np.zeros(0, np.int64)
    if len(ends) > _MOST_POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS).round().astype(int))]
    mass, wrong = np.cumsum(counts), np.cumsum(counts * ~right)
    return tuple(
        Point(float(confidence[end]), float(mass[end] / mass[-1]), float(wrong[end] / mass[end]))
        for end in ends.tolist()
    )
