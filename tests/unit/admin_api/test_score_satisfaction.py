"""Satisfaction and CSAT against the articles' worked examples and an oracle."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from admin_api.scoring import satisfaction as s
from admin_api.scoring.errors import ScoringError


def test_worked_example_of_s1() -> None:
    raw = s.satisfaction(np.array([[90.0, 80, 85], [70, 75, 80], [95, 90, 95]]), [0.3, 0.3, 0.4])
    assert raw.tolist() == [85.0, 75.5, 93.5]
    assert s.overall(raw) == pytest.approx(84.6667, abs=5e-5)
    assert s.index(raw).tolist() == raw.tolist()


def test_worked_example_of_s2_in_stars() -> None:
    raw = s.satisfaction(np.array([[4.0, 5, 4], [3, 4, 3]]))
    assert raw == pytest.approx([4.3333, 3.3333], abs=5e-5)
    assert s.index(raw, "stars") == pytest.approx([83.3333, 58.3333], abs=5e-5)


def test_stars_on_the_scale_of_a_hundred() -> None:
    assert s.index(np.array([1.0, 2, 3, 4, 5]), "stars").tolist() == [0, 25, 50, 75, 100]


def test_only_answered_aspects_are_weighed() -> None:
    nan = np.nan
    ratings = np.array([[100.0, nan, 50], [nan, nan, 20], [nan, nan, nan]])
    raw = s.satisfaction(ratings, [3, 5, 1])
    assert raw[:2].tolist() == [87.5, 20.0]
    assert np.isnan(raw[2])
    assert s.overall(raw) == 53.75
    assert s.overall(raw[2:]) is None


@given(
    arrays(np.float64, (7, 3), elements=st.floats(0, 100)),
    arrays(np.float64, 3, elements=st.floats(0.01, 10)),
)
def test_agrees_with_numpy_average(ratings: np.ndarray, weights: np.ndarray) -> None:
    assert s.satisfaction(ratings, weights) == pytest.approx(np.average(ratings, axis=1, weights=weights))


def test_csat_counts_four_stars_and_more() -> None:
    nan = np.nan
    conversations = np.array([[75.0, 75, 75], [100, 50, 75], [50, 75, 75], [nan, nan, 100], [nan, nan, nan]])
    assert s.csat(conversations) == 0.75
    assert s.csat(conversations[4:]) is None


@pytest.mark.parametrize(("rating", "scale"), [(101, "0-100"), (-1, "0-100"), (0.5, "stars"), (6, "stars")])
def test_a_rating_outside_its_scale_is_named(rating: float, scale: s.Scale) -> None:
    with pytest.raises(ScoringError, match=r"Row 2, column 1: the rating .* go from"):
        s.check_ratings(np.array([[3.0], [rating]]), scale)


def test_an_unknown_scale_lists_the_known_ones() -> None:
    with pytest.raises(ScoringError, match="0-100, stars"):
        s.check_ratings(np.array([[3.0]]), "1-10")  # type: ignore[arg-type]


def test_importing_it_loads_no_learning_library() -> None:
    code = (
        "import sys, admin_api.scoring.satisfaction;"
        "print(sorted({'sklearn', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
