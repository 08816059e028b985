"""The watch over the database: what it finds, in which words, and that all is well again afterwards."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from crm_store import watching
from crm_store.condition import DATABASE, DISK, Condition
from crm_store.engine import Store, open_store
from crm_store.watching import in_words, mind

_A_ROW = "INSERT INTO key_value (key, value) VALUES ('k', 'x')"


@asynccontextmanager
async def minded(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Condition]:
    for name in ("LOOK_EVERY_S", "PATIENCE_S", "CALM_S"):
        monkeypatch.setattr(watching, name, 0.05)
    condition = Condition()
    task = asyncio.create_task(mind(store, condition))
    try:
        yield condition
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Condition, *, ill: bool) -> None:
    async with asyncio.timeout(60):
        while condition.is_out_of_order(DATABASE) is not ill:
            await asyncio.sleep(0.01)


async def write_much(store: Store) -> None:
    async with store.write() as session:
        rows = [(f"k{number}", "x" * 4000) for number in range(200)]
        connection = await session.connection()
        await connection.exec_driver_sql("INSERT INTO key_value (key, value) VALUES (?, ?)", rows)


async def test_a_sound_database_stays_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with minded(store, monkeypatch) as condition:
        await asyncio.sleep(0.3)
        assert condition.troubles == []


async def test_a_lock_of_another_program(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with minded(sqlite_store, monkeypatch) as condition:
        with closing(sqlite3.connect(sqlite_store.url.database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await until(condition, ill=True)
            assert "lock" in condition.troubles[0].what
            other.execute("ROLLBACK")
        await until(condition, ill=False)


async def test_a_failed_write_is_heard_of_and_only_a_real_write_heals(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with minded(sqlite_store, monkeypatch) as condition:
        async with sqlite_store.write() as session:
            pages = (await session.connection()).exec_driver_sql
            full = int((await pages("PRAGMA page_count")).scalar_one())
            await pages(f"PRAGMA max_page_count = {full}")
        with pytest.raises(OperationalError, match="full"):
            await write_much(sqlite_store)
        await until(condition, ill=True)
        assert "disk is full" in condition.troubles[0].what
        await until(condition, ill=False)


@pytest.mark.parametrize("by_session", [False, True])
async def test_a_writer_that_was_opened_while_nothing_could_be_written(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, by_session: bool
) -> None:
    """SQLite then opens the file for reading only, and that connection never writes whatever becomes of the disk."""
    is_protected, store = True, open_store(sqlite_url)

    @event.listens_for(store.writer.sync_engine, "connect")
    def _opened(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA query_only={int(is_protected)}")

    async def write() -> None:
        if by_session:
            await write_much(store)
        else:
            await store.transact(lambda connection, _: connection.exec_driver_sql(_A_ROW))

    try:
        for _ in range(2):
            with pytest.raises(OperationalError, match="readonly"):
                await write()
        is_protected = False
        await write()
    finally:
        await store.close()


async def test_a_disk_with_little_room_is_told_of_before_it_is_full(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LEAST_ROOM", 2**62)
    async with minded(sqlite_store, monkeypatch) as condition:
        async with asyncio.timeout(60):
            while not condition.is_out_of_order(DISK):
                await asyncio.sleep(0.01)
        assert not condition.is_out_of_order(DATABASE)
        monkeypatch.setattr(watching, "LEAST_ROOM", 0)
        async with asyncio.timeout(60):
            while condition.is_out_of_order(DISK):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("database is locked", "holds its lock"),
        ("database or disk is full", "full"),
        ("attempt to write a readonly database", "right to write"),
        ("disk I/O error", "refuses to be written"),
        ("Ann's secret words", "OperationalError"),
    ],
)
def test_words_for_errors_never_repeat_their_text(told: str, words: str) -> None:
    said = in_words(OperationalError("INSERT", {}, sqlite3.OperationalError(told)))
    assert words in said
    assert "Ann" not in said


def test_a_server_that_cannot_be_reached() -> None:
    assert in_words(ConnectionRefusedError("10.0.0.1")) == "its server cannot be reached"
