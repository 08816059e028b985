"""RFM: how recently, how often and for how much a customer bought, as quintile scores 1-5.

Source: Hughes, "Strategic Database Marketing" (1994); the handling of ties is ours and is described at `quintiles`.
"""

from typing import Final

import numpy as np

from admin_api.scoring.arrays import Integers, Vector, vector
from admin_api.scoring.ranks import percentile_rank

VERSION: Final = "rfm-1"
PARTS: Final = ("recency", "frequency", "monetary")
BINS: Final = 5


def quintiles(values: Vector) -> Integers:
    """A score 1-5 per value, higher for higher; equal values always score the same, whatever their order.

    A value's place is the fifth its percentile rank lies in. Where many equal values would leave scores unused,
    neighbours close up: with five or more different values all five scores occur, with fewer each value has its
    own. When all values are equal the score is 3. NaN (nothing known) scores 1 and moves nobody else.
    """
    scores = np.ones(len(values), dtype=np.int64)
    known = ~np.isnan(values)
    if not known.any():
        return scores
    different, first, which = np.unique(values[known], return_index=True, return_inverse=True)
    place = np.ceil(percentile_rank(values[known])[first] / (100 / BINS)).astype(np.int64)
    close = _every_bin_used if len(different) >= BINS else _every_value_apart
    scores[known] = close(place)[which]
    return scores


def _every_bin_used(place: Integers) -> Integers:
    """Places of ascending values, moved as little as it takes to go from 1 to 5 in steps of at most one."""
    step = np.arange(len(place))
    place = np.concatenate([[1], place[1:]])
    # place[i] <= place[i - 1] + 1 for all i at once: subtract the steps, take the running minimum, add them.
    closed = np.minimum.accumulate(place - step) + step
    return np.asarray(np.maximum(closed, step + 1 + BINS - len(place)), dtype=np.int64)


def _every_value_apart(place: Integers) -> Integers:
    """Places of fewer than five ascending values, each above the one before and none above 5."""
    step = np.arange(len(place))
    apart = np.maximum.accumulate(place - step) + step
    return np.asarray(np.minimum(apart, step + 1 + BINS - len(place)), dtype=np.int64)


def rfm_scores(
    recency_days: Vector, frequency: Vector, monetary: Vector
) -> tuple[Integers, Integers, Integers]:
    """The three quintile scores of each customer; fewer days since the last order score higher.

    NaN days mean no order in the window: recency scores 1.
    """
    return quintiles(-recency_days), quintiles(frequency), quintiles(monetary)


def rfm(recency: Integers, frequency: Integers, monetary: Integers) -> Integers:
    """The sum of the three scores, 3-15."""
    return recency + frequency + monetary


def rfm_index(raw: Integers) -> Vector:
    """The sum of 3-15 stretched to 0-100."""
    return vector((raw - 3) / (3 * BINS - 3) * 100.0)


def rfm_cell(recency: Integers, frequency: Integers, monetary: Integers) -> Integers:
    """The three scores side by side: 543 is recency 5, frequency 4, monetary 3."""
    return recency * 100 + frequency * 10 + monetary
