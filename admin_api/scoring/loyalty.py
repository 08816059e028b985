"""Loyalty: how often, for how much and how variously a customer buys. Source: article S2, section 3.1."""

from typing import Final

from admin_api.scoring.arrays import Vector, vector
from admin_api.scoring.ranks import percentile_rank

VERSION: Final = "loyalty-1"
PARTS: Final = ("frequency", "amount", "variety")


def loyalty(frequency: Vector, amount: Vector, variety: Vector) -> Vector:
    """(frequency + amount + variety) / 3, as published: orders, money and kinds of product added up."""
    return vector((frequency + amount + variety) / 3)


def loyalty_index(frequency: Vector, amount: Vector, variety: Vector) -> Vector:
    """The mean of the three parts' percentile ranks, 0-100; on raw parts the amount would drown the rest."""
    return vector((percentile_rank(frequency) + percentile_rank(amount) + percentile_rank(variety)) / 3)
