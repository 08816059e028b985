"""Backups of a busy store come back whole on both databases; damaged ones are refused (more before a release)."""

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.backups.__main__ import damaged, on_postgres, on_sqlite


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trial", [on_sqlite, on_postgres])
def test_a_backup_of_a_busy_store_comes_back(trial: Callable[[float, int], dict[str, Any]]) -> None:
    found = trial(2, 1)
    assert found["faults"] == []
    assert found["restored"] == 2
    assert found["came_back"] == 0


def test_damaged_backups_are_refused_before_anything_is_touched() -> None:
    found = damaged(100, seed=20261121)
    assert found["wrong"] == {}
    assert found["refused"] == 100
