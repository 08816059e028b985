"""Backups: one file each, consistent while the server goes on, verified before it gets its name.

A backup is an SQLite file whatever the database is (`copying` brings PostgreSQL's rows over), with its SHA-256
beside it in the format of `sha256sum`: SQLite's own check does not see a flipped bit inside a text.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_store.copying import copy_to_file
from crm_store.durable import make_folder, sync_file, sync_folder
from crm_store.engine import parse_url
from crm_store.errors import StoreUnusable
from crm_store.sqlite_files import LOGS, check_whole, explain, path_of, reading, row_counts

LABEL = "backup"
_UNFINISHED = ".part"
_STAMP = "%Y%m%dT%H%M%S"
_NAME = re.compile(r"(?P<label>[a-z-]+)-(?P<stamp>\d{8}T\d{6})(?:-(?P<turn>\d+))?Z\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified backup."""

    path: Path
    size: int
    """In bytes."""
    rows: dict[str, int]
    """Table name to the number of its rows."""
    removed: tuple[Path, ...] = ()
    """Older backups that went, because only so many are kept."""


async def make_backup(
    store_url: str, folder: Path | str, *, now: datetime, keep: int | None = None, label: str = LABEL
) -> Backup:
    """A new backup of the store in `folder`, of which the newest `keep` with this label stay (None: all).

    Raises StoreUnusable when the store cannot be read, the folder not written, or the copy is not whole; then
    no file is left behind and no older backup is touched.
    """
    url = parse_url(store_url)
    try:
        make_folder(Path(folder))
        _sweep(Path(folder))
        target = _free_name(Path(folder), label, now)
        with _unfinished(_part_of(target)) as part:
            if url.get_backend_name() == "sqlite":
                rows = await asyncio.to_thread(_copy_file, path_of(url), part)
            else:
                rows = await copy_to_file(store_url, part)
            size = await asyncio.to_thread(_finish, part, target, rows)
    except OSError as error:
        raise StoreUnusable(
            f"the backup cannot be written into {folder}: {error.strerror or error}"
        ) from None
    removed = () if keep is None else _prune(target.parent, label, keep)
    return Backup(target, size, rows, removed)


def _free_name(folder: Path, label: str, now: datetime) -> Path:
    stamp = f"{label}-{now.strftime(_STAMP)}"
    turn = 1
    while True:
        target = folder / (f"{stamp}Z.db" if turn == 1 else f"{stamp}-{turn}Z.db")
        if not target.exists() and not _part_of(target).exists():
            return target
        turn += 1


def _part_of(target: Path) -> Path:
    """Where a backup lies until it is whole."""
    return target.with_name(target.name + _UNFINISHED)


@contextmanager
def _unfinished(part: Path) -> Iterator[Path]:
    """A new file, gone at the end unless it got another name; locked, so that `_sweep` sees it being worked on."""
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)  # it holds what customers said
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield part
    finally:
        _remove(part)
        os.close(descriptor)


def _remove(part: Path) -> None:
    for end in ("", *LOGS):
        part.with_name(part.name + end).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished: each as large as the store."""
    for part in folder.glob(f"*{_UNFINISHED}"):
        if not _NAME.fullmatch(part.name.removesuffix(_UNFINISHED)):
            continue
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(part)
            seal_of(part.with_name(part.name.removesuffix(_UNFINISHED))).unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> dict[str, int]:
    with reading(source) as connection:
        rows = row_counts(connection)  # of the very state that is copied: it is one read transaction
        with closing(sqlite3.connect(target)) as copy:
            try:
                connection.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")  # so that the backup is one file
            except sqlite3.Error as error:
                raise explain(error, target) from None
    return rows


def _finish(part: Path, target: Path, rows: dict[str, int]) -> int:
    """Verify, write down the checksum, make it durable, and only then give it its name."""
    sync_file(part)
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(checksum, part)  # the check of the pages takes long enough
        with reading(part) as copy:
            check_whole(copy, part)
            if row_counts(copy) != rows:
                raise StoreUnusable(f"the backup {target.name} has not the rows of the store; try again")
    seal = seal_of(target)
    seal.write_text(f"{digest.result()}  {target.name}\n", encoding="utf-8")
    sync_file(seal)
    part.replace(target)
    sync_folder(target.parent)
    return target.stat().st_size


def checksum(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal_of(backup: Path) -> Path:
    """The file beside a backup that holds its SHA-256."""
    return backup.with_name(backup.name + ".sha256")


def verify(backup: Path) -> dict[str, int]:
    """The row counts of a backup that is whole; raises StoreUnusable for any other file."""
    if not backup.is_file():
        raise StoreUnusable(f"{backup} is not a file; name one of those in the backup folder")
    try:
        sealed = seal_of(backup).read_text(encoding="utf-8").split()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        raise StoreUnusable(
            f"{backup} has no checksum beside it ({seal_of(backup).name}); if you are sure of the file, make one "
            f"with: sha256sum {backup.name} > {seal_of(backup).name}"
        ) from None
    if checksum(backup) != sealed:
        raise StoreUnusable(f"{backup} is damaged: its checksum is another; take another backup")
    with reading(backup) as connection:
        check_whole(connection, backup)
        return row_counts(connection)


def backups(folder: Path, label: str | None = None) -> list[Path]:
    """The backups in `folder`, newest first; of one label when asked."""
    found: list[tuple[str, int, Path]] = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and label in (None, match["label"]):
                found.append((match["stamp"], int(match["turn"] or 1), path))
    return [path for _, _, path in sorted(found, reverse=True)]


def _prune(folder: Path, label: str, keep: int) -> tuple[Path, ...]:
    gone = tuple(backups(folder, label)[max(keep, 1) :])
    for path in gone:
        path.unlink(missing_ok=True)
        seal_of(path).unlink(missing_ok=True)
    return gone
