"""`python -m tests.machines --examples 2500 --steps 50 --least 500000 --json`: every machine, and how many steps
broke nothing. An example may end before its steps are up, so that what counts is the steps that were run."""

import argparse
import sys
import time
import traceback

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.bars import Bar, none_of, tell
from tests.machines.all import MACHINES
from tests.machines.base import steps


def main() -> int:
    """0 when no machine and its model disagreed, in as many steps as were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.machines")
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument(
        "--least", type=int, default=0, help="fewer steps than these, all together, is a failure"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")
    wanted = parser.parse_args()
    config = settings(
        max_examples=wanted.examples,
        stateful_step_count=wanted.steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    began, broken = time.process_time(), []
    for machine in MACHINES:
        try:
            run_state_machine_as_test(machine, settings=config)
        except Exception:
            broken.append(machine.__name__)
            traceback.print_exc()
    figures = {
        "machines": len(MACHINES),
        "examples": wanted.examples,
        "steps": sum(steps.values()),
        "steps_of": dict(steps),
        "breaks": len(broken),
        "broken": broken,
        "cpu_s": round(time.process_time() - began, 1),
    }
    bars = (*none_of("breaks"), Bar("steps", at_least=wanted.least))
    return tell(figures, bars, as_json=wanted.json)


if __name__ == "__main__":
    sys.exit(main())
