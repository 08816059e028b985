"""What is found after a power cut, held against what had been promised before it."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from crm_store import engine, migrate
from crm_store.backup import backups, seal_of, verify
from crm_store.engine import open_store
from crm_store.errors import StoreUnusable
from crm_store.sqlite_files import tables

STAMPED = {
    "message": "created_at",
    "seen_update": "seen_at",
    "customer": "created_at",
    "identity": "created_at",
    "conversation": "created_at",
    "status_change": "changed_at",
    "handoff": "queued_at",
    "gap": "created_at",
}
"""Tables a batch of messages writes, and the column that holds the batch's time."""
_COUNTED = " UNION ALL ".join(
    f"SELECT {turn}, {column}, count(*) FROM {table} GROUP BY {column}"
    for turn, (table, column) in enumerate(STAMPED.items())
)
KEPT_BACKUPS = 2
UPGRADED = "b005"
"""The last of the revisions in `benchmarks/migrations`."""
_NOT_FILLED = (
    "SELECT (SELECT count(*) FROM message WHERE letters <> length(text)) "
    "+ (SELECT count(*) FROM customer WHERE sought_name IS NOT lower(name))"
)
Truth = dict[str, list[int]]


class Corrupt(Exception):
    """The database is not whole, or the program cannot open it."""


class Lost(Exception):
    """Something that was promised is not there."""


class Torn(Exception):
    """A part of a transaction is there, and a part is not."""


@dataclass
class Promised:
    """All that was promised up to a moment."""

    made: bool = False
    batches: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    """Batches that a restore, begun or done, takes back."""
    is_restoring: bool = False
    files: dict[str, str] = field(default_factory=dict)
    backups: set[str] = field(default_factory=set)
    revision: str | None = None
    """What the database was upgraded to."""

    def take(self, mark: dict[str, Any]) -> None:
        """One more promise."""
        match mark:
            case {"made": _}:
                self.made = True
            case {"batch": stamp}:
                self.batches.append(stamp)
            case {"file": key, "sha256": digest}:
                self.files[key] = digest
            case {"backup": name, "removed": removed}:
                self.backups = (self.backups - set(removed)) | {name}
            case {"restoring": until}:
                self.is_restoring = True
                self.undone = [stamp for stamp in self.batches if stamp > until]
                self.batches = [stamp for stamp in self.batches if stamp <= until]
            case {"upgraded": revision}:
                self.revision = revision
            case {"restored": _}:
                self.is_restoring = False
            case _:
                raise AssertionError(f"an unknown promise: {mark}")


def counted(connection: sqlite3.Connection) -> Truth:
    """Time of a batch to the rows it wrote in each table of `STAMPED`."""
    found: Truth = {}
    for turn, stamp, count in connection.execute(_COUNTED):
        found.setdefault(stamp, [0] * len(STAMPED))[turn] = count
    return found


class Judge:
    """Opens what was found with the product's own parts and reports what is wrong with it."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self._folder, self._truth = folder, truth
        self._path = folder / "store.db"
        self._url = f"sqlite:///{self._path}"
        self._store = open_store(self._url, owner=True)
        self._good_backups: set[int] = set()

    def judge(self, promised: Promised) -> None:
        """Open it with the writer's settings, which recovers it. Raises Corrupt, Lost or Torn."""
        if not self._path.exists():
            if promised.made:
                raise Lost("the database is not there")
            return
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                for pragma in engine.WRITER_PRAGMAS:
                    connection.execute(pragma)
                found = _whole(connection)
        except sqlite3.Error as error:
            raise Corrupt(str(error)) from error
        self._hold(found, promised)

    async def judge_opened(self, promised: Promised) -> None:
        """The same through `open_store`, as the server opens it. Raises as `judge`."""
        if not self._path.exists():
            return self.judge(promised)
        try:
            found = await self._store.transact(lambda connection, _: _whole(_raw(connection)))
        except (DBAPIError, sqlite3.Error) as error:
            raise Corrupt(str(error)) from error
        finally:
            await self._store.close()
        return self._hold(found, promised)

    async def judge_started(self, promised: Promised) -> None:
        """The same after the program's start, which makes the schema or finds it whole. Raises as `judge`."""
        try:
            await migrate.upgrade(self._url, backup_folder=self._folder / "before", now=datetime.now(UTC))
        except StoreUnusable as error:
            raise Corrupt(str(error)) from error
        await self.judge_opened(promised)

    def _hold(self, found: "Found | None", promised: Promised) -> None:
        if found is None:
            if promised.made:
                raise Lost("the tables are not there")
            return
        if promised.revision not in (None, found.revision):
            raise Lost(f"the upgrade to {promised.revision}")
        self._check_batches(found.batches, promised)
        self._check_files(found.files, promised)
        self._check_backups(promised)

    def _check_batches(self, found: Truth, promised: Promised) -> None:
        for stamp, counts in found.items():
            if stamp in self._truth and counts != self._truth[stamp]:
                raise Torn(f"of the batch of {stamp} there is {counts}, not {self._truth[stamp]}")
        for stamp in promised.batches:
            if stamp not in found:
                raise Lost(f"the batch of {stamp}")
        left = [stamp for stamp in promised.undone if stamp in found]
        if promised.is_restoring:
            if left and left != promised.undone:
                raise Torn(f"half of a restore: {left}")
        elif left:
            raise Lost(f"the restore: {left} is there again")

    def _check_files(self, rows: set[str], promised: Promised) -> None:
        lost = promised.files.keys() - rows
        # A restore brings a database back, not the files; whose row it took back goes with the next sweep.
        if lost and not (promised.is_restoring or promised.undone):
            raise Lost(f"the row of a file: {sorted(lost)}")
        for key in rows:
            place = self._folder / "files" / key[:2] / key
            if not place.is_file():
                raise Lost(f"a row has no file: {key}")
            if key in promised.files and _digest(place) != promised.files[key]:
                raise Lost(f"the content of a file: {key}")

    def _check_backups(self, promised: Promised) -> None:
        there = {path.name: path for path in backups(self._folder / "backups")}
        newest = list(there)[:KEPT_BACKUPS]
        outdated = {name for name in promised.backups if len(newest) == KEPT_BACKUPS and name < min(newest)}
        for name in promised.backups - outdated | set(newest):  # a newer one may just have taken its place
            if name not in there:
                raise Lost(f"the backup {name}")
            sign = crc32(there[name].read_bytes(), crc32(seal_of(there[name]).read_bytes()))
            if sign in self._good_backups:
                continue
            try:
                verify(there[name])
            except StoreUnusable as error:
                raise Lost(str(error)) from error
            self._good_backups.add(sign)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """The content of a whole database."""

    revision: str
    batches: Truth
    files: set[str]


def _raw(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _whole(connection: sqlite3.Connection) -> Found | None:
    """What is in the database; None where there are no tables yet. Raises what is wrong with it."""
    told = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if told != "ok":
        raise Corrupt(str(told))
    dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        raise Corrupt(f"a row of '{dangling[0]}' refers to nothing")
    names = tables(connection)
    if "alembic_version" not in names:
        if names:
            raise Torn(f"some tables without a version: {names}")
        return None
    files = connection.execute("SELECT key FROM stored_file").fetchall()
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    if revision == UPGRADED and connection.execute(_NOT_FILLED).fetchone()[0]:
        raise Torn("rows that the upgrade did not fill")
    return Found(revision, counted(connection), {key for (key,) in files})
