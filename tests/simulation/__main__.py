"""`python -m tests.simulation --seeds 1000 [--first 0] [--json]`, or `--seed N` to replay one and see its trace."""

import argparse
import sys
import time
from typing import Any

from benchmarks.bars import Bar, none_of, tell
from tests.simulation.running import run

REPLAY = "replay: python -m tests.simulation --seed {seed}"
BARS = (Bar("events_least", at_least=200), *none_of("broken"))


def play(seeds: range, *, is_traced: bool) -> dict[str, Any]:
    """What came of these seeds; those that break a rule are named as they are found."""
    failed, events, crashes, faults = [], [], 0, 0
    for result in run(seeds):
        events.append(result.events)
        crashes, faults = crashes + result.crashes, faults + result.faults
        if is_traced:
            print("\n".join(result.trace))
        if result.broken:
            failed.append(result.seed)
            print(
                f"seed {result.seed}: {result.broken}\n  {REPLAY.format(seed=result.seed)}", file=sys.stderr
            )
    return {
        "seeds": len(events),
        "events_least": min(events, default=0),
        "events": sum(events),
        "crashes": crashes,
        "disk_faults": faults,
        "broken": len(failed),
        "failed_seeds": failed[:20],
    }


def main() -> int:
    """0 when every rule held in every run."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100, help="how many runs")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="replay this one, with its trace")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")
    wanted = parser.parse_args()
    if wanted.seed is not None:
        return tell(play(range(wanted.seed, wanted.seed + 1), is_traced=True), BARS, as_json=wanted.json)
    began = time.process_time()
    figures = play(range(wanted.first, wanted.first + wanted.seeds), is_traced=False)
    figures["cpu_ms_per_seed"] = round((time.process_time() - began) * 1000 / max(1, figures["seeds"]), 1)
    return tell(figures, BARS, as_json=wanted.json)


if __name__ == "__main__":
    sys.exit(main())
