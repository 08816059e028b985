"""All scores of all customers at one time: facts in, one frame out. Nothing here reads a clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from admin_api.scoring import rfm, satisfaction, spend
from admin_api.scoring.arrays import Integers, Matrix, Vector, check_weights
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.facts import ASPECT_PREFIX, check_facts, days_before, fact_columns
from admin_api.scoring.loyalty import loyalty
from admin_api.scoring.ranks import percentile_rank
from admin_api.scoring.value import INFORMATION_WORTH, information_value, referral_value, value

WINDOW: Final = timedelta(days=365)
_KINDS: Final = ("rating", "comment", "confirmed_answer", "survey")


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """What an owner may set: the window, the weight of each aspect, the worth of each useful thing given."""

    window: timedelta = WINDOW
    weights: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(satisfaction.ASPECTS, 1.0))
    worth: Mapping[str, float] = field(default_factory=lambda: dict(INFORMATION_WORTH))

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects customers rate, in the order of their columns."""
        return tuple(self.weights)


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """What all scores of one run share, and what explaining one of them needs beside the customer's own row."""

    as_of: datetime
    rules: ScoringRules
    aspect_means: Mapping[str, float | None]
    """The mean rating of each aspect over all customers: what a single customer's ratings are told against."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of everybody at the context's `as_of`; `frame` has one row per row of the facts, in their order.

    Columns: customer_id; raw and index of each score (`loyalty_raw`, `loyalty_index` …; NaN satisfaction where
    nothing was rated); `spend_rank`; `rfm_recency`, `rfm_frequency`, `rfm_monetary` (1-5) and `rfm_cell` (555 is
    best); the inputs (`order_count`, `amount`, `variety`, `referral`, `information`, `recency_days`, `aspect_…`)
    and the percentile of each that is ranked (`order_count_percentile` …); the flags `no_orders`, `only_returns`
    and `not_rated`.
    """

    frame: pd.DataFrame
    context: ScoringContext
    overall_satisfaction: float | None


def score_customers(facts: pd.DataFrame, as_of: datetime, rules: ScoringRules | None = None) -> Scores:
    """Satisfaction, loyalty, value, spend and RFM of every customer, from facts over the window before `as_of`.

    The facts have the columns of `facts.fact_columns(rules.aspects)`. Nobody is dropped: who only returned, or
    never ordered, is scored with zero orders and flagged.
    """
    rules = rules or ScoringRules()
    if rules.window <= timedelta(0):
        raise ScoringError("The window must be longer than zero days.")
    check_facts(facts, fact_columns(rules.aspects), as_of, rules.window)
    ratings = facts[[ASPECT_PREFIX + aspect for aspect in rules.aspects]].to_numpy("float64")
    inputs = _inputs(facts, as_of, rules)
    satisfied = _satisfaction(ratings, rules)
    columns: dict[str, object] = {
        "customer_id": facts["customer_id"].to_numpy(),
        **_money_scores(inputs),
        **_rfm_scores(inputs),
        "satisfaction_raw": satisfied,
        "satisfaction_index": satisfied,
        **inputs,
        **{ASPECT_PREFIX + aspect: ratings[:, n] for n, aspect in enumerate(rules.aspects)},
        **_flags(inputs, satisfied),
    }
    means = {aspect: satisfaction.overall(ratings[:, n]) for n, aspect in enumerate(rules.aspects)}
    context = ScoringContext(as_of, rules, means)
    return Scores(pd.DataFrame(columns, copy=False), context, satisfaction.overall(satisfied))


def stored_rows(scores: Scores) -> Iterator[dict[str, object]]:
    """The rows of the frame ready for JSON, NaN as None: what to store, and what `explain_row` takes back."""
    names = list(scores.frame.columns)
    columns = [
        scores.frame[name].astype(object).where(scores.frame[name].notna(), None).tolist() for name in names
    ]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))


def _inputs(facts: pd.DataFrame, as_of: datetime, rules: ScoringRules) -> dict[str, Vector]:
    amount = facts["amount"].to_numpy("float64")
    given = {kind: facts[f"{kind}_count"].to_numpy("float64") for kind in _KINDS}
    return {
        "order_count": facts["order_count"].to_numpy("float64"),
        "return_count": facts["return_count"].to_numpy("float64"),
        "amount": amount,
        "variety": facts["variety"].to_numpy("float64"),
        "referral": referral_value(_referrers(facts), amount),
        "information": information_value(given, rules.worth),
        "recency_days": days_before(facts["last_order_at"], as_of),
    }


def _referrers(facts: pd.DataFrame) -> Integers:
    """The row of each customer's referrer, -1 for none and for one who is not among the facts."""
    referred_by = facts["referred_by"]
    rows = np.full(len(facts), -1, dtype=np.int64)
    known = referred_by.notna().to_numpy()
    if known.any():
        found = pd.Index(facts["customer_id"]).get_indexer(pd.Index(referred_by[known]))
        rows[known] = found
    return rows


def _satisfaction(ratings: Matrix, rules: ScoringRules) -> Vector:
    satisfaction.check_ratings(ratings, "0-100")
    return satisfaction.satisfaction(ratings, check_weights(list(rules.weights.values()), len(rules.aspects)))


def _money_scores(inputs: Mapping[str, Vector]) -> dict[str, Vector | Integers]:
    orders, amount, variety = inputs["order_count"], inputs["amount"], inputs["variety"]
    referral, information = inputs["referral"], inputs["information"]
    # The indexes are the means that `loyalty_index` and `value_index` give; the shared percentiles are taken once.
    ranked = {
        name: percentile_rank(inputs[name])
        for name in ("order_count", "amount", "variety", "referral", "information")
    }
    spent = spend.spend(amount, orders)
    return {
        "loyalty_raw": loyalty(orders, amount, variety),
        "loyalty_index": (ranked["order_count"] + ranked["amount"] + ranked["variety"]) / 3,
        "value_raw": value(amount, referral, information),
        "value_index": (ranked["amount"] + ranked["referral"] + ranked["information"]) / 3,
        "spend_raw": spent,
        "spend_index": spend.spend_index(spent),
        "spend_rank": spend.spend_rank(spent),
        **{f"{name}_percentile": rank for name, rank in ranked.items()},
    }


def _rfm_scores(inputs: Mapping[str, Vector]) -> dict[str, Vector | Integers]:
    recency, frequency, monetary = rfm.rfm_scores(
        inputs["recency_days"], inputs["order_count"], inputs["amount"]
    )
    raw = rfm.rfm(recency, frequency, monetary)
    return {
        "rfm_raw": raw,
        "rfm_index": rfm.rfm_index(raw),
        "rfm_recency": recency,
        "rfm_frequency": frequency,
        "rfm_monetary": monetary,
        "rfm_cell": rfm.rfm_cell(recency, frequency, monetary),
    }


def _flags(inputs: Mapping[str, Vector], satisfied: Vector) -> dict[str, np.ndarray]:
    no_orders = inputs["order_count"] == 0
    return {
        "no_orders": no_orders,
        "only_returns": no_orders & (inputs["return_count"] > 0),
        "not_rated": np.isnan(satisfied),
    }
