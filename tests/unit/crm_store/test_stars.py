"""What stars come to, and the settings that weigh them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from admin_api.scoring.satisfaction import satisfaction
from crm_store.settings import StoreSettings
from crm_store.stars import index_of, is_low, parse_weights, stars_of, weighted_mean

SCORES = st.dictionaries(st.sampled_from("abc"), st.floats(0, 100), min_size=1)


@pytest.mark.parametrize(
    ("scores", "weights", "mean"),
    [
        ({"a": 90, "b": 80, "c": 85}, {"a": 0.3, "b": 0.3, "c": 0.4}, 85.0),
        ({"a": 70, "b": 75, "c": 80}, {"a": 0.3, "b": 0.3, "c": 0.4}, 75.5),
        ({"a": 75, "b": 100, "c": 75}, {}, 250 / 3),
        ({"a": 100}, {"a": 1, "b": 9}, 100.0),
        ({"a": 100}, {"a": 0}, None),
        ({}, {}, None),
    ],
)
def test_the_mean_is_over_what_was_answered(
    scores: dict[str, float], weights: dict[str, float], mean: float | None
) -> None:
    assert weighted_mean(scores, weights) == (None if mean is None else pytest.approx(mean))


@given(scores=SCORES, weights=st.lists(st.floats(0.01, 10), min_size=3, max_size=3))
def test_it_is_the_mean_that_customers_are_scored_by(scores: dict[str, float], weights: list[float]) -> None:
    row = np.array([[scores.get(name, np.nan) for name in "abc"]])
    named = dict(zip("abc", weights, strict=True))
    assert weighted_mean(scores, named) == pytest.approx(float(satisfaction(row, weights)[0]))


@pytest.mark.parametrize(
    ("mean", "line", "low"), [(25, 2, True), (25.1, 2, False), (0, 0, False), (37.5, 2.5, True)]
)
def test_low_is_at_most_the_line(mean: float, line: float, low: bool) -> None:
    assert is_low(mean, line) is low
    assert index_of(stars_of(mean)) == pytest.approx(mean)


def test_weights_are_written_aspect_by_aspect() -> None:
    assert parse_weights("service quality 2, price 0.5") == {"service quality": 2.0, "price": 0.5}
    settings = StoreSettings(rating_aspects="speed,price", rating_weights="price 3")
    assert settings.weights == {"speed": 1.0, "price": 3.0}


@pytest.mark.parametrize("text", ["price", "2", "price -1", "price x", "price inf", "price nan"])
def test_what_is_no_weight_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="write it as"):
        StoreSettings(rating_weights=text)


def test_something_must_count() -> None:
    with pytest.raises(ValidationError, match="needs a weight above 0"):
        StoreSettings(rating_aspects="price", rating_weights="price 0")
