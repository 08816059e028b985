"""A year of a real shop: every customer of Online Retail is scored and grouped, returns and all."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from admin_api.scoring.customer_segments import NO_ORDERS, segment_customers
from admin_api.scoring.customers import Scores, ScoringRules, score_customers
from admin_api.scoring.facts import fact_columns
from admin_api.scoring.lifetime import LifetimeModel, fit_lifetime, predict

LINES = Path(__file__).parents[3].parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not LINES.is_file(), reason="the Online Retail data set is not beside the checkout"
)


def facts(since: datetime | None) -> pd.DataFrame:
    """The facts a store would select: invoices that begin with C are returns."""
    wanted = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
    lines = pd.read_csv(LINES, usecols=wanted, dtype={"InvoiceNo": str, "StockCode": str}).dropna(
        subset=["CustomerID"]
    )
    lines["at"] = pd.to_datetime(lines["InvoiceDate"], utc=True)
    lines["paid"] = lines["Quantity"] * lines["UnitPrice"]
    customers = pd.Index(lines["CustomerID"].unique(), name="customer_id")
    if since is not None:
        lines = lines[lines["at"] >= since]
    returned = lines["InvoiceNo"].str.startswith("C")
    bought = lines[~returned].groupby("CustomerID")
    frame = pd.DataFrame(index=customers).assign(
        order_count=bought["InvoiceNo"].nunique(),
        return_count=lines[returned].groupby("CustomerID")["InvoiceNo"].nunique(),
        amount=lines.groupby("CustomerID")["paid"].sum(),
        variety=bought["StockCode"].nunique(),
        first_order_at=bought["at"].min(),
        last_order_at=bought["at"].max(),
        referred_by=np.nan,
    )
    numbers = ["order_count", "return_count", "amount", "variety"]
    frame[numbers] = frame[numbers].fillna(0.0)
    kinds = ("rating", "comment", "confirmed_answer", "survey")
    frame = frame.assign(**dict.fromkeys((f"{kind}_count" for kind in kinds), 0.0))
    aspects = [name for name in fact_columns(ScoringRules().aspects) if name.startswith("aspect_")]
    return frame.assign(**dict.fromkeys(aspects, np.nan)).reset_index()


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score_customers(facts(AS_OF - ScoringRules().window), AS_OF)


def test_all_customers_are_scored_and_who_only_returned_is_flagged(scores: Scores) -> None:
    frame = scores.frame
    assert len(frame) == 4372
    indexes = frame[["loyalty_index", "value_index", "spend_index", "rfm_index"]]
    assert ((indexes >= 0) & (indexes <= 100)).all(axis=None)
    only_returned = frame[frame["only_returns"]]
    assert len(only_returned) > 0
    assert (only_returned["order_count"] == 0).all()
    assert (only_returned["amount"] <= 0).all()
    assert (only_returned["rfm_recency"] == 1).all()
    for score in ("rfm_recency", "rfm_frequency", "rfm_monetary"):
        assert set(frame[score]) == {1, 2, 3, 4, 5}


def test_returns_reduce_spend(scores: Scores) -> None:
    # Customer 12346 bought 74,215 units for £77,183.60 and returned them all the same day.
    refunded = scores.frame[scores.frame["customer_id"] == 12346].iloc[0]
    assert (refunded["order_count"], refunded["amount"], refunded["spend_raw"]) == (1, 0, 0)
    assert refunded["rfm_monetary"] == 1


@pytest.mark.parametrize("k", [3, 6, "auto"])
def test_segments_are_named_apart_and_hold_everybody(scores: Scores, k: object) -> None:
    found = segment_customers(scores, k)
    names = [one.name for one in found.segments]
    assert len(set(names)) == len(names)
    assert sum(one.size for one in found.segments) == 4372
    assert names[-1] == NO_ORDERS
    assert found.k == len(names) - 1
    sizes = found.members["segment"].value_counts()
    assert {one.name: one.size for one in found.segments} == sizes.to_dict()


def test_best_and_worst_customers_are_told_apart(scores: Scores) -> None:
    found = segment_customers(scores, 4)
    best, worst = found.segments[0], found.segments[3]
    assert best.name == "Champions"
    assert worst.name == "Dormant"
    assert (best.centroid["amount"] or 0) > 10 * (worst.centroid["amount"] or 0)
    assert (best.centroid["recency_days"] or 0) < (worst.centroid["recency_days"] or 0) / 5


def test_lifetime_value_of_a_real_shop() -> None:
    history = facts(None)
    model = fit_lifetime(history, AS_OF)
    assert isinstance(model, LifetimeModel)
    found = predict(model, history, AS_OF)
    assert len(found) == (history["order_count"] > 0).sum()
    assert np.isfinite(found["expected_spend"]).all()
    # The largest customer of the year is also expected to be among the largest of the next.
    assert 14646 in set(found.nlargest(5, "expected_spend")["customer_id"])
