"""Which texts teach where there are very many."""

import numpy as np
import pytest

from knowledge_base import training
from knowledge_base.training import rank_within, taught


def test_all_teach_where_they_are_not_too_many() -> None:
    labels = np.array([0, 0, 1, 2])
    assert taught(labels, 0).tolist() == [0, 1, 2, 3]


def test_of_too_many_each_class_has_an_even_share_and_small_ones_keep_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "_MOST_TAUGHT", 90)
    labels = np.repeat([0, 1, 2], [200, 100, 7])

    kept = taught(labels, 0)

    assert np.bincount(labels[kept]).tolist() == [30, 30, 7]
    assert kept.tolist() == sorted(set(kept.tolist()))
    assert taught(labels, 0).tolist() == kept.tolist()


def test_the_rank_within_a_label_counts_those_before() -> None:
    assert rank_within(np.array([3, 1, 3, 3, 1])).tolist() == [0, 0, 1, 2, 1]
