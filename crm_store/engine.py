"""Opening the store: engines with the right pragmas, transactions, and the watch for others' writes.

SQLite: one writing connection (its pool of one is the queue of writers, so nobody ever busy-waits), started
with BEGIN IMMEDIATE, because a deferred transaction that turns into a writer fails at once when somebody else
wrote; readers are `query_only`. Only the process that owns the file checkpoints it. PostgreSQL: a pool for each, in
any number of processes (presence.py); who writes and falls silent amid it is cut off, since others wait for its rows.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from crm_store import one_trip, signals
from crm_store.driver import connect
from crm_store.errors import InvalidValue, StoreUnusable
from crm_store.outages import is_outage as is_outage  # who works with a store asks it here
from crm_store.outages import is_read_only
from crm_store.presence import ALONE, KEEPALIVE, SIGNALS_CHANNEL, Alone, Presence
from crm_store.signals import Signals, Topic
from crm_store.tasks import ended
from crm_store.typing_signs import TypingSigns

WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",  # an erased message must not stay readable in free pages
)
READER_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA query_only=ON")
NO_CHECKPOINT = "PRAGMA wal_autocheckpoint=0"
WATCH_INTERVAL_S = 0.4
POOL, OVERFLOW = 4, 6
"""Connections a process keeps to PostgreSQL for writing, and for reading; and how many more it opens in a rush."""
SILENT_WRITER_MS = 6000
UNANSWERED_MS = 8000
"""A connection whose other end does not answer for so long is given up (TCP_USER_TIMEOUT, RFC 5482)."""

T = TypeVar("T")


@dataclass
class Store:
    """An open database. `write()` and `read()` give sessions; nothing below them commits."""

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine
    signals: Signals = field(default_factory=Signals)
    typing: TypingSigns = field(default_factory=TypingSigns)
    presence: Alone = ALONE
    """This process among those that serve the same PostgreSQL database, once `watch` runs."""

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, false on PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed on leaving, rolled back on an error; then signals go out."""
        async with _sessions(self.writer)() as session, session.begin():
            yield session
            topics = signals.pending(session)
            if topics and not self.is_sqlite:
                for topic in sorted(topics):
                    await session.execute(
                        text("SELECT pg_notify(:c, :t)"), {"c": SIGNALS_CHANNEL, "t": topic}
                    )
        self.signals.wake(topics)

    async def transact(self, work: Callable[[Connection, set[Topic]], T]) -> T:
        """The result of `work(connection, topics)`, done in one transaction; then the topics it named are woken.

        On SQLite all of it happens in one trip into the writing connection's thread, where a session makes three
        for each statement. Cancelled while `work` runs, it is committed all the same.
        """
        topics: set[Topic] = set()
        if self.is_sqlite:
            async with self.writer.connect() as connection:
                try:
                    result = await one_trip.transaction(connection, lambda sync: work(sync, topics))
                except DBAPIError as error:
                    if is_read_only(error):
                        await connection.invalidate()
                    raise
        else:
            async with self.writer.begin() as connection:
                result = await connection.run_sync(work, topics)
                if topics:
                    notify = text("SELECT pg_notify(:c, t) FROM unnest(CAST(:topics AS text[])) AS t")
                    await connection.execute(notify, {"c": SIGNALS_CHANNEL, "topics": sorted(topics)})
        self.signals.wake(topics)
        return result

    async def say_to_all(self, told: str) -> None:
        """Bring this to every process over PostgreSQL, beside the transactions that write."""
        async with self.reader.begin() as connection:
            await connection.execute(text("SELECT pg_notify(:c, :t)"), {"c": SIGNALS_CHANNEL, "t": told})

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading one consistent state; writing through it is refused on SQLite."""
        async with _sessions(self.reader)() as session:
            yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def parse_url(database_url: str) -> URL:
    """The URL with its asynchronous driver; raises InvalidValue for anything but SQLite or PostgreSQL."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise InvalidValue(
            "FRONTDESK_DATABASE_URL cannot be read; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    backend = url.drivername.split("+")[0]
    if backend not in drivers:
        raise InvalidValue(f"'{backend}' databases are not supported; use sqlite:///FILE or postgresql://...")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise InvalidValue("an SQLite store needs a file: write sqlite:///FILE")
    return url.set(drivername=drivers[backend])


