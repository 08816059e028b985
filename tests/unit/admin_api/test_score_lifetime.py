"""Lifetime value from facts: figures, intervals, and too little data as an answer."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from admin_api.scoring.errors import ScoringError
from admin_api.scoring.facts import HISTORY_COLUMNS, facts_frame
from admin_api.scoring.lifetime import LifetimeModel, TooLittleData, fit_lifetime, predict, predict_interval

AS_OF = datetime(2026, 5, 1, tzinfo=UTC)


def history(customers: int, seed: int = 1, spread: timedelta = timedelta(days=500)) -> pd.DataFrame:
    """Customers who buy at their own rate, some of whom leave."""
    generator = np.random.default_rng(seed)
    first = pd.Timestamp(AS_OF) - pd.to_timedelta(
        generator.uniform(0.1, 1, customers) * spread.total_seconds(), unit="s"
    )
    orders = generator.geometric(0.4, customers)
    last = first + (pd.Timestamp(AS_OF) - first) * generator.beta(2, 1, customers)
    worth = generator.gamma(6, 1, customers) / generator.gamma(4, 0.1, customers)
    return pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "order_count": orders.astype("float64"),
            "amount": orders * worth,
            "first_order_at": first,
            "last_order_at": pd.Series(last).where(orders > 1, pd.Series(first)),
        }
    )


def fitted(frame: pd.DataFrame) -> LifetimeModel:
    model = fit_lifetime(frame, AS_OF)
    assert isinstance(model, LifetimeModel)
    return model


def test_every_buyer_gets_a_figure_inside_its_interval() -> None:
    frame = history(300)
    found = predict_interval(fitted(frame), frame.head(20), AS_OF, draws=500)
    assert found["customer_id"].tolist() == list(range(20))
    assert (found["low"] <= found["high"]).all()
    assert (found["high"] > 0).mean() > 0.8
    assert found["alive"].between(0, 1).all()
    assert (found["expected_spend"] < found["high"]).mean() > 0.9


def test_an_interval_does_not_depend_on_who_else_is_asked_for() -> None:
    frame = history(200)
    model = fitted(frame)
    page = predict_interval(model, frame.iloc[5:9], AS_OF, draws=200)
    alone = predict_interval(model, frame.iloc[[7]], AS_OF, draws=200)
    assert alone.iloc[0].tolist() == pytest.approx(page.iloc[2].tolist(), rel=1e-12)


def test_a_longer_horizon_brings_more() -> None:
    frame = history(200)
    model = fitted(frame)
    month, year = (predict(model, frame, AS_OF, timedelta(days=days)) for days in (30, 365))
    assert (year["expected_spend"] > month["expected_spend"]).all()


def test_the_order_of_customers_does_not_matter() -> None:
    frame = history(150)
    assert fitted(frame.sample(frac=1, random_state=4)) == fitted(frame)


def test_one_price_for_everything_is_learned_too() -> None:
    frame = history(200).assign(amount=lambda customers: customers["order_count"] * 20)
    found = predict(fitted(frame), frame, AS_OF)
    per_order = found["expected_spend"] / found["expected_orders"]
    assert per_order.median() == pytest.approx(20, rel=0.05)


def test_who_never_ordered_is_not_predicted() -> None:
    frame = history(150)
    nobody = facts_frame([(999, 0, -30, None, None)], HISTORY_COLUMNS)
    everybody = pd.concat([frame, nobody], ignore_index=True)
    found = predict(fitted(everybody), everybody, AS_OF)
    assert len(found) == 150
    assert 999 not in set(found["customer_id"])


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (history(0), "0 customers have ordered; 100 are needed"),
        (history(99), "99 customers have ordered"),
        (history(120).assign(order_count=1.0), "0 customers have ordered more than once; 30 are needed"),
        (history(120, spread=timedelta(days=60)), "days of orders are needed"),
        (history(120).assign(amount=-1.0), "positive average order value"),
    ],
)
def test_too_little_data_is_an_answer(frame: pd.DataFrame, reason: str) -> None:
    answer = fit_lifetime(frame, AS_OF)
    assert isinstance(answer, TooLittleData)
    assert reason in answer.reason


def test_facts_it_cannot_use_are_refused() -> None:
    with pytest.raises(ScoringError, match="lack these columns: amount"):
        fit_lifetime(history(5)[[name for name in HISTORY_COLUMNS if name != "amount"]], AS_OF)
    with pytest.raises(ScoringError, match="lies after as_of"):
        fit_lifetime(history(5), AS_OF - timedelta(days=400))
    frame = history(150)
    with pytest.raises(ScoringError, match="between 0 and 1"):
        predict_interval(fitted(frame), frame, AS_OF, coverage=95)
