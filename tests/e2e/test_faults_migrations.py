"""An upgrade of 20,000 rows killed five times, on both databases (a million and fifty before a release)."""

import pytest

from benchmarks.migrations.__main__ import figures


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_killed_upgrade_goes_on_and_ends_the_same(database: str) -> None:
    found = figures(database, rows=20_000, kills=5, seed=20261121)
    assert found["kills"] == 5
    assert found["same_result"]
    assert found["went_back"] == 0
    assert found["backups_left"] <= 3
    assert found["leftovers"] == 0
