"""Segments: the same groups, numbers and names whatever the order and the run."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin_api.scoring.errors import ScoringError
from admin_api.scoring.segment_names import ARCHETYPES, plain_names, rfm_names
from admin_api.scoring.segments import segment


def three_groups(size: int = 40) -> np.ndarray:
    generator = np.random.default_rng(11)
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 20.0]])
    return np.concatenate([centre + generator.normal(size=(size, 2)) for centre in centres])


def test_worked_example() -> None:
    found = segment(np.array([[1.0, 2], [2, 3], [3, 4], [4, 5]]), 2)
    assert found.labels.tolist() == [0, 0, 1, 1]
    assert found.centroids.tolist() == [[1.5, 2.5], [3.5, 4.5]]
    assert found.sizes == (2, 2)


def test_three_by_default_and_by_silhouette() -> None:
    rows = three_groups()
    for found in (segment(rows), segment(rows, "auto")):
        assert found.sizes == (40, 40, 40)
        assert found.silhouette == pytest.approx(0.8, abs=0.15)


def test_centroids_are_the_members_means_in_original_units() -> None:
    rows = three_groups()
    found = segment(np.log1p(rows - rows.min()), 3, original=rows)
    for number in range(found.k):
        assert found.centroids[number] == pytest.approx(rows[found.labels == number].mean(axis=0))


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 2, 3, 5, "auto"]))
def test_the_order_of_rows_does_not_matter(random: Random, k: object) -> None:
    rows = np.round(np.random.default_rng(3).exponential(size=(60, 3)), 1)
    order = list(range(len(rows)))
    random.shuffle(order)
    one, other = segment(rows, k), segment(rows[order], k)
    assert other.labels.tolist() == one.labels[order].tolist()
    assert other.centroids.tolist() == one.centroids.tolist()
    assert rfm_names(other.profile) == rfm_names(one.profile)


def test_a_large_population_is_fitted_on_a_sample_and_assigned_whole() -> None:
    rows = three_groups(400)
    found = segment(rows, 3, fit_rows=100)
    assert found.sizes == (400, 400, 400)
    assert found.labels.tolist() == segment(rows, 3).labels.tolist()


@pytest.mark.parametrize(
    ("rows", "k", "sizes"),
    [
        ([[1.0, 2.0]], 3, (1,)),
        ([[1.0, 2.0]], "auto", (1,)),
        ([[1.0], [2.0]], 5, (1, 1)),
        ([[7.0, 7.0]] * 9, 3, (9,)),
        ([[0.1, 0.3]] * 9, "auto", (9,)),
        ([[1.0, 5.0], [1.0, 5.0], [2.0, 5.0]], 3, (2, 1)),
        ([[1.0, 5.0], [1.0, 5.0], [2.0, 5.0]], "auto", (2, 1)),
        ([[1.0], [2.0], [2.0 + 1e-13]], 3, (1, 2)),
    ],
)
def test_never_more_segments_than_different_rows(
    rows: list[list[float]], k: object, sizes: tuple[int, ...]
) -> None:
    found = segment(np.array(rows), k)
    assert found.sizes == sizes
    assert found.k_asked == k


def test_a_missing_value_is_refused_with_its_place() -> None:
    with pytest.raises(ScoringError, match="Row 2, column 1 has no value"):
        segment(np.array([[1.0], [np.nan]]))


@pytest.mark.parametrize("k", [0, -1, 21, 2.5, True, "many", None])
def test_an_impossible_k_is_refused(k: object) -> None:
    with pytest.raises(ScoringError, match="whole number from 1 to 20"):
        segment(np.array([[1.0], [2.0]]), k)


def test_no_rows() -> None:
    with pytest.raises(ScoringError, match="no rows"):
        segment(np.empty((0, 2)))


@pytest.mark.parametrize(
    ("recency_frequency_monetary", "name"),
    [
        ([-0.8, 1.5, 1.6], "Champions"),
        ([-0.6, -1.0, -0.9], "New"),
        ([1.6, -0.8, -0.8], "Dormant"),
        ([1.2, 0.4, 0.5], "At risk"),
        ([-0.2, 0.2, 1.7], "Big spenders"),
        ([0.0, 0.0, 0.0], "Regulars"),
    ],
)
def test_a_centroid_gets_the_name_of_its_place(recency_frequency_monetary: list[float], name: str) -> None:
    assert rfm_names(np.array([recency_frequency_monetary])) == (name,)


@settings(max_examples=50)
@given(st.lists(st.tuples(*[st.floats(-3, 3)] * 3), min_size=1, max_size=20))
def test_names_are_distinct(profile: list[tuple[float, float, float]]) -> None:
    names = rfm_names(np.array(profile))
    assert len(set(names)) == len(profile)
    assert set(names[:1]) <= set(ARCHETYPES) or len(profile) > len(ARCHETYPES)
    assert len(set(plain_names(np.array(profile), ("a", "b", "c")))) == len(profile)


def test_plain_names_say_where_a_segment_differs() -> None:
    profile = np.array([[-1.0, 0.1, 0.5], [0.2, 0.1, 0.0], [-0.9, 0.0, 0.3]])
    assert plain_names(profile, ("visits", "age", "spend")) == (
        "low visits, high spend",
        "average",
        "low visits, high spend 2",
    )
