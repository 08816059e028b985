"""A whole transaction in one trip into an aiosqlite connection's thread.

Each call on an aiosqlite connection is handed to its thread and waited for, about 60 µs every time, and a statement
takes three or four. Set-based work of a dozen statements is therefore run there as one function, on an ordinary
SQLAlchemy connection over the very same SQLite connection.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.errors import StoreUnusable

T = TypeVar("T")
_CORE = "frontdesk_core"


async def transaction(connection: AsyncConnection, work: Callable[[Connection], T]) -> T:
    """The result of `work`, committed; an error rolls all of it back. `connection` has no transaction of its own."""
    pooled = await connection.get_raw_connection()
    driver: Any = pooled.driver_connection
    if driver is None:
        raise StoreUnusable("the database connection is closed")
    info, serializers = pooled.info, connection.dialect
    if _CORE not in info:
        info[_CORE] = _core(driver._conn, serializers)
    # Private, but aiosqlite's only way to run a function of ours where its connection lives.
    result: T = await driver._execute(_run, info[_CORE], work)
    return result


def _run(core: Engine, work: Callable[[Connection], T]) -> T:
    with core.begin() as connection:
        return work(connection)


def _core(raw: sqlite3.Connection, dialect: Any) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: raw,
        poolclass=StaticPool,
        pool_reset_on_return=None,
        hide_parameters=True,  # they are people's words, and errors go into logs
        json_serializer=dialect._json_serializer,
        json_deserializer=dialect._json_deserializer,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
