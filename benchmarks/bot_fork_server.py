"""A bot process made by fork: everything is imported and the index built once, so that a start costs milliseconds.

Driven over stdin and stdout, one word a line: `go` answers with the process id of a new bot, `kill` ends it with
SIGKILL and answers once it is gone, `stop` ends it with SIGTERM and answers with the seconds that took. Settings
come from the environment, as for `frontdesk bot`.

    python -m benchmarks.bot_fork_server
"""

import asyncio
import os
import signal
import sys
import time
import traceback
from functools import partial

from bot import logs
from bot.app import Bot
from bot.channels.telegram import service
from bot.channels.telegram.api import Api
from bot.clock import system_clock
from bot.knowledge import Knowledge
from bot.process import run_in_loop
from bot.settings import BotSettings
from crm_store.engine import open_store, watch
from crm_store.settings import StoreSettings

READ_TIMEOUT_S = 0.25
"""A call without an answer is given up early, so that time-outs fit into short lives."""


async def _learn(settings: BotSettings, stored: StoreSettings) -> Knowledge:
    store = open_store(stored.database_url)
    knowledge = Knowledge(store, system_clock, settings.wrong_budget)
    await knowledge.refresh()
    await store.close()
    return knowledge


async def _serve(settings: BotSettings, stored: StoreSettings, learned: Knowledge) -> None:
    store = open_store(stored.database_url, owner=True)
    house = Bot(store, settings, stored, system_clock, only_server=True)
    known = {name: value for name, value in vars(learned).items() if name not in ("_store", "_clock")}
    vars(house.knowledge).update(known)  # what a refresh would come to again
    telegram = service.TelegramBot(settings, store, house.reception, system_clock)
    house.add_channel(telegram.channel, telegram.pace)
    house.add_service(telegram)
    watcher = asyncio.create_task(watch(store))
    try:
        await house.start()
        await house.failed()
    finally:  # SIGTERM cancels
        await house.stop()
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await store.close()


def _fork(settings: BotSettings, stored: StoreSettings, learned: Knowledge) -> int:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        status = 1
        try:
            run_in_loop(_serve(settings, stored, learned))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def _end(child: int, number: signal.Signals) -> str:
    began = time.monotonic()
    os.kill(child, number)
    os.waitpid(child, 0)
    return f"{time.monotonic() - began:.3f}"


def main() -> None:
    """Serve until stdin ends."""
    settings, stored = BotSettings(), StoreSettings()
    logs.configure(settings.log_level, True, [])
    service.Api = partial(Api, read_timeout=READ_TIMEOUT_S)  # type: ignore[misc, assignment]
    learned = asyncio.run(_learn(settings, stored))
    print("ready", flush=True)
    child = 0
    for line in sys.stdin:
        match line.strip():
            case "go":
                child = _fork(settings, stored, learned)
                print(child, flush=True)
            case "kill":
                print(_end(child, signal.SIGKILL), flush=True)
            case "stop":
                print(_end(child, signal.SIGTERM), flush=True)


if __name__ == "__main__":
    main()
