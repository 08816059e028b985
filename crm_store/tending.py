"""Keeping an SQLite file's write-ahead log small, however many read.

SQLite begins its log anew only at a moment when nobody reads in it. Where some reader always does, checkpoints copy
everything and the log grows all the same; then readers have to be waited for, briefly, before the next one starts.
"""

import asyncio
from pathlib import Path
from typing import Any

import structlog

from crm_store.engine import Store, is_outage

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0
LARGE = 16 * 2**20
"""Four times where SQLite checkpoints by itself: below it nobody is made to wait."""
WAITS_MS = 250


async def tend(store: Store) -> None:
    """Empty the log whenever it is large; runs until cancelled. For the process that owns the file."""
    if not store.is_sqlite:
        await asyncio.Event().wait()
    path = Path(f"{store.url.database}-wal")
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            if path.stat().st_size > LARGE:  # noqa: ASYNC240 (a moment)
                await empty_log(store)
        except OSError:  # there is none yet
            continue
        except Exception as error:
            if not is_outage(error):
                log.exception("the write-ahead log could not be emptied; it is tried again")


async def empty_log(store: Store) -> bool:
    """Whether the log is empty now; False when somebody read in it for longer than is waited."""
    async with store.writer.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        before = await _ask(driver, "PRAGMA busy_timeout")
        await _ask(driver, f"PRAGMA busy_timeout={WAITS_MS}")  # writers wait as long as this does
        try:
            # Past SQLAlchemy: a checkpoint is not possible inside a transaction.
            return await _ask(driver, "PRAGMA wal_checkpoint(TRUNCATE)") == 0
        finally:
            await _ask(driver, f"PRAGMA busy_timeout={before}")


async def _ask(driver: Any, pragma: str) -> int:
    cursor = await driver.execute(pragma)
    row = await cursor.fetchone()
    await cursor.close()
    return int(row[0])
