"""Numbers from outside, checked once: everything behind this door is a finite float array."""

from collections.abc import Sequence
from math import isfinite
from typing import cast

import numpy as np
from numpy.typing import NDArray

from admin_api.scoring.errors import ScoringError

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Integers = NDArray[np.int64]

# Squares and products of accepted numbers stay far from the end of a double (1.8e308).
LARGEST = 1e15


def vector(values: object) -> Vector:
    """Any sequence of numbers as a one-dimensional float array; pandas' and None's missing values become NaN."""
    return np.asarray(values, dtype=np.float64)


def numeric_rows(rows: object, *, missing: bool = False, max_rows: int | None = None) -> Matrix:
    """Rows of numbers, as they come from JSON, as a matrix of shape (rows, columns).

    With `missing`, None and NaN are kept as NaN; otherwise they are refused. Raises ScoringError naming
    the row and column, counted from 1, of the first bad value.
    """
    if isinstance(rows, np.ndarray) and rows.ndim == 2:
        matrix = rows.astype(np.float64)
        _check_finite(matrix, missing)
        return matrix
    listed = _listed(rows, max_rows)
    width = len(listed[0])
    if width == 0:
        raise ScoringError("Row 1 is empty. Give each row at least one number.")
    for number, row in enumerate(listed, start=1):
        if len(row) != width:
            raise ScoringError(
                f"Row {number} has {len(row)} values, row 1 has {width}. Give every row the same number of values."
            )
    return np.array(
        [
            [_number(value, missing, f"Row {r}, column {c}") for c, value in enumerate(row, start=1)]
            for r, row in enumerate(listed, start=1)
        ],
        dtype=np.float64,
    )


def _listed(rows: object, max_rows: int | None) -> list[Sequence[object]]:
    if not isinstance(rows, Sequence | np.ndarray) or isinstance(rows, str | bytes):
        raise ScoringError("Rows must be a list of lists of numbers, like [[90, 80, 85], [70, 75, 80]].")
    if len(rows) == 0:
        raise ScoringError("There are no rows. Give at least one.")
    if max_rows is not None and len(rows) > max_rows:
        raise ScoringError(f"{len(rows)} rows are too many. Give at most {max_rows}.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Sequence | np.ndarray) or isinstance(row, str | bytes):
            raise ScoringError(
                f"Row {number} is not a list of numbers. Give each row as a list, like [90, 80, 85]."
            )
    return cast("list[Sequence[object]]", list(rows))


def _number(value: object, missing: bool, where: str) -> float:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        if missing:
            return float("nan")
        raise ScoringError(f"{where}: the value is missing. Fill it in or leave the row out.")
    # True is an int in Python; as a rating it is a mistake.
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ScoringError(f"{where}: {shown(value)} is not a number. Give numbers only.")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number) or abs(number) > LARGEST:
        raise ScoringError(f"{where}: the number is out of range. Give finite numbers up to {LARGEST:.0e}.")
    return number


def shown(value: object) -> str:
    """A refused value, short enough for a message."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _check_finite(matrix: Matrix, missing: bool) -> None:
    if matrix.shape[0] == 0 or matrix.shape[1] == 0:
        raise ScoringError("There are no values. Give at least one row with at least one number.")
    bad = ~(np.abs(matrix) <= LARGEST)
    if missing:
        bad &= ~np.isnan(matrix)
    if bad.any():
        row, column = np.argwhere(bad)[0] + 1
        raise ScoringError(
            f"Row {row}, column {column}: the value is missing or out of range. "
            f"Fill it in, leave the row out, or give a finite number up to {LARGEST:.0e}."
        )


def check_weights(weights: object, count: int) -> Vector:
    """One weight per part, none negative, not all zero; equal weights when None is given."""
    if weights is None:
        return np.ones(count)
    if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str | bytes):
        raise ScoringError(f"Weights must be a list of {count} numbers.")
    if len(weights) != count:
        raise ScoringError(
            f"There are {len(weights)} weights for {count} columns. Give one weight per column."
        )
    checked = np.array(
        [_number(w, False, f"Weight {n}") for n, w in enumerate(weights, start=1)], dtype=np.float64
    )
    if (checked < 0).any():
        raise ScoringError("A weight is negative. Give weights of zero or more.")
    if checked.sum() == 0:
        raise ScoringError("All weights are zero. Make at least one of them positive.")
    return checked
