"""Percentile ranks: what makes orders, money and variety comparable between customers."""

from typing import Final

import numpy as np

from admin_api.scoring.arrays import Integers, Vector

VERSION: Final = "percentile-1"


def percentile_rank(values: Vector) -> Vector:
    """(mean rank - ½) / n × 100 of each value, 0-100, ties sharing the mean of their ranks.

    NaN keeps no rank: it stays NaN and does not count in n. Source: CRM.md, the index of loyalty.
    """
    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    _, which, count = np.unique(values[known], return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    if known.any():
        ranks[known] = ((mean_rank - 0.5) / known.sum() * 100.0)[which]
    return ranks


def descending_rank(values: Vector) -> Integers:
    """1 for the highest value; equal values share the best of their places, as in sport (1, 2, 2, 4)."""
    _, which, count = np.unique(values, return_inverse=True, return_counts=True)
    higher = len(values) - np.cumsum(count)
    return np.asarray(higher[which] + 1, dtype=np.int64)
