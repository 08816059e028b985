"""The store's state machines beside their models; the long form is `python -m tests.machines`."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.all import MACHINES
from tests.machines.base import Machine

SHORT = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("machine", MACHINES)
def test_store_and_model_agree(machine: type[Machine]) -> None:
    run_state_machine_as_test(machine, settings=SHORT)
