"""Scores from a request's values: the worked examples, and every kind of bad input told apart."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin_api.scoring.errors import ScoringError
from admin_api.scoring.preview import MOST_ROWS, PREVIEWS, preview

ROUNDED = {"abs": 5e-5}


def test_satisfaction_of_s1() -> None:
    found = preview("satisfaction", [[90, 80, 85], [70, 75, 80], [95, 90, 95]], weights=[0.3, 0.3, 0.4])
    assert found["raw"] == [85.0, 75.5, 93.5]
    assert found["index"] == [85.0, 75.5, 93.5]
    assert found["overall"] == 254 / 3
    assert found["csat"] == 1.0
    assert found["version"] == "satisfaction-1"


def test_satisfaction_of_s2_in_stars_with_a_gap() -> None:
    found = preview("satisfaction", [[4, 5, 4], [3, 4, 3], [None, None, None]], scale="stars")
    assert found["raw"] == [pytest.approx(4.3333, **ROUNDED), pytest.approx(3.3333, **ROUNDED), None]
    assert found["index"] == [pytest.approx(83.3333, **ROUNDED), pytest.approx(58.3333, **ROUNDED), None]
    assert found["overall"] == pytest.approx(23 / 6)
    assert found["overall_index"] == pytest.approx(70.8333, **ROUNDED)
    assert found["csat"] == 0.5


@pytest.mark.parametrize(
    ("score", "rows", "raw", "index"),
    [
        ("loyalty", [[10, 1000, 5], [5, 500, 3]], [338.3333, 169.3333], [75, 25]),
        ("value", [[1000, 200, 100], [500, 100, 50]], [433.3333, 216.6667], [75, 25]),
        ("spend", [[100, 1], [200, 2], [300, 3], [400, 4]], [100, 400, 900, 1600], [12.5, 37.5, 62.5, 87.5]),
    ],
)
def test_worked_examples(score: str, rows: list[list[int]], raw: list[float], index: list[float]) -> None:
    found = preview(score, rows)
    assert found["raw"] == pytest.approx(raw, **ROUNDED)
    assert found["index"] == index
    assert found["overall"] == pytest.approx(np.mean(raw), abs=1e-3)


def test_spend_ranks_and_loyalty_parts() -> None:
    assert preview("spend", [[100, 1], [200, 2], [300, 3], [400, 4]])["rank"] == [4, 3, 2, 1]
    assert preview("spend", [[10, 2], [20, 1], [5, 1]])["rank"] == [1, 1, 3]
    parts = preview("loyalty", [[1, 900, 2], [2, 100, 2]])["parts"]
    assert parts == [
        {"frequency": 25.0, "amount": 75.0, "variety": 50.0},
        {"frequency": 75.0, "amount": 25.0, "variety": 50.0},
    ]


def test_segments() -> None:
    found = preview("segments", [[1, 2], [2, 3], [3, 4], [4, 5]], k=2)
    assert found["labels"] == [0, 0, 1, 1]
    assert found["names"] == ["low column 1, low column 2", "high column 1, high column 2"]
    assert found["centroids"] == [[1.5, 2.5], [3.5, 4.5]]
    assert preview("segments", [[1], [1], [9]])["k"] == 2


@pytest.mark.parametrize(
    ("request_body", "says"),
    [
        ({"score": "churn", "rows": [[1]]}, "Choose one of: satisfaction, loyalty"),
        ({"score": ["spend"], "rows": [[1, 2]]}, "There is no score"),
        ({"score": "spend", "rows": []}, "There are no rows"),
        ({"score": "spend", "rows": None}, "list of lists"),
        ({"score": "spend", "rows": "100 1"}, "list of lists"),
        ({"score": "spend", "rows": {"a": 1}}, "list of lists"),
        ({"score": "spend", "rows": [[1, 2], 3]}, "Row 2 is not a list"),
        ({"score": "spend", "rows": [[1, 2], [3]]}, "Row 2 has 1 values, row 1 has 2"),
        ({"score": "spend", "rows": [[]]}, "Row 1 is empty"),
        ({"score": "spend", "rows": [[1, 2, 3]]}, "needs 2 numbers: amount, count"),
        ({"score": "spend", "rows": [[1, "2"]]}, "Row 1, column 2: '2' is not a number"),
        ({"score": "spend", "rows": [[1, True]]}, "True is not a number"),
        ({"score": "spend", "rows": [[1, None]]}, "the value is missing"),
        ({"score": "spend", "rows": [[1, float("nan")]]}, "the value is missing"),
        ({"score": "spend", "rows": [[1, float("inf")]]}, "out of range"),
        ({"score": "spend", "rows": [[1, 10**400]]}, "out of range"),
        ({"score": "spend", "rows": [[1, -1]]}, "Row 1: count is negative"),
        ({"score": "loyalty", "rows": [[1, 2, 3], [-1, 2, 3]]}, "Row 2: frequency is negative"),
        ({"score": "value", "rows": [[1, -2, 3]]}, "referral is negative"),
        ({"score": "segments", "rows": [[1]] * (MOST_ROWS + 1)}, "rows are too many"),
        ({"score": "segments", "rows": [[1] * 51]}, "51 columns are too many"),
        ({"score": "segments", "rows": [[1]], "k": 0}, "whole number from 1 to 20"),
        ({"score": "segments", "rows": [[1], [None]]}, "Row 2, column 1: the value is missing"),
        ({"score": "spend", "rows": [[1, 2]], "k": 2}, "k belongs to segments"),
        ({"score": "spend", "rows": [[1, 2]], "weights": [1, 1]}, "Weights belong to satisfaction"),
        ({"score": "value", "rows": [[1, 2, 3]], "scale": "stars"}, "A scale belongs to satisfaction"),
        ({"score": "satisfaction", "rows": [[101]]}, "from 0 to 100"),
        ({"score": "satisfaction", "rows": [[0]], "scale": "stars"}, "from 1 to 5"),
        ({"score": "satisfaction", "rows": [[5]], "scale": {}}, "Use one of: 0-100, stars"),
        ({"score": "satisfaction", "rows": [[5, 6]], "weights": [1]}, "1 weights for 2 columns"),
        ({"score": "satisfaction", "rows": [[5, 6]], "weights": [0, 0]}, "All weights are zero"),
        ({"score": "satisfaction", "rows": [[5, 6]], "weights": [2, -1]}, "A weight is negative"),
        ({"score": "satisfaction", "rows": [[5, 6]], "weights": [1, "a"]}, "Weight 2: 'a' is not a number"),
        ({"score": "satisfaction", "rows": [[5, 6]], "weights": 3}, "must be a list of 2 numbers"),
    ],
)
def test_bad_input_says_what_to_do(request_body: dict[str, object], says: str) -> None:
    with pytest.raises(ScoringError) as raised:
        preview(**request_body)  # type: ignore[arg-type]
    assert says in str(raised.value)
    assert len(str(raised.value)) < 250


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PREVIEWS),
    JSON,
    st.none() | JSON,
    st.sampled_from(["0-100", "stars"]) | JSON,
    st.none() | JSON,
)
def test_any_json_is_computed_or_refused(
    score: str, rows: object, weights: object, scale: object, k: object
) -> None:
    try:
        found = preview(score, rows, weights, scale, k)
    except ScoringError:
        return
    json.dumps(found, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(PREVIEWS),
    st.lists(
        st.lists(st.integers(0, 100) | st.floats(0, 100), min_size=3, max_size=3), min_size=1, max_size=12
    ),
)
def test_any_numbers_give_json_without_nan(score: str, rows: list[list[float]]) -> None:
    found = preview(score, [row[:2] for row in rows] if score == "spend" else rows)
    json.dumps(found, allow_nan=False)
    assert len(found.get("raw") or found["labels"]) == len(rows)  # type: ignore[arg-type]
