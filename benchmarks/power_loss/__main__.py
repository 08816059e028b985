"""Power cuts: what the disk may hold after one, opened and held against what had been acknowledged.

The shipped writer (reception, delivery, the store with its own settings, backups, the folder of files, restores,
checkpoints, the start that makes or upgrades the tables) works while a preloaded library logs all that it does to
its files.
Then disks are made as a cut at random and at aimed moments may leave them: unsynced changes dropped, kept up to
some point, kept here and there, in another order, torn at 512 bytes. Each is opened with the writer's settings, and
one in twenty by `open_store` or the program's whole start.

    python -m benchmarks.power_loss --images 10000 [--seed N] [--json]

`corrupt`: not whole, or the program cannot open it. `acknowledged_lost`: something promised is not there.
`torn`: half a transaction. All must be 0. The same with `synchronous` NORMAL and OFF is the control, and must find
losses: a check that cannot fail shows nothing. It needs a C compiler (apt-get install gcc libc6-dev).
"""

import argparse
import json
import sys
import time
from typing import Any

from benchmarks.power_loss.trial import NoCompiler, run


def figures(images: int, seed: int, control: int) -> dict[str, Any]:
    """The trial and, with `control` images each, the same with the settings we do not ship."""
    began = time.monotonic()
    tally = run(images, seed)
    seconds = time.monotonic() - began
    controls = {name: dict(run(control, seed, name).faults) for name in ("NORMAL", "OFF") if control}
    return {
        "images": tally.images,
        "corrupt": tally.faults["Corrupt"],
        "acknowledged_lost": tally.faults["Lost"],
        "torn": tally.faults["Torn"],
        "seed": seed,
        "seconds": round(seconds, 1),
        "distinct": tally.images - tally.repeated,
        "by_loss": dict(tally.losses),
        "control_images": control,
        "control_faults": controls,
        "examples": tally.examples,
    }


def holds(found: dict[str, Any]) -> bool:
    """Nothing is lost, and the control shows that a loss would be seen."""
    clean = not (found["corrupt"] or found["acknowledged_lost"] or found["torn"])
    seen = all(sum(faults.values()) for faults in found["control_faults"].values())
    return clean and seen


def main() -> int:
    """Print the figures; 1 when something is lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--control", type=int, default=500, help="images of each control (0: none)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        found = figures(given.images, given.seed, given.control)
    except NoCompiler as error:
        print(error, file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            bar = "  (bar: 0)" if name in ("corrupt", "acknowledged_lost", "torn") else ""
            print(f"{name:20} {value}{bar}")
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
