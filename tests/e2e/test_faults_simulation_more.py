"""The second half of the seeds, which may run beside the first."""

import pytest

from tests.e2e.test_faults_simulation import CHUNK, held


@pytest.mark.parametrize("first", range(500, 1000, CHUNK))
def test_every_rule_holds_here_too(first: int) -> None:
    held(first)
