"""`python -m tests.botapi --port 8081`: the server for manual trials, steered at /control/ (see control.py)."""

from __future__ import annotations

import argparse
import asyncio
import signal

from tests.botapi.control import ACTS, PREFIX, ControlledServer
from tests.botapi.server import TOKEN


async def _serve(options: argparse.Namespace) -> None:
    server = ControlledServer(token=options.token, username=options.username, checks=options.checks)
    server.rates.enforced = options.limits
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await server.start(options.port)
    print(f"FRONTDESK_TELEGRAM_BASE_URL={server.base_url}", flush=True)
    print(f"FRONTDESK_TELEGRAM_TOKEN={server.token}", flush=True)
    print(f"POST {server.base_url}{PREFIX}<act>, acts: {', '.join(ACTS)}", flush=True)
    await ended.wait()
    await server.stop()
    for violation in server.violations:
        print(f"violation: {violation}")


def main() -> None:
    """Serve until SIGINT or SIGTERM, then print the violations seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0 lets the OS choose")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--username", default="frontdesk_bot")
    parser.add_argument("--limits", action="store_true", help="enforce Telegram's sending limits")
    parser.add_argument("--no-checks", dest="checks", action="store_false", help="for load trials")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
