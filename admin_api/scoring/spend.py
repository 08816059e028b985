"""Spend value: the article's customer value of an e-commerce shop. Source: article S4, section 4.5 (amount × count)."""

from typing import Final

from admin_api.scoring.arrays import Integers, Vector, vector
from admin_api.scoring.ranks import descending_rank, percentile_rank

VERSION: Final = "spend-1"
PARTS: Final = ("amount", "count")


def spend(amount: Vector, count: Vector) -> Vector:
    """Order amount × order count: the total over the window times the number of orders in it."""
    return vector(amount * count)


def spend_rank(raw: Vector) -> Integers:
    """1 for who spends most; equal values share the best of their places."""
    return descending_rank(raw)


def spend_index(raw: Vector) -> Vector:
    """The percentile rank of the spend value, 0-100."""
    return percentile_rank(raw)
