"""An upgrade of a million rows, killed at random moments, goes on where it was and ends as one that was not killed.

The next version's revisions are the benchmark's own: columns added, one filled in batches, the table made anew with
it required and indexed, another filled. They run through the product's start, backup included, in a process of its
own that is ended by SIGKILL.

    python -m benchmarks.migrations --rows 1000000 --kills 50 [--database sqlite|postgres|both] [--seed N] [--json]

`same_result`: the same tables, indexes and rows as without a kill. `went_back`: kills that lost batches already
done; must be 0.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.bars import all_of, command_line, none_of, tell_parts
from benchmarks.migrations.killing import Killed, run_killed
from benchmarks.migrations.store import fill


async def on_sqlite(rows: int, kills: int, seed: int, folder: Path) -> Killed:
    """The trial on files in the folder."""
    filled = folder / "filled.db"
    await fill(f"sqlite:///{filled}", str(folder), rows)

    async def copy(name: str) -> str:
        for old in folder.glob("killed*"):
            old.unlink()
        return f"sqlite:///{shutil.copy(filled, folder / f'{name}.db')}"

    return await run_killed(copy, folder, kills, seed)


async def on_postgres(rows: int, kills: int, seed: int, folder: Path) -> Killed:
    """The trial on a server of its own."""
    from tests.postgres_server import start_server

    server = start_server()
    try:
        server.sql('CREATE DATABASE "filled"')
        await fill(server.database("filled"), str(folder), rows)

        async def copy(name: str) -> str:
            await asyncio.to_thread(server.sql, f'CREATE DATABASE "{name}" TEMPLATE "filled"')
            return server.database(name)

        return await run_killed(copy, folder, kills, seed)
    finally:
        server.stop()


TRIALS = {"sqlite": on_sqlite, "postgres": on_postgres}


def figures(database: str, rows: int, kills: int, seed: int) -> dict[str, Any]:
    """One trial's figures."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-migrations-") as folder:
        began = time.monotonic()
        found = asdict(asyncio.run(TRIALS[database](rows, kills, seed, Path(folder))))
    return found | {"rows": rows, "seed": seed, "seconds": round(time.monotonic() - began, 1)}


BARS = (*all_of("same_result"), *none_of("went_back", "leftovers"))
"""It came to the same end, no batch was done twice, and nothing stays of what was cut off."""


def main() -> int:
    """Print the figures; 1 when an upgrade ended otherwise."""
    parser = command_line(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--database", choices=(*TRIALS, "both"), default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    names = TRIALS if given.database == "both" else [given.database]
    found = {name: figures(name, given.rows, given.kills, given.seed) for name in names}
    return tell_parts(found, BARS, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
