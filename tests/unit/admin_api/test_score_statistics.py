"""Descriptive statistics, checked against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from admin_api.scoring.errors import ScoringError
from admin_api.scoring.statistics import describe


@pytest.mark.parametrize("ddof", [0, 1])
@given(values=arrays(np.float64, (6, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_agrees_with_numpy(ddof: int, values: np.ndarray) -> None:
    found = describe(values, ("a", "b", "c"), ddof=ddof)
    assert found.mean == pytest.approx(values.mean(axis=0).tolist())
    assert found.variance == pytest.approx(values.var(axis=0, ddof=ddof).tolist(), rel=1e-9, abs=1e-6)
    expected = np.cov(values, rowvar=False, ddof=ddof)
    assert np.array(found.covariance) == pytest.approx(expected, rel=1e-9, abs=1e-3)


def test_correlation_agrees_with_numpy() -> None:
    values = np.random.default_rng(5).normal(size=(50, 3)) @ np.array([[1.0, 2, 0], [0, 1, 0], [1, 0, 1]])
    found = describe(values, ("a", "b", "c"))
    assert np.array(found.correlation) == pytest.approx(np.corrcoef(values, rowvar=False))


def test_a_constant_column_has_no_correlation() -> None:
    found = describe(np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]]), ("flat", "rising"))
    assert found.correlation == ((None, None), (None, pytest.approx(1.0)))
    assert found.variance[0] == pytest.approx(0.0)


def test_one_row_has_a_mean_and_nothing_else() -> None:
    found = describe(np.array([[3.0, 4.0]]), ("a", "b"))
    assert found.mean == (3.0, 4.0)
    assert found.variance == (None, None)
    assert found.correlation == ((None, None), (None, None))


def test_rows_with_a_gap_are_left_out_and_counted() -> None:
    found = describe(np.array([[1.0, 2.0], [np.nan, 9.0], [3.0, 4.0]]), ("a", "b"))
    assert (found.rows, found.left_out, found.mean) == (2, 1, (2.0, 3.0))


def test_nothing_to_describe_says_so() -> None:
    with pytest.raises(ScoringError, match="Choose fewer attributes"):
        describe(np.array([[np.nan]]), ("a",))
    with pytest.raises(ScoringError, match="one name for each column"):
        describe(np.array([[1.0]]), ())
