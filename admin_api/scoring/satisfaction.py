"""Satisfaction: the weighted mean of a customer's aspect ratings, and CSAT.

Source: articles S1 (weighted mean over customers, 0-100) and S2 (mean of product quality, service quality and price).
"""

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np

from admin_api.scoring.arrays import Matrix, Vector, check_weights, vector
from admin_api.scoring.errors import ScoringError

VERSION: Final = "satisfaction-1"
ASPECTS: Final = ("product_quality", "service_quality", "price")

Scale = Literal["0-100", "stars"]
SCALES: Final[tuple[Scale, ...]] = get_args(Scale)
BOUNDS: Final[dict[Scale, tuple[float, float]]] = {"0-100": (0.0, 100.0), "stars": (1.0, 5.0)}

# Four stars of five on the scale of 0-100: CSAT counts 4 and 5 as satisfied.
SATISFIED_FROM: Final = 75.0


def check_ratings(ratings: Matrix, scale: Scale) -> Matrix:
    """The same ratings, each known to lie on the scale; NaN means the aspect was not answered."""
    if scale not in BOUNDS:
        raise ScoringError(f"The scale {scale!r} is unknown. Use one of: {', '.join(SCALES)}.")
    low, high = BOUNDS[scale]
    outside = (ratings < low) | (ratings > high)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise ScoringError(
            f"Row {row + 1}, column {column + 1}: the rating {ratings[row, column]:g} is outside the scale. "
            f"On the scale {scale!r} ratings go from {low:g} to {high:g}."
        )
    return ratings


def satisfaction(ratings: Matrix, weights: Sequence[float] | Vector | None = None) -> Vector:
    """Σ w·x / Σ w for each row, on the ratings' own scale, over the aspects answered; NaN where none was."""
    checked = check_weights(weights, ratings.shape[1])
    answered = ~np.isnan(ratings)
    weight = np.where(answered, checked, 0.0)
    total = weight.sum(axis=1)
    weighted = (np.where(answered, ratings, 0.0) * weight).sum(axis=1)
    mean = np.full(len(ratings), np.nan)
    np.divide(weighted, total, out=mean, where=total > 0)
    return mean


def index(raw: Vector, scale: Scale = "0-100") -> Vector:
    """Raw satisfaction on 0-100: one to five stars become 0, 25, 50, 75, 100."""
    low, high = BOUNDS[scale]
    return vector((raw - low) / (high - low) * 100.0)


def overall(raw: Vector) -> float | None:
    """1/n Σ over the customers who rated at all; None when nobody did."""
    rated = raw[~np.isnan(raw)]
    return float(rated.mean()) if len(rated) else None


def csat(ratings: Matrix) -> float | None:
    """The share of rated conversations (rows, 0-100 per aspect) whose plain mean is four stars or more.

    None when no row has a rating.
    """
    means = satisfaction(ratings)
    rated = means[~np.isnan(means)]
    # 1e-9 keeps a mean of exactly four stars satisfied after a sum that rounded down.
    return float((rated >= SATISFIED_FROM - 1e-9).mean()) if len(rated) else None
