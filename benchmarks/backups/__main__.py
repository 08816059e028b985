"""Backups taken while messages are written at full speed: how long, who waits, and whether each comes back.

    python -m benchmarks.backups [--megabytes 200] [--postgres-megabytes 50] [--damaged 500] [--seed N] [--json]

`seconds` is a backup from its first byte until it is verified and named, `p99_ms_meanwhile` how long all but one in a
hundred batches of 64 messages waited for their commit meanwhile, `p99_ms_otherwise` how long without. Each backup is
restored, checked (pages, references, counts, ids without gaps, every question with its answer), and started on by
the whole program, which must answer. One more is restored over a store that erased somebody since. Then copies are
damaged, each another way, and must be refused before anything is touched, with words on what to do.
"""

import asyncio
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
from benchmarks.bars import Bar, command_line, judged, missed, none_of, tell
from crm_store.backup import make_backup

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


WHOLE = (
    *none_of("broken", "came_back"),
    Bar("slowest_s", at_most=2, ends=False),
    Bar("worst_p99_ms_meanwhile", at_most=150, ends=False),
)
"""Every backup came back whole, and nobody with it who was erased since."""
REFUSED = none_of("taken_though_damaged")


def _told(trial: dict[str, Any]) -> dict[str, Any]:
    """A trial's figures with what the bars are about, and the bars."""
    told = trial | {
        "broken": len(trial["faults"]),
        "slowest_s": max(trial["seconds"], default=None),
        "worst_p99_ms_meanwhile": max(trial["p99_ms_meanwhile"], default=None),
    }
    return told | judged(told, WHOLE)


def main() -> int:
    """Print the figures; 1 when a backup is not what it should be."""
    parser = command_line(__doc__)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--postgres-megabytes", type=float, default=50, help="0: SQLite only")
    parser.add_argument("--damaged", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    trials = {"sqlite": _told(on_sqlite(given.megabytes))}
    if given.postgres_megabytes:
        trials["postgres"] = _told(on_postgres(given.postgres_megabytes))
    found = damaged(given.damaged, given.seed)
    found["taken_though_damaged"] = found["damaged"] - found["refused"]
    status = tell(trials | found, REFUSED, as_json=given.json)
    return 1 if any(missed(trial, WHOLE) for trial in trials.values()) else status


if __name__ == "__main__":
    sys.exit(main())
