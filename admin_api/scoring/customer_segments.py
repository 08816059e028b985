"""Segments of all customers, from their scores: who belongs together, under which name."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from admin_api.scoring.arrays import Matrix
from admin_api.scoring.customers import Scores
from admin_api.scoring.segment_names import rfm_names
from admin_api.scoring.segments import DEFAULT_K, check_k, segment

FEATURES: Final = ("recency_days", "order_count", "amount")
NO_ORDERS: Final = "No orders"


@dataclass(frozen=True, slots=True)
class CustomerSegment:
    """One segment; `centroid` holds the members' mean of each feature, None where no member has it."""

    name: str
    size: int
    centroid: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class CustomerSegments:
    """The segments, highest mean amount first, and `members`: customer_id and segment name for each row scored.

    Who has no order in the window is not clustered but listed under "No orders"; `k` counts clusters only.
    """

    segments: tuple[CustomerSegment, ...]
    members: pd.DataFrame
    k: int
    silhouette: float | None


def segment_customers(scores: Scores, k: object = DEFAULT_K) -> CustomerSegments:
    """Customers grouped by recency, frequency and money spent, k a number from 1 to 20 or "auto"."""
    check_k(k)
    frame = scores.frame
    buyers = ~frame["no_orders"].to_numpy()
    names = np.full(len(frame), NO_ORDERS, dtype=object)
    found: list[CustomerSegment] = []
    count, silhouette = 0, None
    if buyers.any():
        original = frame.loc[buyers, list(FEATURES)].to_numpy("float64")
        grouped = segment(_comparable(original), k, original=original)
        called = rfm_names(grouped.profile)
        names[buyers] = np.array(called, dtype=object)[grouped.labels]
        count, silhouette = grouped.k, grouped.silhouette
        found = [
            CustomerSegment(called[n], grouped.sizes[n], _told(grouped.centroids[n].tolist()))
            for n in np.argsort(-grouped.centroids[:, FEATURES.index("amount")], kind="stable")
        ]
    if not buyers.all():
        found.append(_without_orders(frame[~buyers]))
    members = pd.DataFrame({"customer_id": frame["customer_id"], "segment": names})
    return CustomerSegments(tuple(found), members, count, silhouette)


def _comparable(original: Matrix) -> Matrix:
    """Orders and money on a logarithmic scale, keeping the sign of a negative amount.

    Both are skewed over several powers of ten in any shop; unlogged, a handful of wholesalers take up all
    segments but one.
    """
    counted = np.sign(original[:, 1:]) * np.log1p(np.abs(original[:, 1:]))
    return np.asarray(np.column_stack([original[:, :1], counted]), dtype=np.float64)


def _without_orders(frame: pd.DataFrame) -> CustomerSegment:
    centroid = {"recency_days": None, "order_count": 0.0, "amount": float(frame["amount"].mean())}
    return CustomerSegment(NO_ORDERS, len(frame), centroid)


def _told(centroid: list[float]) -> dict[str, float | None]:
    return dict(zip(FEATURES, centroid, strict=True))
