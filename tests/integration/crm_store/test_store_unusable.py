"""Databases that cannot serve: each refusal says what to do, and changes nothing."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_store import migrate, schema
from crm_store.errors import StoreUnusable

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def _refusal(url: str) -> str:
    with pytest.raises(StoreUnusable) as refused:
        await migrate.upgrade(url, backup_folder="unused", now=NOW)
    return str(refused.value)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear customer, " * 1000)
    assert "is not an SQLite database; name another file" in await _refusal(f"sqlite:///{path}")
    assert path.read_text() == "Dear customer, " * 1000


async def test_a_locked_file(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_TIMEOUT_MS", 10)
    with closing(sqlite3.connect(tmp_path / "frontdesk.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "is locked by another program; stop that program" in await _refusal(sqlite_url)


async def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert "its folder must exist" in await _refusal(f"sqlite:///{tmp_path}/no/such/f.db")


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder we must not write in; to root nothing is closed, so root steps down for the test."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    (folder / "there.db").touch()
    (folder / "there.db").chmod(0o666)
    folder.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    yield folder
    if was_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["there.db", "new.db"])
async def test_a_folder_that_must_not_be_written(sqlite_url: str, closed_folder: Path, name: str) -> None:
    told = await _refusal(f"sqlite:///{closed_folder}/{name}")
    assert "write" in told
    assert name in told


async def test_a_server_that_does_not_answer() -> None:
    told = await _refusal("postgresql://somebody:secret@127.0.0.1:1/frontdesk")
    assert "no database answers at postgresql://" in told
    assert "secret" not in told


async def test_a_database_that_is_not_there(postgres_url: str) -> None:
    told = await _refusal(postgres_url.replace("frontdesk_test", "no_such"))
    assert "does not exist" in told
    assert "FRONTDESK_DATABASE_URL" in told
