"""Mean, variance, covariance and correlation of chosen attributes. Source: article S0, section 3.2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from admin_api.scoring.arrays import Matrix
from admin_api.scoring.errors import ScoringError

VERSION: Final = "statistics-1"


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures in the order of `attributes`; None where a figure does not exist (one row, or a constant column)."""

    attributes: tuple[str, ...]
    rows: int
    left_out: int
    mean: tuple[float, ...]
    variance: tuple[float | None, ...]
    covariance: tuple[tuple[float | None, ...], ...]
    correlation: tuple[tuple[float | None, ...], ...]


def describe(values: Matrix, attributes: Sequence[str], *, ddof: int = 1) -> Statistics:
    """Statistics of the columns, over the rows in which every attribute is known.

    `ddof=1` estimates the population from a sample (n - 1), `ddof=0` describes exactly these rows (n).
    """
    if values.ndim != 2 or values.shape[1] != len(attributes) or not attributes:
        raise ScoringError("Give one name for each column, and at least one column.")
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) == 0:
        raise ScoringError("No row has all the chosen attributes. Choose fewer attributes or more customers.")
    covariance = _covariance(complete, ddof)
    return Statistics(
        attributes=tuple(attributes),
        rows=len(complete),
        left_out=len(values) - len(complete),
        mean=tuple(float(mean) for mean in complete.mean(axis=0)),
        variance=tuple(_known(figure) for figure in np.diag(covariance)),
        covariance=tuple(tuple(_known(figure) for figure in row) for row in covariance),
        correlation=tuple(
            tuple(_known(figure) for figure in row) for row in _correlation(complete, covariance)
        ),
    )


def _covariance(complete: Matrix, ddof: int) -> Matrix:
    if len(complete) <= ddof:
        return np.full((complete.shape[1], complete.shape[1]), np.nan)
    centred = complete - complete.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(complete) - ddof), dtype=np.float64)


def _correlation(complete: Matrix, covariance: Matrix) -> Matrix:
    deviation = np.sqrt(np.diag(covariance))
    # A constant column has no correlation; its computed deviation may be a rounding error instead of zero.
    constant = (np.ptp(complete, axis=0) == 0) | (deviation == 0)
    deviation = np.where(constant, np.nan, deviation)
    correlation = covariance / np.outer(deviation, deviation)
    return np.asarray(np.clip(correlation, -1.0, 1.0), dtype=np.float64)


def _known(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)
