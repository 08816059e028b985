"""`python -m tests.simulation --seeds 1000 [--first 0] [--json]`, or `--seed N` to replay one and see its trace."""

import argparse
import json
import sys
import time

from tests.simulation.running import run

REPLAY = "replay: python -m tests.simulation --seed {seed}"


def main() -> int:
    """0 when every rule held in every run."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100, help="how many runs")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="replay this one, with its trace")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")
    wanted = parser.parse_args()
    is_replay = wanted.seed is not None
    seeds = (
        range(wanted.seed, wanted.seed + 1) if is_replay else range(wanted.first, wanted.first + wanted.seeds)
    )
    began, failed, events, crashes, faults = time.process_time(), [], [], 0, 0
    for result in run(seeds):
        events.append(result.events)
        crashes, faults = crashes + result.crashes, faults + result.faults
        if is_replay:
            print("\n".join(result.trace))
        if result.broken:
            failed.append(result.seed)
            print(
                f"seed {result.seed}: {result.broken}\n  {REPLAY.format(seed=result.seed)}", file=sys.stderr
            )
    figures = {
        "seeds": len(events),
        "events_least": min(events, default=0),
        "events": sum(events),
        "crashes": crashes,
        "disk_faults": faults,
        "broken": len(failed),
        "failed_seeds": failed[:20],
    }
    if not is_replay:  # whose output is the same every time
        figures["cpu_ms_per_seed"] = round((time.process_time() - began) * 1000 / max(1, len(events)), 1)
    bars = {"events_least": 200, "broken": 0}
    if wanted.json:
        print(json.dumps(figures | {"bars": bars}))
    else:
        for name, figure in figures.items():
            print(f"{name:16} {figure}{f'   (bar: {bars[name]})' if name in bars else ''}")
    return int(bool(failed) or min(events, default=0) < bars["events_least"])


if __name__ == "__main__":
    sys.exit(main())
