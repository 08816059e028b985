"""The bot under a seeded scheduler: every rule holds, the same seed gives the same trace, planted faults are found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.open_files import open_files
from tests.simulation.mutations import MUTATIONS, found_after
from tests.simulation.running import run

ROOT = Path(__file__).parents[2]
CHUNK = 25
LEAST_EVENTS = 200


def held(first: int) -> None:
    """Every rule holds in a chunk of seeds."""
    broken = []
    for result in run(range(first, first + CHUNK)):
        assert result.events >= LEAST_EVENTS
        if result.broken:
            broken.append(f"{result.broken}; replay: python -m tests.simulation --seed {result.seed}")
    assert not broken


@pytest.mark.parametrize("first", range(0, 500, CHUNK))
def test_every_rule_holds(first: int) -> None:
    held(first)


@pytest.mark.parametrize("seed", [3, 7])
def test_a_seed_goes_the_same_way_in_every_process(seed: int) -> None:
    traces = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", str(seed)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert traces[0] == traces[1]
    assert traces[0].count(b"\n") > LEAST_EVENTS


def test_a_process_that_ends_leaves_no_file_open() -> None:
    results = list(run(range(3)))
    assert sum(result.crashes for result in results) > 0
    assert open_files("store.db-sent") == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_broken_on_purpose_is_found_by_the_rule_for_it(name: str) -> None:
    assert found_after(name, 160) is not None
