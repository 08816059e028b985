"""Bringing a backup back: verified before, worked on beside the store, put in its place in one step.

Who was erased since the backup was made is erased again: the tombstones come from the store that is replaced and
from the newer backups beside the one restored.
"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from crm_store import privacy
from crm_store.backup import backups, verify
from crm_store.copying import copy_from_file
from crm_store.durable import sync_file, sync_folder
from crm_store.engine import open_store, parse_url
from crm_store.errors import StoreUnusable
from crm_store.schema import apply, current_revision, with_connection
from crm_store.sqlite_files import LOGS, check_whole, explain, owned, path_of, reading, row_counts, tables

ERASED_BY = "restore"
_NUMBERS_GO_ON = (
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'customer', :last "
    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'customer')",
    "UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = 'customer'",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    rows: dict[str, int]
    """Table name to the rows the store now has."""
    erased_again: int
    """How many erased customers the backup still held."""
    replaced: Path | None
    """Where an SQLite file that stood there before is kept; delete it when all is well."""


async def restore(backup: Path | str, store_url: str, *, now: datetime) -> Restored:
    """Replace the store by a backup.

    Raises StoreUnusable, and changes nothing, when the backup is damaged or newer than this program, or when a
    server owns the SQLite file; Conflict when somebody is connected to the PostgreSQL database.
    """
    backup, url = Path(backup), parse_url(store_url)
    await asyncio.to_thread(verify, backup)
    if url.get_backend_name() != "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "restored.db"
            erased = await _prepare(backup, copy, await _erased_in_store(store_url))
            return Restored(await copy_from_file(copy, store_url), erased, None)
    path = path_of(url)
    with _owned(path):
        copy = path.with_name(path.name + ".restoring")
        _remove(copy)  # a restore that was killed left it, and its log would be read into this one's copy
        try:
            erased = await _prepare(backup, copy, await _erased_in_store(store_url))
            rows = await asyncio.to_thread(_whole_rows, copy)
            replaced = await asyncio.to_thread(_replace, path, copy, now)
        except OSError as error:
            raise StoreUnusable(f"{path} cannot be replaced: {error.strerror or error}") from None
        finally:
            _remove(copy)
    return Restored(rows, erased, replaced)


def _remove(copy: Path) -> None:
    for end in ("", *LOGS):
        copy.with_name(copy.name + end).unlink(missing_ok=True)


@contextmanager
def _owned(path: Path) -> Iterator[None]:
    if not path.parent.is_dir():
        raise StoreUnusable(f"the folder {path.parent} does not exist; make it, then restore again")
    with owned(path):
        yield


async def _prepare(backup: Path, copy: Path, erased: dict[int, datetime]) -> int:
    """Make `copy` of the backup, with today's schema and without the erased; how many came back and went."""
    await asyncio.to_thread(_copy_private, backup, copy)
    url = f"sqlite:///{copy}"
    if await with_connection(parse_url(url), current_revision) is None:
        raise StoreUnusable(f"{backup} holds no Frontdesk data; name another file")
    await with_connection(parse_url(url), apply)
    for other in backups(backup.parent):
        with suppress(StoreUnusable):
            erased = {**await asyncio.to_thread(_erased_in_file, other), **erased}
    store = open_store(url, owner=True)
    try:
        async with store.write() as session:
            again = await privacy.erase_again(session, erased, erased_by=ERASED_BY)
            # An erased person's number must never be given to somebody new.
            for statement in _NUMBERS_GO_ON:
                await session.execute(text(statement), {"last": max(erased, default=0)})
        await privacy.scrub(store)
    finally:
        await store.close()
    return again


def _copy_private(backup: Path, copy: Path) -> None:
    shutil.copyfile(backup, copy)
    copy.chmod(0o600)


async def _erased_in_store(store_url: str) -> dict[int, datetime]:
    """The tombstones of the store that is to be replaced; none when it cannot be read any more."""
    url = parse_url(store_url)
    with suppress(StoreUnusable):
        if url.get_backend_name() == "sqlite":
            return await asyncio.to_thread(_erased_in_file, path_of(url))
        if await with_connection(url, current_revision) is not None:
            store = open_store(store_url)
            try:
                async with store.read() as session:
                    return await privacy.tombstones(session)
            finally:
                await store.close()
    return {}


def _erased_in_file(path: Path) -> dict[int, datetime]:
    with reading(path) as connection:
        if "erasure" not in tables(connection):
            return {}
        rows = connection.execute("SELECT customer_id, erased_at FROM erasure").fetchall()
    return {int(number): datetime.fromisoformat(at).replace(tzinfo=UTC) for number, at in rows}


def _whole_rows(path: Path) -> dict[str, int]:
    """The row counts of the prepared copy, which is one whole, durable file afterwards."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise explain(error, path) from None
    with reading(path) as connection:
        check_whole(connection, path)
        rows = row_counts(connection)
    sync_file(path)
    return rows


def _replace(path: Path, copy: Path, now: datetime) -> Path | None:
    """Put the copy in the store's place; at no moment is there no database."""
    kept = None
    if path.exists():
        kept = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%S}")
        _fold_log(path)
        kept.unlink(missing_ok=True)
        os.link(path, kept)
        # A log that came back after a power cut would be taken for the log of the new file.
        sync_folder(path.parent)
    copy.replace(path)
    sync_folder(path.parent)
    return kept


def _fold_log(path: Path) -> None:
    """Bring a write-ahead log into its file, so that it is not taken for the log of the new one."""
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise explain(error, path) from None  # somebody else has the file open
    except sqlite3.DatabaseError:
        pass  # a damaged file is a reason to restore
    for end in LOGS:
        log = path.with_name(path.name + end)
        if log.exists():
            log.replace(path.with_name(f"{path.name}.replaced{end}"))
