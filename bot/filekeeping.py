"""Keeps the folder of files in order while the server runs."""

import asyncio

import structlog

from bot.clock import Clock
from crm_store import stored_files
from crm_store.engine import Store
from crm_store.files import Files

log = structlog.get_logger(__name__)
SWEEP_EVERY_S = 3600.0


class FileKeeper:
    """A service that deletes files nobody needs any more: at the start and every hour."""

    def __init__(self, store: Store, files: Files, clock: Clock) -> None:
        self._store, self._files, self._clock = store, files, clock

    async def start(self) -> None:
        """Nothing is needed to begin."""

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                gone = await stored_files.sweep(self._store, self._files, now=self._clock())
            except Exception as error:
                log.warning("the files could not be swept; it is tried again", error=type(error).__name__)
            else:
                if gone:
                    log.info("files that belong to nothing any more are deleted", count=gone)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def stop(self) -> None:
        """Nothing is taken in here."""

    async def close(self) -> None:
        """Nothing is held open."""
