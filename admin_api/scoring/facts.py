"""What scoring wants to know of each customer: the columns a store's SELECT has to fill, and their check."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from admin_api.scoring.arrays import Vector, vector
from admin_api.scoring.errors import ScoringError

# Per customer, over the half-open window [as_of - window, as_of). Money is in one currency, as a plain number.
FACT_COLUMNS: Final[dict[str, str]] = {
    "customer_id": "whole number or text, once each",
    "order_count": "purchases placed in the window; returns are not purchases",
    "return_count": "returns in the window",
    "amount": "sum of purchases less what was returned in the window; may be negative",
    "variety": "different products bought in the window",
    "first_order_at": "aware time of the first purchase in the window, missing when there is none",
    "last_order_at": "aware time of the last purchase in the window, missing when there is none",
    "referred_by": "customer_id of who referred this customer, missing when nobody did; one referrer at most",
    "rating_count": "ratings given in the window",
    "comment_count": "comments given with ratings in the window",
    "confirmed_answer_count": "answers confirmed as helpful in the window",
    "survey_count": "surveys completed in the window",
}

# One more column per aspect: the mean 0-100 of the customer's ratings of it in the window, missing when none.
ASPECT_PREFIX: Final = "aspect_"

HISTORY_COLUMNS: Final = ("customer_id", "order_count", "amount", "first_order_at", "last_order_at")
"""The columns lifetime value needs, each over the whole history up to as_of instead of a window."""

_COUNTS: Final = (
    "order_count",
    "return_count",
    "variety",
    "rating_count",
    "comment_count",
    "confirmed_answer_count",
    "survey_count",
)
_TIMES: Final = ("first_order_at", "last_order_at")


def fact_columns(aspects: Sequence[str]) -> tuple[str, ...]:
    """All columns of the facts, in order, with one for each aspect."""
    return (*FACT_COLUMNS, *(ASPECT_PREFIX + aspect for aspect in aspects))


def facts_frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a database gives them (None, Decimal, datetime) as a frame of numbers and UTC times."""
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(columns))
    for name in frame.columns:
        if name in _TIMES:
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif name not in ("customer_id", "referred_by"):
            frame[name] = frame[name].astype("float64")
    return frame


def check_facts(
    frame: pd.DataFrame, columns: Sequence[str], as_of: datetime, window: timedelta | None = None
) -> None:
    """Raises ScoringError when facts are incomplete, contradict each other or lie outside the window."""
    if as_of.tzinfo is None:
        raise ScoringError("as_of has no time zone. Give an aware time, for instance in UTC.")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ScoringError(f"The facts lack these columns: {', '.join(missing)}. Select them too.")
    if frame["customer_id"].isna().any() or frame["customer_id"].duplicated().any():
        raise ScoringError("A customer_id is missing or comes twice. Give one row per customer.")
    for name in (name for name in _COUNTS if name in columns):
        if not (np.isfinite(frame[name]) & (frame[name] >= 0)).all():
            raise ScoringError(
                f"{name} is missing or negative for a customer. Count zero where there is nothing."
            )
    if not np.isfinite(frame["amount"]).all():
        raise ScoringError("amount is missing for a customer. Give zero where nothing was bought.")
    _check_times(frame, as_of, window)


def _check_times(frame: pd.DataFrame, as_of: datetime, window: timedelta | None) -> None:
    for name in _TIMES:
        if not isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            raise ScoringError(f"{name} has no time zone. Give aware times, for instance in UTC.")
        if (frame[name] > as_of).any():
            raise ScoringError(
                f"{name} lies after as_of for a customer. Take the facts as of {as_of.isoformat()}."
            )
    if window is not None and (frame["first_order_at"] < as_of - window).any():
        raise ScoringError(
            f"first_order_at lies before the window of {window.days} days. Take the facts within it."
        )
    if ((frame["order_count"] > 0) != frame["last_order_at"].notna()).any():
        raise ScoringError(
            "last_order_at and order_count disagree for a customer. Give a time exactly when it ordered."
        )
    if (frame["first_order_at"].isna() != frame["last_order_at"].isna()).any() or (
        frame["first_order_at"] > frame["last_order_at"]
    ).any():
        raise ScoringError(
            "first_order_at and last_order_at disagree for a customer. Give both, in order, or neither."
        )


def days_before(times: "pd.Series[pd.Timestamp]", as_of: datetime) -> Vector:
    """Days from each time to as_of, with fractions; NaN where the time is missing."""
    elapsed = np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None), "us") - times.to_numpy(
        "datetime64[us]"
    )
    return vector(elapsed / np.timedelta64(1, "D"))
