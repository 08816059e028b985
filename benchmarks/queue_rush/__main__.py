"""R5: 50 agents in 8 workers take from one queue of 5,000 until it is empty, beside the same in plain SQL.

    python -m benchmarks.queue_rush [--sqlite] [--workers 8] [--agents 50] [--conversations 5000] [--json]

Workers are processes on PostgreSQL, and tasks of one server on SQLite. `double_assigned`: conversations given to two.
`displacement`: by how many places a conversation went before its turn in the order that is promised, of mixed
priorities; `lateness`: after it. `share`: what the busiest agent took beside an even share. `not_returned`: of the
conversations nobody replies to, those that are not back at their old place once the time for a first reply is over.
`plain_per_s`: the same rows written by the driver alone, by as many workers. Bars: 0; at most as many as there are
agents; 1.5; 0.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.databases import database
from benchmarks.queue_rush.trial import run


def main() -> int:
    """Print the figures of one kind of database; 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--conversations", type=int, default=5_000)
    parser.add_argument("--sqlite", action="store_true", help="on an SQLite file, else on PostgreSQL")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    workers = 1 if given.sqlite else given.workers
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rush.db" if given.sqlite else None
        with database(file=file) as url:
            found = asyncio.run(run(url, given.agents, given.conversations, workers))
    if given.json:
        print(json.dumps({**asdict(found), "holds": found.holds()}))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in asdict(found).items()))
    return 0 if found.holds() else 1


if __name__ == "__main__":
    sys.exit(main())
