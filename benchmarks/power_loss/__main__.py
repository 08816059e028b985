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

import sys
import time
from typing import Any

from benchmarks.bars import all_of, command_line, none_of, tell
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
        **({"control_sees_losses": all(sum(one.values()) for one in controls.values())} if control else {}),
        "examples": tally.examples,
    }


BARS = (*none_of("corrupt", "acknowledged_lost", "torn"), *all_of("control_sees_losses"))
"""Nothing is lost, and the control shows that a loss would be seen."""


def main() -> int:
    """Print the figures; 1 when something is lost."""
    parser = command_line(__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--control", type=int, default=500, help="images of each control (0: none)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    try:
        found = figures(given.images, given.seed, given.control)
    except NoCompiler as error:
        print(error, file=sys.stderr)
        return 1
    return tell(found, BARS, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
