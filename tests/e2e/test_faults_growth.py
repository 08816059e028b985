"""Four bots and two APIs on one PostgreSQL, killed and stopped. The long form: `python -m benchmarks.growth`."""

import pytest

from benchmarks.growth.__main__ import measure


@pytest.mark.parametrize("form", ["polling", "webhook"])
def test_nothing_is_lost_or_twice_while_processes_come_and_go(form: str) -> None:
    (found,) = measure([form], seconds=5, crowd=120, seed=11)
    assert found.verdict is not None
    assert (found.verdict.lost, found.verdict.duplicated, found.verdict.out_of_order) == (0, 0, 0)
    assert found.kills_of_leader >= 1
    # What was on the wire of a leader that ended, or was stopped; the long form holds the average to one a kill.
    assert found.verdict.extra_deliveries <= 8 * (found.kills_of_leader + 1)
