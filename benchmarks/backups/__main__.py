"""Backups taken while messages are written at full speed: how long, who waits, and whether each comes back.

    python -m benchmarks.backups [--megabytes 200] [--postgres-megabytes 50] [--damaged 500] [--seed N] [--json]

`seconds` is a backup from its first byte until it is verified and named, `p99_ms_meanwhile` how long all but one in a
hundred batches of 64 messages waited for their commit meanwhile, `p99_ms_otherwise` how long without. Each backup is
restored, checked (pages, references, counts, ids without gaps, every question with its answer), and started on by
the whole program, which must answer. One more is restored over a store that erased somebody since. Then copies are
damaged, each another way, and must be refused before anything is touched, with words on what to do.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.backups.busy import NOW, make_store
from benchmarks.backups.damaging import refused
from benchmarks.backups.trial import Place, run
from crm_store.backup import make_backup

MOST_SECONDS, MOST_P99_MS = 2.0, 150.0
BACKUPS = 3


def on_sqlite(megabytes: float, backups: int = BACKUPS) -> dict[str, Any]:
    """The trial on a file."""
    with _folder() as folder:
        url = f"sqlite:///{folder / 'store.db'}"
        return asdict(asyncio.run(run(url, _files(folder), folder, megabytes, backups)))


def on_postgres(megabytes: float, backups: int = BACKUPS) -> dict[str, Any]:
    """The trial on a server of its own."""
    from tests.postgres_server import start_server

    server = start_server()

    def place(name: str) -> str:
        server.sql(f'CREATE DATABASE "{name}"')
        return server.database(name)

    try:
        with _folder() as folder:
            return asdict(asyncio.run(run(place("store"), place, folder, megabytes, backups)))
    finally:
        server.stop()


def damaged(count: int, seed: int) -> dict[str, Any]:
    """How many damaged backups were refused, of how many, and what stood against the others."""

    async def work(folder: Path) -> dict[str, Any]:
        store = folder / "shop" / "store.db"
        store.parent.mkdir()
        url = f"sqlite:///{store}"
        writer = await make_store(url, str(folder), 3)
        await writer.store.close()
        made = await make_backup(url, folder / "backups", now=NOW)
        good, wrong = await refused(made.path, url, store, count, seed)
        return {"damaged": count, "refused": good, "wrong": dict(wrong)}

    with _folder() as folder:
        return asyncio.run(work(folder))


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="frontdesk-backups-") as name:
        yield Path(name)


def _files(folder: Path) -> Place:
    return lambda name: f"sqlite:///{folder / name}.db"


def holds(found: dict[str, Any]) -> bool:
    """Every backup came back whole, and every damaged one was refused; timings are shown, not judged."""
    trials = [found[name] for name in ("sqlite", "postgres") if name in found]
    whole = all(not trial["faults"] and not trial["came_back"] for trial in trials)
    return whole and found["refused"] == found["damaged"]


def main() -> int:
    """Print the figures; 1 when a backup is not what it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--postgres-megabytes", type=float, default=50, help="0: SQLite only")
    parser.add_argument("--damaged", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, Any] = {"sqlite": on_sqlite(given.megabytes)}
    if given.postgres_megabytes:
        found["postgres"] = on_postgres(given.postgres_megabytes)
    found |= damaged(given.damaged, given.seed)
    found["bars"] = {"seconds": MOST_SECONDS, "p99_ms_meanwhile": MOST_P99_MS, "refused": given.damaged}
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:12} {value}")
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
