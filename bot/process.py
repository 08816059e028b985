"""A server process from start to end: the right to the file, the current schema, the ports, the signals."""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.channels.base import CannotServe
from bot.clock import system_clock
from bot.stopping import under_way
from crm_store import migrate
from crm_store.engine import Store, open_store, parse_url, watched
from crm_store.errors import StoreUnusable
from crm_store.ownership import FileOwnership
from crm_store.settings import StoreSettings

log = structlog.get_logger(__name__)
STOP_WITHIN_S = 4.5
"""What is not done by then is dropped: service managers soon kill, and all that counts is in the store."""


@asynccontextmanager
async def served_store(settings: StoreSettings) -> AsyncIterator[Store]:
    """The store for a server: owned alone on SQLite, migrated after a backup, watched for others' writes."""
    url = parse_url(settings.database_url)
    ownership = FileOwnership(Path(url.database or "")) if url.get_backend_name() == "sqlite" else None
    if ownership is not None:
        try:
            ownership.acquire()
        except FileNotFoundError:  # made by itself, a mistyped folder would be an empty shop
            raise StoreUnusable(
                f"the folder of {url.database} does not exist; create it, or name another file in "
                "FRONTDESK_DATABASE_URL"
            ) from None
        except OSError as error:
            raise StoreUnusable(
                f"the folder of {url.database} cannot be written ({error.strerror}); give this user the right "
                "to write in it, or name another file in FRONTDESK_DATABASE_URL"
            ) from None
    try:
        await migrate.upgrade(
            settings.database_url,
            backup_folder=Path(settings.backup_folder),
            now=system_clock(),
            is_owner=True,
        )
        store = open_store(settings.database_url, owner=True)
        try:
            async with watched(store):
                yield store
        finally:
            await store.close()
    finally:
        if ownership is not None:
            ownership.release()


def spare_the_collector() -> None:
    """Call once all is set up: keeps the garbage collector off what stays, and off a batch that is being thought.

    Modules, statements and the index would be gone through again and again, which cost as much as all the thinking;
    and a batch of messages makes some ten thousand objects that all go at once, by themselves.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class Site:
    """One aiohttp application on one port."""

    def __init__(self, app: web.Application, host: str, port: int, setting: str) -> None:
        self._app, self._host, self._port, self._setting = app, host, port, setting
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen; raises CannotServe when the port is taken or not allowed."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise CannotServe(
                f"cannot listen on {self._host}:{self._port} ({error.strerror}); "
                f"stop the program that uses it, or set {self._setting} to another port"
            ) from None

    async def close(self) -> None:
        """Listen no more; requests under way get a moment to finish."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where it listens, with the port the system chose when it was asked for any."""
        addresses = self._runner.addresses if self._runner else []
        port = addresses[0][1] if addresses else self._port
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"  # noqa: S104 (shown, not bound)


class Stop:
    """The end of a server: asked for by the first SIGTERM or SIGINT, and certain to come in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.is_asked = False
        self.is_clean = False
        """Set once the store is closed; what still runs then writes nothing."""

    def ask(self, serving: "asyncio.Future[None]") -> None:
        """Cancel the server, whose `finally` blocks are its clean end; more signals change nothing."""
        if self.is_asked:
            return
        self.is_asked = True
        log.info("stopping")
        limit = threading.Timer(STOP_WITHIN_S, self._cut)
        limit.daemon = True
        limit.start()
        serving.cancel()

    def _cut(self) -> None:
        # A thread in the middle of something cannot be interrupted, and Python would wait for it.
        if not self.is_clean:
            log.error(
                "stopping took too long; what was not finished is taken up by the next start",
                under_way=under_way(self._loop),
            )
        os._exit(0 if self.is_clean else 1)


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    stop = Stop(loop)
    serving = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.ask, serving)
    try:
        await serving
    except asyncio.CancelledError:
        if not stop.is_asked:
            raise
    finally:
        stop.is_clean = True


def run_in_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run a server until it fails, which raises, or a signal has ended it cleanly.

    It runs on uvloop, which spends less on every socket, and where that cannot be had on asyncio's own loop.
    """
    loops: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with suppress(ImportError):  # it is not made for Windows
        import uvloop

        loops = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loops) as runner:
        runner.run(_until_stopped(work))
