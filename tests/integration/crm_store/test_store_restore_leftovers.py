"""A restore after one that was killed: what that one left beside the store is not read."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from crm_store.backup import make_backup
from crm_store.engine import open_store
from crm_store.models.customers import Customer
from crm_store.restore import restore

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def _named(url: str, *names: str) -> None:
    store = open_store(url, owner=True)
    async with store.write() as session:
        session.add_all(Customer(name=name, created_at=NOW, updated_at=NOW) for name in names)
    await store.close()


async def _names(url: str) -> list[str | None]:
    store = open_store(url)
    async with store.read() as session:
        found = list(await session.scalars(select(Customer.name).order_by(Customer.id)))
    await store.close()
    return found


def _renamed_in_log(path: Path, name: str) -> Path:
    """The log that a writer killed before its checkpoint leaves behind."""
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("UPDATE customer SET name = ?", (name,))
    writer.commit()
    kept = Path(shutil.copy(f"{path}-wal", f"{path}-kept"))
    writer.close()
    return kept


async def test_the_log_of_a_killed_restore_is_not_read_into_the_next(sqlite_url: str, tmp_path: Path) -> None:
    await _named(sqlite_url, "Ada", "Bo")
    made = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    store = tmp_path / "frontdesk.db"
    left = _renamed_in_log(Path(shutil.copy(made.path, tmp_path / "killed.db")), "somebody else")
    left.replace(tmp_path / f"{store.name}.restoring-wal")
    done = await restore(made.path, sqlite_url, now=NOW)
    assert done.rows["customer"] == 2
    assert await _names(sqlite_url) == ["Ada", "Bo"]
    assert not list(tmp_path.glob("*.restoring*"))
