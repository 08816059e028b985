"""A store whose users are cancelled, and cancelled again while they clear up: nothing waits for ever."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text

from crm_store.driver import connect
from crm_store.engine import Store, open_store

SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT max(i) FROM n"
)
PATIENCE_S = 30


async def work(store: Store, count: int) -> None:
    async with store.read() as session:
        await session.execute(text(SLOW.format(count=count)))


@pytest.mark.parametrize("cancels", [1, 2, 3])
async def test_who_is_cancelled_again_and_again_leaves_nothing_behind(tmp_path: Path, cancels: int) -> None:
    threads = set(threading.enumerate())
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", owner=True)
    await work(store, 1)
    before = asyncio.all_tasks()
    task = asyncio.create_task(work(store, 3_000_000))
    for _ in range(cancels):
        for _ in range(20):  # until it waits for the database, or for the end of the connection
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        task.cancel()
    await asyncio.wait([task], timeout=PATIENCE_S)
    left = asyncio.all_tasks() - before
    for one in left:  # as a loop does that ends
        one.cancel()
    if left:
        await asyncio.wait(left, timeout=PATIENCE_S)
    assert [one for one in left | {task} if not one.done()] == []
    await work(store, 1)
    await store.close()
    for thread in (
        set(threading.enumerate()) - threads
    ):  # the database goes on with what nobody waits for any more
        await asyncio.to_thread(thread.join, PATIENCE_S)


async def test_who_is_cancelled_while_it_opens_leaves_neither_thread_nor_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, opened, really = threading.Event(), list[sqlite3.Connection](), sqlite3.connect

    def slowly(*given: Any, **options: Any) -> sqlite3.Connection:
        goes_on.wait(PATIENCE_S)
        opened.append(really(*given, **options))
        return opened[0]

    monkeypatch.setattr(sqlite3, "connect", slowly)
    connection = connect(str(tmp_path / "store.db"), check_same_thread=False)
    task = asyncio.ensure_future(_opened(connection))
    await asyncio.sleep(0)
    task.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done(), "what answers to this loop is still at work"
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, PATIENCE_S)
    await asyncio.to_thread(connection._thread.join, PATIENCE_S)
    assert not connection._thread.is_alive()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_a_loop_that_closes_amid_a_statement_leaves_neither_thread_nor_connection(tmp_path: Path) -> None:
    loop, goes_on = asyncio.new_event_loop(), threading.Event()
    connection = loop.run_until_complete(_open_and_wait(str(tmp_path / "store.db"), goes_on))
    raw = connection._conn
    loop.close()
    goes_on.set()
    connection._thread.join(PATIENCE_S)
    assert not connection._thread.is_alive()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.execute("SELECT 1")


async def _open_and_wait(file: str, goes_on: threading.Event) -> aiosqlite.Connection:
    """A connection in the midst of a statement that its user was cancelled in, and that is asked to end."""
    connection = await connect(file, check_same_thread=False)
    await connection.create_function("wait", 0, lambda: goes_on.wait(PATIENCE_S))
    task = asyncio.ensure_future(connection.execute("SELECT wait()"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    connection.stop()
    return connection


async def _opened(connection: aiosqlite.Connection) -> None:
    await connection


async def _close(connection: aiosqlite.Connection) -> None:
    await connection.close()


async def _stop(connection: aiosqlite.Connection) -> None:
    ended = connection.stop()
    assert ended is not None
    await ended


async def _close_and_stop(connection: aiosqlite.Connection) -> None:
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    await _stop(connection)
    await closing


@pytest.mark.parametrize("end", [_close, _stop, _close_and_stop])
async def test_a_connection_that_ends_between_two_rows_locks_nobody_out(
    tmp_path: Path, end: Callable[[aiosqlite.Connection], Awaitable[None]]
) -> None:
    file = str(tmp_path / "store.db")
    ending, other = await connect(file, isolation_level=None), await connect(file, timeout=0)
    await ending.execute("PRAGMA journal_mode = WAL")  # as a store has it
    await ending.execute("CREATE TABLE noted (n INTEGER)")
    await ending.execute("INSERT INTO noted VALUES (1), (2), (3)")
    await ending.execute("BEGIN IMMEDIATE")
    await ending.execute("INSERT INTO noted VALUES (4)")
    unread = await ending.execute("SELECT n FROM noted")
    assert await unread.fetchone() == (1,)
    await asyncio.wait_for(end(ending), PATIENCE_S)
    await other.execute("INSERT INTO noted VALUES (5)")
    await other.commit()
    assert await other.execute_fetchall("SELECT n FROM noted") == [(1,), (2,), (3,), (5,)]
    await other.close()
    await asyncio.to_thread(ending._thread.join, PATIENCE_S)
    assert not ending._thread.is_alive()
    assert unread is not None
