"""Lifetime value: what each customer is expected to spend next, with an interval, or why nobody can say yet.

The frames hold one row per customer over the WHOLE history up to `as_of`, not over a window: the models count
from the first order there ever was. Columns: `facts.HISTORY_COLUMNS`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from admin_api.scoring import clv
from admin_api.scoring.arrays import Integers, Vector
from admin_api.scoring.clv import BgNbd, Buying, GammaGamma
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.facts import HISTORY_COLUMNS, check_facts, days_before

HORIZON: Final = timedelta(days=365)

# Below these the fitted parameters swing so far from sample to sample that a figure would mislead.
LEAST_CUSTOMERS: Final = 100
LEAST_REPEATERS: Final = 30
LEAST_HISTORY: Final = timedelta(weeks=12)

_FIT_ROWS: Final = 50_000
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class LifetimeModel:
    """Both fitted models, in weeks, and what they were learned from."""

    purchases: BgNbd
    values: GammaGamma
    customers: int
    repeaters: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class TooLittleData:
    """The answer when no lifetime value can be given; `reason` says what is missing."""

    reason: str


def fit_lifetime(history: pd.DataFrame, as_of: datetime) -> LifetimeModel | TooLittleData:
    """Both models learned from everybody who ever ordered, or why that cannot be done yet."""
    buyers = _buyers(history, as_of)
    repeaters = int((buyers["order_count"] > 1).sum())
    reason = _too_little(buyers, repeaters, as_of)
    if reason:
        return TooLittleData(reason)
    buying, mean_value = _observed(buyers, as_of)
    chosen = _even_choice(buying, mean_value)
    learned = buying.rows(chosen)
    try:
        purchases = clv.fit_bg_nbd(learned)
        values = clv.fit_gamma_gamma(learned.repeats + 1, mean_value[chosen])
    except ScoringError as error:
        return TooLittleData(str(error))
    if values.q <= 1:
        return TooLittleData("Order values differ so widely that they have no expected value yet.")
    return LifetimeModel(purchases, values, len(buyers), repeaters, as_of)


def _too_little(buyers: pd.DataFrame, repeaters: int, as_of: datetime) -> str | None:
    if len(buyers) < LEAST_CUSTOMERS:
        return f"{len(buyers)} customers have ordered; {LEAST_CUSTOMERS} are needed."
    if repeaters < LEAST_REPEATERS:
        return f"{repeaters} customers have ordered more than once; {LEAST_REPEATERS} are needed."
    since = as_of - buyers["first_order_at"].min()
    if since < LEAST_HISTORY:
        return f"The first order was {since.days} days ago; {LEAST_HISTORY.days} days of orders are needed."
    return None


def predict(
    model: LifetimeModel, history: pd.DataFrame, as_of: datetime, horizon: timedelta = HORIZON
) -> pd.DataFrame:
    """Per customer with an order: alive (0-1), expected_orders, expected_spend within the horizon, undiscounted.

    Who never ordered has no row: there is nothing yet to expect anything from.
    """
    buyers = _buyers(history, as_of)
    buying, mean_value = _observed(buyers, as_of)
    orders = clv.expected_orders(model.purchases, buying, horizon / _WEEK)
    values = clv.expected_value(model.values, buying.repeats + 1, mean_value)
    return pd.DataFrame(
        {
            "customer_id": buyers["customer_id"].to_numpy(),
            "alive": clv.probability_alive(model.purchases, buying),
            "expected_orders": orders,
            "expected_spend": orders * values,
        }
    )


def predict_interval(
    model: LifetimeModel,
    history: pd.DataFrame,
    as_of: datetime,
    horizon: timedelta = HORIZON,
    *,
    coverage: float = 0.9,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """`predict` with low and high: the middle `coverage` of simulated spends, the parameters taken as known.

    About half a millisecond a customer: meant for one or for a page of them.
    """
    if not 0 < coverage < 1:
        raise ScoringError("The coverage of an interval must lie between 0 and 1, for instance 0.9.")
    buyers = _buyers(history, as_of)
    result = predict(model, buyers, as_of, horizon)
    buying, mean_value = _observed(buyers, as_of)
    weeks = horizon / _WEEK
    # One customer at a time with the same seed: the interval does not depend on who else is asked for.
    spends = (
        clv.simulate_spend(
            model.purchases, model.values, buying.row(n), mean_value[n : n + 1], weeks, draws, seed
        )
        for n in range(len(buyers))
    )
    tails = [(1 - coverage) / 2, (1 + coverage) / 2]
    bounds = np.array([np.quantile(spend, tails) for spend in spends]).reshape(-1, 2)
    return result.assign(low=bounds[:, 0], high=bounds[:, 1])


def _buyers(history: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    check_facts(history, HISTORY_COLUMNS, as_of)
    return history.loc[history["order_count"] > 0, list(HISTORY_COLUMNS)]


def _observed(buyers: pd.DataFrame, as_of: datetime) -> tuple[Buying, Vector]:
    age = days_before(buyers["first_order_at"], as_of) / 7
    since_last = days_before(buyers["last_order_at"], as_of) / 7
    orders = buyers["order_count"].to_numpy("float64")
    mean_value = buyers["amount"].to_numpy("float64") / orders
    return Buying(repeats=orders - 1, recency=age - since_last, age=age), mean_value


def _even_choice(buying: Buying, mean_value: Vector) -> Integers:
    """Rows to learn from: all, or an even sample of them in an order that does not depend on the input's."""
    order = np.lexsort((mean_value, buying.age, buying.recency, buying.repeats))
    count = min(len(order), _FIT_ROWS)
    return np.asarray(order[np.linspace(0, len(order) - 1, count).astype(np.int64)], dtype=np.int64)
