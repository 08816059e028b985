"""What the store path is measured against does the same: plain sqlite3 leaves the very rows that the product leaves."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.store_path import raw
from benchmarks.store_path.ours import our_rate
from bot.clock import system_clock
from crm_store import migrate
from crm_store.engine import open_store

TABLES = ("customer", "identity", "conversation", "message", "seen_update", "timer")


def _rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """All rows, without their times."""
    with closing(sqlite3.connect(path)) as store:
        columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
        kept = [name for name in columns if not name.endswith("_at")]
        return sorted(store.execute(f"SELECT {', '.join(kept)} FROM {table}").fetchall(), key=repr)


async def test_by_hand_the_same_rows_are_written(tmp_path: Path) -> None:
    ours, sets, alone = (tmp_path / f"{name}.db" for name in ("ours", "sets", "alone"))
    await migrate.upgrade(f"sqlite:///{ours}", backup_folder=tmp_path, now=system_clock())
    for path in (sets, alone):
        shutil.copy(ours, path)
    raw.rate(sets, 2)
    raw.rate(alone, 2, alone=True)
    store = open_store(f"sqlite:///{ours}", owner=True)
    await our_rate(store, 2)
    await store.close()
    for table in TABLES:
        wanted = _rows(ours, table)
        assert wanted
        assert _rows(sets, table) == wanted, table
    assert len(_rows(alone, "message")) == len(_rows(ours, "message"))
