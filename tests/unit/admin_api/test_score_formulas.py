"""Percentile ranks, loyalty, value and spend: worked examples, oracles and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from admin_api.scoring.errors import ScoringError
from admin_api.scoring.loyalty import loyalty, loyalty_index
from admin_api.scoring.ranks import descending_rank, percentile_rank
from admin_api.scoring.spend import spend, spend_index, spend_rank
from admin_api.scoring.value import information_value, referral_value, value, value_index

few_values = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=40).map(np.array)


def columns(*rows: tuple[float, ...]) -> list[np.ndarray]:
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def test_loyalty_worked_example() -> None:
    parts = columns((10, 1000, 5), (5, 500, 3))
    assert loyalty(*parts) == pytest.approx([338.3333, 169.3333], abs=5e-5)
    assert loyalty_index(*parts).tolist() == [75.0, 25.0]


def test_value_worked_example() -> None:
    parts = columns((1000, 200, 100), (500, 100, 50))
    assert value(*parts) == pytest.approx([433.3333, 216.6667], abs=5e-5)
    assert value_index(*parts).tolist() == [75.0, 25.0]


def test_spend_worked_example() -> None:
    raw = spend(*columns((100, 1), (200, 2), (300, 3), (400, 4)))
    assert raw.tolist() == [100, 400, 900, 1600]
    assert spend_rank(raw).tolist() == [4, 3, 2, 1]
    assert spend_index(raw).tolist() == [12.5, 37.5, 62.5, 87.5]


def test_the_amount_does_not_drown_the_other_parts() -> None:
    index = loyalty_index(*columns((9, 100, 9), (1, 9999, 1), (5, 5000, 5)))
    assert index.argmax() == 0


@given(few_values)
def test_percentile_rank_agrees_with_scipy(values: np.ndarray) -> None:
    assert percentile_rank(values) == pytest.approx((rankdata(values) - 0.5) / len(values) * 100)


@given(few_values)
def test_descending_rank_agrees_with_scipy(values: np.ndarray) -> None:
    assert descending_rank(values).tolist() == rankdata(-values, method="min").tolist()


def test_a_missing_value_has_no_rank_and_counts_for_nobody() -> None:
    ranks = percentile_rank(np.array([3.0, np.nan, 1.0]))
    assert ranks[[0, 2]].tolist() == [75.0, 25.0]
    assert np.isnan(ranks[1])
    assert np.isnan(percentile_rank(np.array([np.nan]))).all()
    assert percentile_rank(np.array([])).tolist() == []


def test_a_referral_is_credited_once_and_never_to_oneself() -> None:
    # Customer 0 referred 1 and 2, customer 1 referred 3, customer 4 claims to have referred himself.
    referrer = np.array([-1, 0, 0, 1, 4])
    spent = np.array([10.0, 20, 30, 40, 50])
    assert referral_value(referrer, spent).tolist() == [50, 40, 0, 0, 0]


def test_a_referred_customer_who_only_returned_costs_the_referrer_nothing() -> None:
    assert referral_value(np.array([-1, 0, 0]), np.array([0.0, -25, 5])).tolist() == [5, 0, 0]


@given(st.lists(st.tuples(st.integers(-1, 4), st.floats(0, 1000)), min_size=5, max_size=5))
def test_referrals_never_credit_more_than_was_spent(rows: list[tuple[int, float]]) -> None:
    spent = np.array([amount for _, amount in rows])
    assert referral_value(np.array([who for who, _ in rows]), spent).sum() <= spent.sum() + 1e-6


def test_information_is_worth_what_the_owner_set() -> None:
    given_things = {"rating": np.array([2.0, 0]), "survey": np.array([1.0, 3])}
    assert information_value(given_things, {"rating": 1.5, "survey": 10, "comment": 2}).tolist() == [13, 30]


def test_information_without_a_worth_is_refused() -> None:
    with pytest.raises(ScoringError, match="No worth is set for: tip"):
        information_value({"tip": np.array([1.0])}, {"rating": 1})
    with pytest.raises(ScoringError, match="Count at least one"):
        information_value({}, {"rating": 1})
