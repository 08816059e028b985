"""Faults on the real program, the short forms.

The long ones, and more of them: `python -m benchmarks.faults`, `benchmarks.away`, `benchmarks.soak`.
"""

from dataclasses import asdict

import pytest

from benchmarks.away.__main__ import QUICK
from benchmarks.away.__main__ import run as be_away
from benchmarks.bars import missed
from benchmarks.faults.row import try_in_a_row
from benchmarks.faults.shim import Impossible
from benchmarks.soak.__main__ import run as soak

pytestmark = pytest.mark.timeout(300)


async def test_locked_full_nameless_stopped_and_out_of_time_nothing_is_lost() -> None:
    try:
        row = await try_in_a_row()
    except Impossible as reason:
        pytest.fail(str(reason), pytrace=False)
    assert not row.failed, f"{row.failed}\nof {row}"


async def test_a_full_outbox_leaves_at_telegrams_pace() -> None:
    found = (await be_away(QUICK)).figures
    broken = missed(found, QUICK.bars)
    assert not broken, f"{broken}\nof {found}"


async def test_a_short_soak_leaves_nothing_behind() -> None:
    result = await soak(0.2, 60, every_s=4)
    broken = missed(asdict(result), result.bars)
    assert not broken, f"{broken}\nof {result}"
