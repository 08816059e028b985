"""`frontdesk bot` and `frontdesk api` made by fork: everything is imported once, so that a start costs milliseconds.

Driven over stdin and stdout, a line each: `bot PORT` and `api PORT` answer with the new process's id, `kill ID` ends
it with SIGKILL and answers once it is gone, `stop ID` does so with SIGTERM. Settings come from the environment.

    python -m benchmarks.growth_fork_server
"""

import asyncio
import os
import signal
import sys
import traceback

from bot import cli, logs, wiring
from bot.channels.telegram import service
from bot.clock import system_clock
from bot.knowledge import Knowledge
from bot.process import run_in_loop
from bot.settings import BotSettings
from crm_store.engine import open_store
from crm_store.settings import StoreSettings

PRELOADED = (wiring, service)


async def _learn(settings: BotSettings, stored: StoreSettings) -> None:
    """What is learned is stored, and every process loads it."""
    store = open_store(stored.database_url)
    knowledge = Knowledge(store, system_clock, settings.wrong_budget)
    await knowledge.refresh()
    await knowledge.close()
    await store.close()


def _fork(kind: str, port: str) -> int:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 1
        try:
            os.environ["FRONTDESK_PUBLIC_PORT" if kind == "bot" else "FRONTDESK_STAFF_PORT"] = port
            run_in_loop(cli._serving(with_bot=kind == "bot", with_api=kind == "api", sample=False))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def main() -> None:
    """Serve until stdin ends."""
    import admin_api.app  # noqa: F401 (imported once, here)

    settings = BotSettings()
    logs.configure(settings.log_level, True, [])
    asyncio.run(_learn(settings, StoreSettings()))
    print("ready", flush=True)
    for line in sys.stdin:
        word, argument = line.split()
        if word in ("bot", "api"):
            print(_fork(word, argument), flush=True)
        else:
            os.kill(int(argument), signal.SIGKILL if word == "kill" else signal.SIGTERM)
            os.waitpid(int(argument), 0)
            print("gone", flush=True)


if __name__ == "__main__":
    main()
