"""A bot process made by fork.

`go` answers with the process id of a new bot, `kill` ends it with SIGKILL, `stop` with SIGTERM; both answer once it
is gone, with the seconds that took and its status.

    python -m benchmarks.kills.fork_server
"""

import asyncio
import os
import signal
import sys
import time
from functools import partial

from benchmarks.forking import fork, learn
from bot import logs
from bot.app import Bot
from bot.channels.telegram import service
from bot.channels.telegram.api import Api
from bot.clock import system_clock
from bot.settings import BotSettings
from bot.wiring import connect
from crm_store.engine import open_store, watched
from crm_store.settings import StoreSettings

READ_TIMEOUT_S = 0.7
"""A call without an answer is given up sooner than by default, so that time-outs fit into the longer lives; the
witness sees which answers came too late."""


async def _serve(settings: BotSettings, stored: StoreSettings) -> None:
    """As `frontdesk bot`, but for the migration and the lock on the file, which a life is too short for."""
    store = open_store(stored.database_url, owner=True)
    try:
        async with watched(store):
            house = Bot(store, settings, stored, system_clock, only_server=store.is_sqlite)
            site = connect(house)
            try:
                await house.start()
                await site.open()
                await house.failed()
            finally:  # SIGTERM cancels
                await site.close()
                await house.stop()
    finally:
        await store.close()


def _end(child: int, number: signal.Signals) -> str:
    began = time.monotonic()
    os.kill(child, number)
    _, status = os.waitpid(child, 0)
    return f"{time.monotonic() - began:.3f} {os.waitstatus_to_exitcode(status)}"


def main() -> None:
    """Serve until stdin ends."""
    settings, stored = BotSettings(), StoreSettings()
    logs.configure(settings.log_level, True, [])
    setattr(service, "Api", partial(Api, read_timeout=READ_TIMEOUT_S))  # noqa: B010 (a class is replaced)
    asyncio.run(learn(only_server=True))
    print("ready", flush=True)
    child = 0
    for line in sys.stdin:
        match line.strip():
            case "go":
                child = fork(partial(_serve, settings, stored))
                print(child, flush=True)
            case "kill":
                print(_end(child, signal.SIGKILL), flush=True)
                child = 0
            case "stop":
                print(_end(child, signal.SIGTERM), flush=True)
                child = 0
    if child:  # whoever drove this is gone
        _end(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
