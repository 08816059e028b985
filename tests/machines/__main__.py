"""`python -m tests.machines --examples 2000 --steps 50 --json`: every machine, and how many steps broke nothing."""

import argparse
import json
import sys
import time
import traceback

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.all import MACHINES
from tests.machines.base import steps


def main() -> int:
    """0 when no machine and its model disagreed."""
    parser = argparse.ArgumentParser(prog="python -m tests.machines")
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=50)
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
    bars = {"breaks": 0}
    if wanted.json:
        print(json.dumps(figures | {"bars": bars}))
    else:
        for name, figure in figures.items():
            print(f"{name:10} {figure}{f'   (bar: {bars[name]})' if name in bars else ''}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
