"""aiosqlite's connection, with an end that comes once and lets go of the database.

SQLAlchemy closes a connection whose user was cancelled, and stops its thread at once should that be cancelled too.
The close goes on meanwhile, asks the thread, which has ended, to end again, and waits for that for ever: a server
that stops, and asks all its tasks to end, never does (aiosqlite 0.22.1, SQLAlchemy 2.1.9).

SQLite keeps a closed connection's transaction open, and its lock held, while any statement of it is still in
somebody's hands (https://www.sqlite.org/c3ref/close.html); a user cancelled between two rows leaves such a statement
in the frames of its error. So what is not committed is rolled back first.

Who is cancelled while a connection opens is told at once, and nobody waits for the thread, which answers to an event
loop that may be closed by then, nor closes what it opened. So that end is waited for as well.

Who is cancelled again and again waits for nothing, and its loop may close while the thread is at work. aiosqlite's
thread dies of that, and what it opened stays open; ours tells nobody, and goes on to the end.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import aiosqlite
from aiosqlite.core import _connection_worker_thread  # private; what else the thread should do is its matter


class _Connection(aiosqlite.Connection):
    _end: asyncio.Future[None] | None = None
    _opened: sqlite3.Connection | None = None

    def __init__(self, opening: Callable[[], sqlite3.Connection]) -> None:
        def opened() -> sqlite3.Connection:
            self._opened = opening()
            return self._opened

        super().__init__(opened, iter_chunk_size=64)
        # Private; SQLAlchemy makes those of its own connections daemons as well.
        self._thread = Thread(target=self._work, name="store", daemon=True)

    def _work(self) -> None:
        is_at_work = True
        while is_at_work:
            try:
                _connection_worker_thread(self._tx)
                is_at_work = False
            except RuntimeError:  # only telling a loop that is closed raises here
                is_at_work = self._running or not self._tx.empty()

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            if self._end is not None:
                await asyncio.wait([self._end])
            raise

    def stop(self) -> asyncio.Future[None] | None:
        """Ask the thread to close what it opened and to end, once; the result is done when it has."""
        if self._end is None:
            self._tx.put_nowait((None, self._close_opened))
            self._end = super().stop()
        return self._end

    def _close_opened(self) -> None:
        if self._opened is not None:
            self._opened.close()


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
    return _Connection(partial(sqlite3.connect, database, factory=_LetsGo, **options))
