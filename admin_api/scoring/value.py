"""Customer value: what a customer spends, brings in by referrals, and tells us. Source: article S2, section 3.3."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from admin_api.scoring.arrays import Integers, Vector, vector
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.ranks import percentile_rank

VERSION: Final = "value-1"
PARTS: Final = ("purchase", "referral", "information")

# Worth of one useful thing given, in the shop's currency. An owner's guess to start from, meant to be set.
INFORMATION_WORTH: Final[Mapping[str, float]] = {
    "rating": 1.0,
    "comment": 2.0,
    "confirmed_answer": 3.0,
    "survey": 5.0,
}


def value(purchase: Vector, referral: Vector, information: Vector) -> Vector:
    """(purchase + referral + information) / 3, as published, in the shop's currency."""
    return vector((purchase + referral + information) / 3)


def value_index(purchase: Vector, referral: Vector, information: Vector) -> Vector:
    """The mean of the three parts' percentile ranks, 0-100."""
    return vector((percentile_rank(purchase) + percentile_rank(referral) + percentile_rank(information)) / 3)


def referral_value(referrer: Integers, spent: Vector) -> Vector:
    """What the customers each one referred have spent; each referral is credited once, to one referrer.

    `referrer[i]` is the row of who referred customer i, or -1. Nobody refers himself, and a referred customer
    who returned more than was bought costs the referrer nothing.
    """
    rows = np.arange(len(spent))
    credited = (referrer >= 0) & (referrer != rows)
    gain = np.maximum(spent[credited], 0.0)
    return np.bincount(referrer[credited], weights=gain, minlength=len(spent)).astype(np.float64)


def information_value(given: Mapping[str, Vector], worth: Mapping[str, float]) -> Vector:
    """Σ count × worth over the kinds of useful things given; a kind without a worth is an error, not a zero."""
    unknown = sorted(set(given) - set(worth))
    if unknown:
        raise ScoringError(
            f"No worth is set for: {', '.join(unknown)}. Set one for each kind of information."
        )
    if not given:
        raise ScoringError("No kind of information was given. Count at least one, zeros included.")
    return vector(sum(counts * worth[kind] for kind, counts in given.items()))
