"""The write-ahead log stays small, also when somebody always reads."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store import tending
from crm_store.engine import Store
from crm_store.tending import empty_log, tend


async def write(store: Store, name: str) -> None:
    async with store.write() as session:
        values = {"name": name, "value": "x" * 40_000}
        await session.execute(text("INSERT INTO key_value (key, value) VALUES (:name, :value)"), values)


def log_size(store: Store) -> int:
    return Path(f"{store.url.database}-wal").stat().st_size


async def test_a_large_log_is_emptied_and_a_small_one_left(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(tending, "LARGE", 100_000)
    task = asyncio.create_task(tend(sqlite_store))
    try:
        await write(sqlite_store, "small")
        await asyncio.sleep(0.2)
        assert log_size(sqlite_store) > 40_000
        for number in range(5):
            await write(sqlite_store, f"more {number}")
        async with asyncio.timeout(60):
            while log_size(sqlite_store) > 100_000:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_reader_is_waited_for_briefly_and_not_disturbed(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "WAITS_MS", 20)
    await write(sqlite_store, "before")
    count = text("SELECT count(*) FROM key_value")
    async with sqlite_store.read() as session:
        seen = await session.scalar(count)
        await write(sqlite_store, "after")
        assert await empty_log(sqlite_store) is False
        assert await session.scalar(count) == seen
    assert await empty_log(sqlite_store) is True
    assert log_size(sqlite_store) == 0
    async with sqlite_store.writer.connect() as connection:
        waits = await connection.execute(text("PRAGMA busy_timeout"))
        assert waits.scalar() == 5000
