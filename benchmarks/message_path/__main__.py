"""The path of a message, measured beside the usual ways: the store alone, and end to end over a Bot API server.

    python -m benchmarks.message_path [--quick] [--json]

`store_to_raw`, `store_to_orm`: messages a second of the store path with 512 waiting, against the same rows written by
hand with plain sqlite3 in sets of 512 and against one ORM transaction a message (`store_to_raw_alone`: plain sqlite3
with a commit a message; `store_full_to_normal`: what syncing every commit costs). `end_to_end_to_stock`,
`end_to_end_to_aiogram`: our bot, with all it does, against the peers in `benchmarks/peers`, with BANKING77's articles
and its customers' questions; the three take turns. `p99_ms_at_30`, `p99_ms_at_1000`: from an update's birth at the
server to its answer's arrival there, at so many a second. `first_answer_s`: from the start of a process to its first
answer, where a server ran before; `first_start_s`: where none ever did. `--quick` leaves out the two p99.

A ratio that misses its bar ends this with status 1; times and speeds hang on the machine and on who else uses it, are
held or missed, and end nothing. The Bot API server runs in this process and needs a core of its own; where others
take it, ours is held up more than the peers, and only the processor times tell (`cpu_us_per_message`,
`stock_cpu_to_ours`, `store_cpu_to_raw`: how much more ours costs). The bar of 350 µs was set on a machine where
python-telegram-bot made its objects of one update in 65 µs; `update_us` is what that takes here in the same run, and
`cpu_to_update` how many such updates a message costs (yardstick.py).
"""

import sys
from typing import Any

import uvloop

from benchmarks.bars import Bar, command_line, machine, tell
from benchmarks.datasets import dataset
from benchmarks.message_path.measuring import QUICK, WHOLE, measure, questions
from benchmarks.message_path.yardstick import THERE_US
from bot.process import spare_the_collector

BARS = (
    Bar("store_to_raw", at_least=0.5, reach="(trial 0.63)"),
    Bar("store_to_raw_alone", at_least=5, reach="(trial 5.9)"),
    Bar("store_to_orm", at_least=40, reach="(trial 80)"),
    Bar(
        "store_full_to_normal", at_least=0.9, reach="(trial 1.04)", ends=False
    ),  # of the disk, not of the program
    Bar("store_per_s", at_least=20_000, reach="(trial 34,600)", ends=False),
    Bar("end_to_end_to_stock", at_least=12, reach="(trial 15.8)"),
    Bar("end_to_end_to_aiogram", at_least=1),
    Bar("end_to_end_per_s", at_least=2000, reach="(trial 2,826)", ends=False),
    Bar("cpu_us_per_message", at_most=350, reach="(trial 264)", ends=False),
    Bar("cpu_to_update", at_most=350 / THERE_US, reach="(trial 4.1)", ends=False),
    Bar("p99_ms_at_30", at_most=25, reach="(trial 14)", ends=False),
    Bar("core_share_at_30", at_most=0.1, reach="(trial 0.08)", ends=False),
    Bar("p99_ms_at_1000", at_most=50, reach="(trial 21)", ends=False),
    Bar("p999_ms_at_1000", at_most=150, reach="(trial 28)", ends=False),
    Bar("first_answer_s", at_most=3, ends=False),
)


def main() -> int:
    """Print the figures; 1 when a ratio misses its bar."""
    parser = command_line(__doc__)
    parser.add_argument("--quick", action="store_true", help="within 50 seconds, without the two p99")
    given = parser.parse_args()
    spare_the_collector()  # as a server does, whose store path runs in here
    texts = questions(dataset("banking77/questions.csv"))
    size = QUICK if given.quick else WHOLE
    found: dict[str, Any] = dict(uvloop.run(measure(size, dataset("banking77/articles.csv"), texts)))
    return tell(found | {"machine": machine()}, BARS, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
