"""A whole bot, as `frontdesk bot` runs it, in fast time.

python -m benchmarks.away.hurried_bot SCALE ORIGIN FILE

FILE gets a line for each message as it leaves: when, and to which chat.
"""

import asyncio
import signal
import sys
from contextlib import suppress

from benchmarks.away.fast_time import hurry

if __name__ == "__main__":
    now = hurry(float(sys.argv[1]), float(sys.argv[2]))

    import time
    from pathlib import Path

    from bot import logs
    from bot.app import Bot
    from bot.channels.telegram.api import Api
    from bot.settings import BotSettings
    from bot.wiring import connect
    from crm_store.engine import open_store, watched
    from crm_store.settings import StoreSettings

    departures, call = Path(sys.argv[3]).open("a", buffering=1), Api.call  # noqa: SIM115 (for all its life)

    async def noted(self: Api, method: str, **params: object) -> object:
        if method.startswith(("send", "copy")):
            departures.write(f"{time.monotonic()} {params['chat_id']}\n")
        return await call(self, method, **params)

    Api.call = noted  # type: ignore[method-assign]

    async def serve() -> None:
        settings, stored = BotSettings(), StoreSettings()
        logs.configure(settings.log_level, True, [])
        store = open_store(stored.database_url, owner=True)
        this = asyncio.current_task()
        assert this is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
        try:
            async with watched(store):
                house = Bot(store, settings, stored, now, only_server=True)
                connect(house)
                try:
                    await house.start()
                    await house.failed()
                finally:
                    await house.stop()
        finally:
            await store.close()

    with suppress(asyncio.CancelledError):
        asyncio.run(serve())
