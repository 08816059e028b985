"""What a killed backup leaves: as large as the store, it goes with the next one, unless somebody still works on it."""

import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_store.backup import backups, make_backup, seal_of, verify

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What a kill in the last moment left, of the very second of the next backup."""
    folder = tmp_path / "b"
    folder.mkdir()
    part = folder / "backup-20261120T090000Z.db.part"
    part.write_bytes(b"half of it")
    part.with_name(part.name + "-journal").write_bytes(b"its journal")
    seal_of(part.with_suffix("")).write_text("0" * 64)
    return part


async def test_what_a_killed_backup_left_goes_with_the_next(sqlite_url: str, left: Path) -> None:
    made = await make_backup(sqlite_url, left.parent, now=NOW)
    assert verify(made.path) == made.rows
    assert set(left.parent.iterdir()) == {made.path, seal_of(made.path)}


async def test_a_backup_that_is_being_made_is_left_alone(sqlite_url: str, left: Path) -> None:
    with left.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        made = await make_backup(sqlite_url, left.parent, now=NOW)
    assert left.read_bytes() == b"half of it"
    assert backups(left.parent) == [made.path]
    assert made.path.name == "backup-20261120T090000-2Z.db"


async def test_other_files_of_such_a_name_are_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    mine = tmp_path / "b" / "film.part"
    mine.parent.mkdir()
    mine.write_text("mine")
    await make_backup(sqlite_url, mine.parent, now=NOW)
    assert mine.read_text() == "mine"
