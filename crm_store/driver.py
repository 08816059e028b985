"""aiosqlite's connection, with an end that comes once.

SQLAlchemy closes a connection whose user was cancelled, and stops its thread at once should that be cancelled too.
The close goes on meanwhile, asks the thread, which has ended, to end again, and waits for that for ever: a server
that stops, and asks all its tasks to end, never does (aiosqlite 0.22.1, SQLAlchemy 2.1.9).
"""

import asyncio
import sqlite3
from functools import partial
from typing import Any

import aiosqlite


class _Connection(aiosqlite.Connection):
    _end: asyncio.Future[None] | None = None

    def stop(self) -> asyncio.Future[None] | None:
        """Ask the thread to end, once; the result is done when it has."""
        if self._end is None:
            self._end = super().stop()
        return self._end


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """A connection that opens when it is awaited, as `aiosqlite.connect` gives one."""
    connection = _Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # private; SQLAlchemy does the same with those it makes itself
    return connection