def open_store(database_url: str, *, owner: bool = False) -> Store:
    """The store at this URL. `owner` is the one server of an SQLite file: only it checkpoints."""
    url = parse_url(database_url)
    if url.get_backend_name() != "sqlite":
        writer = _postgres_engine(url, idle_in_transaction_session_timeout=str(SILENT_WRITER_MS))
        signals_here = Signals()
        presence = Presence(url, signals_here)
        store = Store(url, writer, _postgres_engine(url), signals_here, presence=presence)
        store.typing.carry, signals_here.take_other = store.say_to_all, store.typing.heard
        return store
    checkpoint = () if owner else (NO_CHECKPOINT,)
    writer = _sqlite_engine(url, (*WRITER_PRAGMAS, *checkpoint), "BEGIN IMMEDIATE", 1)
    event.listen(writer.sync_engine, "handle_error", _open_anew)
    reader = _sqlite_engine(url, (*READER_PRAGMAS, NO_CHECKPOINT), "BEGIN", 4)
    return Store(url, writer, reader)


def _sqlite_engine(url: URL, pragmas: tuple[str, ...], begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=60,
        pool_reset_on_return=None,  # see _reset
        connect_args={"async_creator_fn": connect},
    )

    @event.listens_for(engine.sync_engine, "reset")
    def _reset(connection: Any, _record: Any, _state: Any) -> None:
        # A rollback is a trip into the connection's thread; nearly always there is nothing to roll back.
        driver = connection.driver_connection
        if driver is not None and driver.in_transaction:
            connection.rollback()

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions by itself
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _open_anew(context: ExceptionContext) -> None:
    """A writing connection that was opened while its disk was write-protected is of no use afterwards."""
    if is_read_only(context.original_exception):
        context.is_disconnect = True


def _postgres_engine(url: URL, **server_settings: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # they are people's words, and errors go into logs
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,
        connect_args={"timeout": 5, "server_settings": KEEPALIVE | server_settings},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        _give_up_early(connection.driver_connection)

    return engine


def _give_up_early(connection: Any) -> None:
    """Let a query fail when the server's machine is gone; the system's own patience is a quarter of an hour."""
    ours = connection._transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux has it
    if option is None or ours is None or ours.family == socket.AF_UNIX:
        return
    with socket.socket(fileno=os.dup(ours.fileno())) as same:  # uvloop's own object sets no options
        same.setsockopt(socket.IPPROTO_TCP, option, UNANSWERED_MS)


async def watch(store: Store) -> None:
    """Wake this process's listeners when another process wrote; runs until cancelled."""
    await (_watch_sqlite(store) if store.is_sqlite else store.presence.run())


@asynccontextmanager
async def watched(store: Store) -> AsyncIterator[None]:
    """With `watch` running, and this process known to the others."""
    watching = asyncio.create_task(watch(store))
    try:
        await store.presence.until_here()
        yield
    finally:
        await ended(watching)


async def _watch_sqlite(store: Store) -> None:
    # Asked on the writing connection, data_version changes only through other connections' commits,
    # and inside this process nobody else writes.
    seen: int | None = None
    while True:
        async with store.writer.connect() as connection:
            now = await _data_version(connection)
        if seen is not None and now != seen:
            store.signals.wake(Topic)
        seen = now
        await asyncio.sleep(WATCH_INTERVAL_S)


async def _data_version(connection: AsyncConnection) -> int:
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise StoreUnusable("the database connection is closed")
    cursor = await driver.execute("PRAGMA data_version")  # past SQLAlchemy: no transaction is wanted
    row = await cursor.fetchone()
    await cursor.close()
    return int(row[0])
