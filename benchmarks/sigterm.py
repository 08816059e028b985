"""A bot asked to stop (SIGTERM) at random moments, over and over, under the load of `benchmarks.kill9`.

    python -m benchmarks.sigterm --times 100 [--database-url URL | --postgres] [--seed N] [--json]

Each stop takes 5 s at most and ends with status 0; nothing is lost, nothing comes twice, and nothing is delivered
again that no ordered fault had left in doubt. No log complains of another program that polls (`false_alarms`).
"""

import sys

from benchmarks.bars import Bar, none_of
from benchmarks.kills.command import SOUND, main

BARS = (
    *SOUND,
    *none_of("extra_deliveries", "failed_ends"),
    Bar("slowest_end_s", at_most=5),
)

if __name__ == "__main__":
    sys.exit(main(__doc__, "--times", "stop", BARS))
