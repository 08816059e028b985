"""A store whose users are cancelled, and cancelled again while they clear up: nothing waits for ever."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

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
