"""A short morning of the whole program; the long one is `python -m benchmarks.morning`."""

from pathlib import Path

import pytest

from benchmarks.morning.__main__ import BARS
from benchmarks.morning.trial import run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
CUSTOMERS, LASTS_S = 20, 4.0


async def test_everybody_is_served_or_told_and_the_report_agrees_with_the_events(tmp_path: Path) -> None:
    morning = await run(tmp_path, CUSTOMERS, LASTS_S, seed=1, waits_s=240.0)
    assert not morning.breaks
    for bar in BARS:
        assert bar.holds(morning.figures[bar.name]), bar.name
    assert set(morning.figures["outcomes"]) >= {"asked", "served", "told"}
