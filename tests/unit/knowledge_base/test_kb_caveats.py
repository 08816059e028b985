"""What is told beside a promise: little evidence, and an expectation above the budget."""

import pytest

from knowledge_base.calibration import LITTLE_EVIDENCE, Caveat, Promise


@pytest.mark.parametrize(
    ("wrong", "count", "caveats"),
    [
        (0.02, LITTLE_EVIDENCE, ()),
        (0.02, LITTLE_EVIDENCE - 1, ("little_evidence",)),
        (0.021, LITTLE_EVIDENCE, ("over_budget",)),
        (0.021, 0, ("little_evidence", "over_budget")),
    ],
)
def test_what_a_promise_rests_on_is_told(wrong: float, count: int, caveats: tuple[Caveat, ...]) -> None:
    assert Promise(0.02, wrong, 0.0, 0.05, 0.5, count).caveats == caveats
