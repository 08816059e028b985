"""What the machines share: the real store functions on an SQLite database in memory, each step its own transaction.

The functions are coroutines over an AsyncSession. Here it is an ordinary session whose calls return at once, so that
a step costs no trip to another thread; what they do is the same.
"""

import asyncio
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.orm import Session

from crm_store.engine import parse_url
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.schema import apply, with_connection

T = TypeVar("T")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
steps: "Counter[str]" = Counter()
"""Rules run so far, by machine."""


class DirectConnection:
    """Looks like an AsyncConnection to `run_sync`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run_sync(self, work: Callable[..., T], *args: Any) -> T:
        """The result of `work` on the ordinary connection."""
        return work(self._connection, *args)


def _answering_at_once(name: str) -> Callable[..., Awaitable[Any]]:
    async def call(self: "DirectSession", *args: Any, **kwargs: Any) -> Any:
        return getattr(self.sync, name)(*args, **kwargs)

    return call


class DirectSession:
    """Looks like an AsyncSession whose calls return at once."""

    def __init__(self, sync: Session) -> None:
        self.sync, self.info = sync, sync.info

    execute = _answering_at_once("execute")
    scalar = _answering_at_once("scalar")
    scalars = _answering_at_once("scalars")
    get = _answering_at_once("get")
    get_one = _answering_at_once("get_one")
    flush = _answering_at_once("flush")
    delete = _answering_at_once("delete")
    refresh = _answering_at_once("refresh")

    def add(self, row: object) -> None:
        """A row to be written."""
        self.sync.add(row)

    def expunge(self, row: object) -> None:
        """A row that is not followed any more."""
        self.sync.expunge(row)

    def get_bind(self) -> Any:
        """The engine or connection."""
        return self.sync.get_bind()

    async def connection(self) -> DirectConnection:
        """The transaction's connection."""
        return DirectConnection(self.sync.connection())


def at_once(call: Awaitable[T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        call.__await__().send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits for something")


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        asyncio.run(with_connection(parse_url(f"sqlite:///{path}"), apply))
        with sqlite3.connect(path) as raw:
            raw.execute("PRAGMA journal_mode=DELETE")  # a database in memory has no log of its own
        raw.close()
        return path.read_bytes()


@cache
def _engine() -> Engine:
    raw = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    raw.deserialize(_template())
    raw.execute("PRAGMA foreign_keys=ON")
    engine = create_engine(
        "sqlite://",
        creator=lambda: raw,
        poolclass=StaticPool,
        pool_reset_on_return=None,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def add_person(session: Any, number: int, lane: str, now: datetime) -> None:
    """Customer and identity `number` at this address."""
    channel, address = lane.split(":")
    stamps = {"created_at": now, "last_seen_at": now}
    session.add(Customer(id=number, updated_at=now, **stamps))
    await session.flush()
    session.add(Identity(id=number, customer_id=number, channel=channel, address=address, **stamps))
    await session.flush()


async def add_conversation(
    session: Any, customer_id: int, channel: str, now: datetime, **columns: Any
) -> int:
    """A conversation of that customer; its number."""
    row = Conversation(
        customer_id=customer_id,
        identity_id=customer_id,
        channel=channel,
        created_at=now,
        last_message_at=now,
        **columns,
    )
    session.add(row)
    await session.flush()
    return int(row.id)


class Machine(RuleBasedStateMachine):
    """One example: everything happens in a transaction that is undone in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self._is_begun = False
        self.connection = _engine().connect()
        self._all = self.connection.begin()

    def do(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """The result of a store function, its changes kept; an error takes them back."""
        with Session(self.connection, join_transaction_mode="create_savepoint", autoflush=False,
                     expire_on_commit=False) as session:  # fmt: skip
            result = at_once(work(DirectSession(session)))
            session.commit()
            return result

    def write(self, work: Callable[[Connection], T]) -> T:
        """The same for a function of the message path."""
        with self.connection.begin_nested():
            return work(self.connection)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What plain SQL finds."""
        return [tuple(row) for row in self.connection.execute(text(query), values)]

    def pass_time(self, by: timedelta) -> None:
        """It is later now."""
        self.now += by

    @invariant()
    def counted(self) -> None:
        """After each rule; the first time it is looked at what every example begins with, which is no step."""
        steps[type(self).__name__] += self._is_begun
        self._is_begun = True

    def teardown(self) -> None:
        """Nothing of it stays."""
        self._all.rollback()
        self.connection.close()
