"""SQLite's files looked at directly: is this one whole, is it ours, and what to do when it is not."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import URL

from crm_store.engine import parse_url
from crm_store.errors import StoreUnusable
from crm_store.ownership import FileOwnership

_ADVICE: tuple[tuple[str, str], ...] = (
    (
        "not a database",
        "is not an SQLite database; name another file in FRONTDESK_DATABASE_URL or move it away",
    ),
    ("malformed", "is damaged; restore a backup with: frontdesk db restore BACKUP"),
    ("locked", "is locked by another program; stop that program or wait until it is done, then start again"),
    ("readonly", "cannot be written; give this user the right to write the file and its folder"),
    (
        "unable to open",
        "cannot be opened; its folder must exist, and this user must be allowed to write in it",
    ),
    ("disk is full", "has no room left on its disk; make room, then start again"),
    (
        "disk I/O error",
        "cannot be written: its disk is full, write-protected or broken; look, then start again",
    ),
    ("no such table", "holds no Frontdesk data; name another file"),
)

LOGS = ("-wal", "-shm", "-journal")
"""Ends of the names of the files beside a database; SQLite reads them into it when it opens it."""


def path_of(url: URL | str) -> Path:
    """The file of an SQLite URL."""
    database = (parse_url(url) if isinstance(url, str) else url).database
    assert database is not None  # parse_url refuses an SQLite URL without a file
    return Path(database)


def room(path: Path) -> int:
    """So many bytes are left for us on the disk of this file."""
    found = os.statvfs(path.absolute().parent)
    return found.f_bavail * found.f_frsize


def make_private(path: Path) -> None:
    """Make a file that is not there yet readable for its owner alone: it will hold what customers said.

    What stands in the way is told by whoever opens it. SQLite gives its log files the same rights.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def explain(error: Exception, path: Path) -> StoreUnusable:
    """The error in words that say what to do."""
    told = str(getattr(error, "orig", None) or error)
    for sign, advice in _ADVICE:
        if sign in told:
            return StoreUnusable(f"{path} {advice}")
    return StoreUnusable(f"{path} cannot be used: {told}")


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Nobody serves this SQLite file meanwhile; raises StoreUnusable when somebody does."""
    ownership = FileOwnership(path)
    ownership.acquire()
    try:
        yield
    finally:
        ownership.release()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One consistent state of the file; nothing in it or beside it is changed."""
    if not path.is_file():
        raise StoreUnusable(f"{path} is not a file; check the name")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        ) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN")
            connection.execute(
                "SELECT 1 FROM sqlite_master"
            ).fetchone()  # the state is fixed by the first read
            yield connection
    except sqlite3.Error as error:
        raise explain(error, path) from None


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of the tables, SQLite's own and those of the index of words left out."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "AND name NOT LIKE 'message_search%'"
    )
    return sorted(str(row[0]) for row in rows)


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 (our table)
        for name in tables(connection)
    }


def check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreUnusable unless pages, indexes and references of the database all agree."""
    told = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if told != "ok":
        raise StoreUnusable(f"{path} is damaged ({str(told)[:200]}); take another backup")
    dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        raise StoreUnusable(
            f"{path} is damaged: rows of '{dangling[0]}' refer to rows of '{dangling[2]}' not there"
        )
