"""The plain SQL of the morning counts each moment as what it is."""

import sqlite3
from contextlib import closing

import pytest

from benchmarks.morning.figures import SECONDS


@pytest.mark.parametrize("fraction", ["", ".000001", ".499500", ".999400", ".999600", ".999999"])
def test_a_moment_is_its_second_and_its_fraction(fraction: str) -> None:
    with closing(sqlite3.connect(":memory:")) as store:
        query = f"SELECT {SECONDS.format(':at')} - unixepoch('2026-11-22 17:00:00')"
        (found,) = store.execute(query, {"at": f"2026-11-22 17:00:00{fraction}"}).fetchone()
    assert found == pytest.approx(float(f"0{fraction}"), abs=1e-6)
