"""RFM quintiles: ties, few different values, customers without an order."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.scoring.rfm import quintiles, rfm, rfm_cell, rfm_index, rfm_scores

values = st.lists(st.integers(0, 30).map(float), min_size=1, max_size=200).map(np.array)


def test_ten_different_values_are_two_in_each_fifth() -> None:
    assert quintiles(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([90, 4, 3, 2, 1], [1, 2, 3, 4, 5]),  # nine of ten ordered once: still five scores
        ([1, 2, 3, 4, 90], [1, 2, 3, 4, 5]),
        ([7], [3]),
        ([99, 1], [3, 5]),
        ([1, 99], [1, 3]),
        ([1, 1, 98], [1, 2, 3]),
        ([96, 2, 2], [3, 4, 5]),
    ],
)
def test_many_equal_values_do_not_cost_a_score(counts: list[int], expected: list[int]) -> None:
    scores = quintiles(np.repeat(np.arange(float(len(counts))), counts))
    assert scores.tolist() == np.repeat(expected, counts).tolist()


@given(values)
def test_scores_follow_the_values(given_values: np.ndarray) -> None:
    scores = quintiles(given_values)
    assert len(scores) == len(given_values)
    assert set(scores.tolist()) <= {1, 2, 3, 4, 5}
    pairs = sorted(zip(given_values.tolist(), scores.tolist(), strict=True))
    assert [score for _, score in pairs] == sorted(scores.tolist())
    different = len(set(given_values.tolist()))
    assert len(set(scores.tolist())) == min(5, different)
    assert len(set(pairs)) == different


@given(values, st.randoms())
def test_the_order_of_customers_does_not_matter(given_values: np.ndarray, random: Random) -> None:
    order = list(range(len(given_values)))
    random.shuffle(order)
    assert quintiles(given_values[order]).tolist() == quintiles(given_values)[order].tolist()


def test_recent_scores_high_and_never_ordered_scores_lowest() -> None:
    days = np.array([1.0, 10, 20, 30, 40, np.nan])
    recency, frequency, monetary = rfm_scores(days, np.array([5.0, 4, 3, 2, 1, 0]), np.arange(6.0))
    assert recency.tolist() == [5, 4, 3, 2, 1, 1]
    assert frequency[5] == 1
    assert monetary[5] == 5


def test_sum_index_and_cell() -> None:
    r, f, m = np.array([5, 1, 3]), np.array([5, 1, 4]), np.array([5, 1, 2])
    assert rfm(r, f, m).tolist() == [15, 3, 9]
    assert rfm_index(rfm(r, f, m)).tolist() == [100, 0, 50]
    assert rfm_cell(r, f, m).tolist() == [555, 111, 342]


def test_nobody_known() -> None:
    assert quintiles(np.array([np.nan, np.nan])).tolist() == [1, 1]
    assert quintiles(np.array([])).tolist() == []
