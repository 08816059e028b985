"""A bot asked to stop (SIGTERM) at random moments, over and over, under the load of `benchmarks.kill9`.

    python -m benchmarks.sigterm --times 100 [--database-url URL | --postgres] [--seed N] [--json]

Each stop takes 5 s at most and ends with status 0; nothing is lost, nothing comes twice, and nothing is delivered
again that no ordered fault had left in doubt. No log complains of another program that polls (`false_alarms`).
"""

import sys

from benchmarks.kills.command import Figures, parser, show, trials

STOP_WITHIN_S = 5.0
BARS = {
    "lost": "0",
    "duplicated": "0",
    "out_of_order": "0",
    "extra_deliveries": "0",
    "extra_without_cause": "0",
    "false_alarms": "0",
    "slowest_end_s": f"<= {STOP_WITHIN_S:g}",
    "failed_ends": "0",
}


def is_held(figures: Figures) -> bool:
    """Whether the bars hold."""
    is_in_time = figures.slowest_end_s <= STOP_WITHIN_S and not figures.failed_ends
    return figures.is_sound and not figures.extra_deliveries and is_in_time


def main() -> int:
    """Print the figures."""
    given = parser(__doc__, "--times", 100).parse_args()
    figures = trials(
        given.cycles,
        given.database_url,
        is_postgres=given.postgres,
        seed=given.seed,
        word="stop",
        life_s=given.life_s,
    )
    return show(given, figures, BARS, is_held(figures))


if __name__ == "__main__":
    sys.exit(main())
