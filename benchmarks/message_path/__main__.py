"""The path of a message, measured beside the usual ways: the store alone, and end to end over a Bot API server.

    python -m benchmarks.message_path [--quick] [--json]

`store_to_raw`, `store_to_orm`: messages a second of the store path with 512 waiting, against plain sqlite3 running
the very same statements and against one ORM transaction a message. `end_to_end_to_stock`, `end_to_end_to_aiogram`:
our bot, with all it does, against the peers in `benchmarks/peers`, with BANKING77's articles and its customers'
questions; the three take turns. `p99_ms_at_30`, `p99_ms_at_1000`: from an update's birth at the server to its
answer's arrival there, at so many a second. `first_answer_s`: from the start of a process to its first answer, where
a server ran before; `first_start_s`: where none ever did. `--quick` leaves out the two p99.

The figures depend on the machine and on who else uses it, so missing a bar here fails nothing. The Bot API server
runs in this process and needs a core of its own; where others take it, ours is held up more than the peers, and only
the processor times tell (`cpu_us_per_message`, `stock_cpu_to_ours`, `store_cpu_to_raw`: how much more ours costs).
"""

import argparse
import json
from typing import Any

import uvloop

from benchmarks.bars import Bar, machine, table
from benchmarks.datasets import dataset
from benchmarks.message_path.measuring import QUICK, WHOLE, measure, questions
from bot.process import spare_the_collector

BARS = (
    Bar("store_to_raw", at_least=0.5, reach="(trial 0.63)"),
    Bar("store_to_orm", at_least=40, reach="(trial 80)"),
    Bar("end_to_end_to_stock", at_least=12, reach="(trial 15.8)"),
    Bar("end_to_end_to_aiogram", at_least=1),
    Bar("end_to_end_per_s", at_least=2000, reach="(trial 2,826)"),
    Bar("cpu_us_per_message", at_most=350, reach="(trial 264)"),
    Bar("p99_ms_at_30", at_most=25, reach="(trial 14)"),
    Bar("core_share_at_30", at_most=0.1, reach="(trial 0.08)"),
    Bar("p99_ms_at_1000", at_most=50, reach="(trial 21)"),
    Bar("p999_ms_at_1000", at_most=150, reach="(trial 28)"),
    Bar("first_answer_s", at_most=3),
)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="within 50 seconds, without the two p99")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    spare_the_collector()  # as a server does, whose store path runs in here
    texts = questions(dataset("banking77/questions.csv"))
    size = QUICK if given.quick else WHOLE
    found: dict[str, Any] = dict(uvloop.run(measure(size, dataset("banking77/articles.csv"), texts)))
    if given.json:
        print(json.dumps(found | {"machine": machine()}))
    else:
        print(f"{table(found, BARS)}\n{machine()}")


if __name__ == "__main__":
    main()
