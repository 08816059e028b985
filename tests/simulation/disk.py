"""The store's SQLite file in a simulated process: no threads, faults on demand, and an end like `kill -9`.

The real engines, pools and pragmas are used; only aiosqlite's worker thread is replaced by the event loop, which runs
each call at a drawn moment. SQLAlchemy's `do_connect` event is the seam, so that the product knows nothing of this.
"""

import sqlite3
import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import aiosqlite
from sqlalchemy import event

from crm_store import one_trip
from crm_store.engine import Store, open_store
from crm_store.signals import Signals
from tests.simulation.loop import SimLoop

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
FAULTS = {"locked": "database is locked", "full": "database or disk is full", "io": "disk I/O error"}
PROMPT = 0.85
SHARED_MEMORY = Path("/dev/shm")


class Crash(BaseException):
    """The process ends here, in the middle of whatever it does. Whoever drives it looks at `Disk.is_dead`."""


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, *args: Any) -> Any:
        self.connection.disk.about_to(sql)  # type: ignore[attr-defined]
        return super().execute(sql, *args)

    def executemany(self, sql: str, *args: Any) -> Any:
        self.connection.disk.about_to(sql)  # type: ignore[attr-defined]
        return super().executemany(sql, *args)


class _Raw(sqlite3.Connection):
    disk: "Disk"

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        if self.in_transaction:
            self.disk.about_to("COMMIT")
            super().commit()
            self.disk.committed()


class _Calls:
    """In place of the queue to aiosqlite's thread: the loop runs the calls, in their order, at drawn moments."""

    def __init__(self, disk: "Disk") -> None:
        self._disk = disk
        self.waiting: deque[tuple[Any, Callable[[], Any]]] = deque()

    def put_nowait(self, call: tuple[Any, Callable[[], Any]]) -> None:
        self.waiting.append(call)
        self._disk.soon(self._run_next)

    def _run_next(self) -> None:
        future, call = self.waiting.popleft()
        try:
            result = call()
        except (Exception, Crash) as error:
            if future is not None and not future.done():
                future.set_exception(error)
        else:
            if future is not None and not future.done():
                future.set_result(result)


class Inline(aiosqlite.Connection):
    """An aiosqlite connection that has no thread."""

    def __init__(self, disk: "Disk", connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, 64)
        self._disk = disk
        self._tx = _Calls(disk)  # type: ignore[assignment]

    def __await__(self) -> Any:
        return self._connect().__await__()

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        if self._running and self._connection and not self._tx.waiting and self._disk.is_prompt():  # type: ignore[attr-defined]
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def __del__(self) -> None:
        """Nothing to stop."""

    def stop(self) -> None:
        """Close it at once."""
        self._running = False
        if self._connection is not None:
            with suppress(sqlite3.ProgrammingError):  # it is closed
                # While one of its statements is alive SQLite closes nothing, and the lock would stay.
                self._connection.rollback()
            self._connection.close()
            self._connection = None


class _Slot:
    """Stands for the present writing connection, so that one engine with its compiled statements serves them all."""

    raw: sqlite3.Connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


class Disk:
    """One database file and the connections to it. Made once for many seeds: engines are dear."""

    def __init__(self, template: bytes) -> None:
        base = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
        self._folder = tempfile.TemporaryDirectory(prefix="frontdesk-sim-", dir=base)
        self._path = Path(self._folder.name) / "store.db"
        self._template = template
        self._engines = open_store(f"sqlite:///{self._path}", owner=True)
        self._slot = _Slot()
        self._core = one_trip._core(self._slot, self._engines.writer.dialect)  # type: ignore[arg-type]
        for engine in (self._engines.writer, self._engines.reader):
            event.listen(engine.sync_engine, "do_connect", self._on_connect)
        event.listen(self._engines.writer.sync_engine, "connect", self._on_writer)
        self._open: list[Inline] = []
        self.loop: SimLoop
        self._rng: Random
        self.reset(Random(0))

    def reset(self, rng: Random) -> None:
        """A fresh file for another seed."""
        self.end()
        for leftover in Path(self._folder.name).iterdir():
            leftover.unlink()
        self._path.write_bytes(self._template)
        self._rng = rng
        self.fault_chance = 0.0
        self.crash_after: int | None = None
        """So many statements from now the process ends."""
        self.is_dead = False
        self.is_after_commit = False
        """The crash waits for the next commit and comes right behind it."""
        self.commits = self.statements = self.faults = 0
        self.on_commit: Callable[[], None] = lambda: None

    def store(self, loop: SimLoop) -> Store:
        """The store as a new process opens it."""
        self.loop, self.is_dead, self.crash_after, self.is_after_commit = loop, False, None, False
        return replace(self._engines, signals=Signals())

    def keep_as_template(self) -> None:
        """What stands in the file now is what every seed begins with."""
        self.end()
        with sqlite3.connect(self._path) as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole.close()
        self._template = self._path.read_bytes()

    def look(self) -> sqlite3.Connection:
        """A plain connection for whoever checks."""
        return sqlite3.connect(self._path, isolation_level=None)

    def end(self) -> None:
        """The process is gone: what was not committed is lost."""
        for connection in self._open:
            connection.stop()
        self._open.clear()
        for engine in (self._engines.writer, self._engines.reader):
            engine.sync_engine.dispose(close=False)
        self._core.dispose(close=False)

    def is_prompt(self) -> bool:
        """Whether a call is done before anybody else gets to run; most are, or a seed would take too long."""
        return self._rng.random() < PROMPT

    def soon(self, call: Callable[[], None]) -> None:
        """Run this at a drawn moment: at once, or when the disk is slow."""
        drawn = self._rng.random()
        if drawn < 0.9:
            self.loop.call_soon(call)
        else:
            self.loop.call_later(0.0005 if drawn < 0.99 else 0.05, call)

    def about_to(self, sql: str) -> None:
        """Before each statement: the place for faults and for the end."""
        self.statements += 1
        if self.crash_after is not None:
            self.crash_after -= 1
            self.is_dead = self.is_dead or self.crash_after <= 0
        if self.is_dead:
            raise Crash
        if self.fault_chance and self._rng.random() < self.fault_chance:
            fault = _fault_of(sql, self._rng)
            if fault is not None:
                self.faults += 1
                raise sqlite3.OperationalError(FAULTS[fault])

    def committed(self) -> None:
        """After each commit."""
        self.commits += 1
        self.on_commit()
        if self.is_after_commit:
            self.is_dead = True
            raise Crash

    def _on_connect(self, _dialect: Any, _record: Any, _args: Any, params: dict[str, Any]) -> None:
        params["async_creator_fn"] = self._connect

    def _connect(self, *_args: Any, **_params: Any) -> Inline:
        connection = Inline(self, self._raw)
        self._open.append(connection)
        return connection

    def _raw(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self._path, factory=_Raw, check_same_thread=False)
        raw.disk = self
        return raw

    def _on_writer(self, adapted: Any, record: Any) -> None:
        self._slot.raw = adapted.driver_connection._conn
        record.info[one_trip._CORE] = self._core


def _fault_of(sql: str, rng: Random) -> str | None:
    """What may go wrong with this statement; None when nothing does."""
    if sql.startswith("BEGIN IMMEDIATE"):
        return "locked"
    if sql == "COMMIT" or sql.startswith(WRITES):
        return rng.choice(("full", "io"))
    return None
