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
    # A lane has one message on the wire: who ended (or was stopped) leaves one in each chat at most. The long form
    # holds the sum of them to one a kill, which a few kills say nothing about.
    assert figures["most_extras_of_a_chat"] <= found.kills + 1, figures
