"""Four bots and two APIs on one PostgreSQL, killed and stopped. The long form: `python -m benchmarks.growth`."""

import pytest

from benchmarks.bars import missed, none_of
from benchmarks.growth.__main__ import measure


@pytest.mark.parametrize("form", ["polling", "webhook"])
def test_nothing_is_lost_or_twice_while_processes_come_and_go(form: str) -> None:
    (found,) = measure([form], seconds=5, crowd=120, seed=11)
    figures = found.figures()
    broken = missed(figures, none_of("lost", "duplicated", "out_of_order"))
    assert not broken, f"{broken}\nof {figures}"
    assert found.kills_of_leader >= 1, figures
    # What was on the wire of a leader that ended, or was stopped; the long form holds the average to one a kill.
    assert figures["extra_deliveries"] <= 8 * (found.kills_of_leader + 1), figures
