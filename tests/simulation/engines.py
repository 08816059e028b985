"""The store's two engines without threads: a call runs in the loop itself, most at once, some at a drawn moment.

`Store` is the product's; its engines and sessions are these. A session's calls run on an ordinary SQLAlchemy session,
so that a statement costs neither a greenlet nor a trip to aiosqlite's thread. What may happen between two calls is
the same, for who waits lets others go on; and a call goes on to its end, also when who asked for it was cancelled.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.orm import Session

from crm_store import one_trip
from tests.machines.base import DirectConnection

T = TypeVar("T")
CACHED_STATEMENTS = 512
NO_WAITING = "PRAGMA busy_timeout=0"
"""One process at a time has the file: whoever would wait for a lock would wait for a dead one."""


class Crash(BaseException):
    """The process ends here, in the middle of whatever it does. Whoever drives it looks at `Disk.is_dead`."""


class Faults(Protocol):
    """The disk as its connections see it."""

    def about_to(self, sql: str) -> None:
        """Before each statement; raises what goes wrong with it."""
        ...

    def committed(self) -> None:
        """After each commit."""
        ...

    def is_prompt(self) -> bool:
        """Whether a call is done before anybody else gets to run."""
        ...

    def soon(self, call: Callable[[], None]) -> "asyncio.Future[Any]":
        """Run this at a drawn moment; a future of the loop for its result."""
        ...


class Cursor(sqlite3.Cursor):
    """Tells the disk of each statement, and fetches at once: no reader holds its snapshot until somebody looks."""

    _rows: Sequence[Any] = ()

    def execute(self, sql: str, *args: Any) -> Any:
        self.connection.disk.about_to(sql)  # type: ignore[attr-defined]
        super().execute(sql, *args)
        if self.description:
            self._rows = super().fetchall()
        return self

    def executemany(self, sql: str, *args: Any) -> Any:
        self.connection.disk.about_to(sql)  # type: ignore[attr-defined]
        return super().executemany(sql, *args)

    def fetchall(self) -> Any:
        rows, self._rows = self._rows, ()
        return rows

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany()), None)

    def fetchmany(self, size: int | None = 1) -> Any:
        rows, self._rows = self._rows[:size], self._rows[size or 1 :]
        return rows


class Raw(sqlite3.Connection):
    """A connection that tells the disk what it is about to do."""

    disk: Faults

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        if self.in_transaction:
            self.disk.about_to("COMMIT")
            super().commit()
            self.disk.committed()

    def close(self) -> None:
        """Whatever it was doing. The pool closes it so when the process ends amid a statement."""
        with suppress(sqlite3.ProgrammingError):  # it is closed
            # While one of its statements is alive SQLite closes nothing, and the lock would stay.
            self.rollback()
        super().close()


def open_raw(path: Path, disk: Faults) -> Raw:
    """A connection to the file."""
    raw = sqlite3.connect(
        path, factory=Raw, check_same_thread=False, isolation_level=None, cached_statements=CACHED_STATEMENTS
    )
    raw.disk = disk
    return raw


def make_engine(
    creator: Callable[[], sqlite3.Connection], pragmas: Sequence[str], begin: str, connections: int
) -> Engine:
    """An ordinary engine, set up as the product's."""
    engine = create_engine(
        "sqlite://",
        creator=creator,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        for pragma in (*pragmas, NO_WAITING):
            sqlite3.Connection.execute(connection, pragma)

    # Not by an event, as in the product: an engine that has one asks at every statement who else listens.
    def do_begin(connection: Any) -> None:
        connection.cursor().execute(begin)

    engine.dialect.do_begin = do_begin  # type: ignore[method-assign, assignment]
    return engine


class Calls:
    """One after the other, in their order, also when nobody waits for them any more."""

    def __init__(self, disk: Faults) -> None:
        self._disk = disk
        self._waiting: deque[tuple[asyncio.Future[Any], Callable[[], Any]]] = deque()

    async def do(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """The result of the call, in its moment."""
        if not self._waiting and self._disk.is_prompt():
            return work(*args, **named)
        future = self._disk.soon(self._run_next)
        self._waiting.append((future, partial(work, *args, **named)))
        result: T = await future
        return result

    def _run_next(self) -> None:
        future, call = self._waiting.popleft()
        try:
            result = call()
        except (Exception, Crash) as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)


class SimEngine:
    """In place of an AsyncEngine, for the life of one process."""

    def __init__(self, sync: Engine, disk: Faults, connections: int) -> None:
        self.sync, self.disk = sync, disk
        self.free = asyncio.Semaphore(connections)
        """Who waits for a connection is served in order, as by the product's pool."""
        self.is_dead = False

    @property
    def dialect(self) -> Any:
        """As of an AsyncConnection."""
        return self.sync.dialect

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["OneTrip"]:
        """A connection for one_trip.py."""
        await self.free.acquire()
        try:
            yield OneTrip(self)
        finally:
            self.free.release()


class OneTrip:
    """An AsyncConnection, its raw connection and the driver's at once, as far as one_trip.py looks at them."""

    def __init__(self, engine: SimEngine) -> None:
        self.dialect = engine.dialect
        self.info = {one_trip._CORE: engine.sync}
        self._calls = Calls(engine.disk)

    async def get_raw_connection(self) -> "OneTrip":
        """Itself."""
        return self

    @property
    def driver_connection(self) -> "OneTrip":
        """Itself."""
        return self

    async def _execute(self, work: Callable[..., T], *args: Any) -> T:
        return await self._calls.do(work, *args)


def _timed(name: str) -> Any:
    async def call(self: "SimSession", *args: Any, **named: Any) -> Any:
        if not self.is_leased:
            await self.lease()
        return await self.calls.do(getattr(self.sync, name), *args, **named)

    return call


class SimSession:
    """In place of an AsyncSession."""

    def __init__(self, engine: SimEngine) -> None:
        self._engine = engine
        self.sync = Session(engine.sync, expire_on_commit=False, autoflush=False)
        self.info, self.add, self.add_all = self.sync.info, self.sync.add, self.sync.add_all
        self.get_bind, self.expunge_all = self.sync.get_bind, self.sync.expunge_all
        self.calls = Calls(engine.disk)
        self.is_leased = False

    execute, scalar, scalars = _timed("execute"), _timed("scalar"), _timed("scalars")
    get, get_one, refresh = _timed("get"), _timed("get_one"), _timed("refresh")
    flush, delete = _timed("flush"), _timed("delete")
    _connection = _timed("connection")

    async def lease(self) -> None:
        """Wait for a connection."""
        await self._engine.free.acquire()
        self.is_leased = True

    async def connection(self) -> DirectConnection:
        """The transaction's connection."""
        return DirectConnection(await self._connection())

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """Commit on leaving, take back on an error."""
        try:
            yield
        except BaseException:
            await self._end(self.sync.rollback)
            raise
        await self._end(self.sync.commit)

    async def _end(self, how: Callable[[], None]) -> None:
        if self.is_leased and not self._engine.is_dead:
            await self.calls.do(how)

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """A savepoint."""
        if not self.is_leased:
            await self.lease()
        with self.sync.begin_nested():
            yield

    async def __aenter__(self) -> "SimSession":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._end(self.sync.close)
        if self.is_leased:
            self._engine.free.release()


def sessions(engine: SimEngine) -> Callable[[], SimSession]:
    """In place of an async_sessionmaker."""
    return partial(SimSession, engine)
