"""`frontdesk bot` and `frontdesk api` made by fork.

`bot PORT` and `api PORT` answer with the new process's id, `kill ID` ends it with SIGKILL and answers once it is
gone, `stop ID` does so with SIGTERM.

    python -m benchmarks.growth.fork_server
"""

import asyncio
import os
import signal
import sys
from functools import partial

from benchmarks.forking import fork, learn
from bot import cli, logs, wiring
from bot.channels.telegram import service
from bot.settings import BotSettings

PRELOADED = (wiring, service)


def _fork(kind: str, port: str) -> int:
    serve = partial(cli._serving, with_bot=kind == "bot", with_api=kind == "api", sample=False)
    name = "FRONTDESK_PUBLIC_PORT" if kind == "bot" else "FRONTDESK_STAFF_PORT"
    return fork(serve, partial(os.environ.update, {name: port}))


def main() -> None:
    """Serve until stdin ends."""
    import admin_api.app  # noqa: F401 (imported once, here)

    logs.configure(BotSettings().log_level, True, [])
    asyncio.run(learn(only_server=False))
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
