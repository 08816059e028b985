"""aiosqlite's connection, with an end that comes once and lets go of the database.

SQLAlchemy closes a connection whose user was cancelled, and stops its thread at once should that be cancelled too.
The close goes on meanwhile, asks the thread, which has ended, to end again, and waits for that for ever: a server
that stops, and asks all its tasks to end, never does (aiosqlite 0.22.1, SQLAlchemy 2.1.9).

SQLite keeps a closed connection's transaction open, and its lock held, while any statement of it is still in
somebody's hands (https://www.sqlite.org/c3ref/close.html); a user cancelled between two rows leaves such a statement
in the frames of its error. So what is not committed is rolled back first.
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


class _LetsGo(sqlite3.Connection):
    _is_closed = False

    def close(self) -> None:
        """End what is not committed, and with it its locks; then close."""
        try:
            if not self._is_closed:
                self.rollback()
        finally:
            self._is_closed = True
            super().close()


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """A connection that opens when it is awaited, as `aiosqlite.connect` gives one."""
    opened = partial(sqlite3.connect, database, factory=_LetsGo, **options)
    connection = _Connection(opened, iter_chunk_size=64)
    connection._thread.daemon = True  # private; SQLAlchemy does the same with those it makes itself
    return connection
