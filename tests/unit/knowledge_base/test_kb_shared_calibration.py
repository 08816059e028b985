"""Whether the usual calibration is what its own command would write is told figure by figure."""

import copy
from typing import Any

import pytest

from benchmarks.shared_calibration import SAME, moved
from knowledge_base import usual


@pytest.mark.parametrize("semantic", [False, True])
def test_what_moved_farther_than_rounding_is_named(*, semantic: bool) -> None:
    shipped = usual.coefficients(semantic=semantic)
    fitted: dict[str, Any] = copy.deepcopy(dict(shipped))
    fitted["margin"][0] += SAME / 2
    assert moved(fitted, shipped) == {}
    fitted["first"][3][1] -= 2 * SAME
    fitted["harder"][1] += 0.184
    assert moved(fitted, shipped) == pytest.approx({"first": 2 * SAME, "harder": 0.184})
