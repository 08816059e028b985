"""A whole bot, as `frontdesk bot` runs it, in fast time.

python -m benchmarks.away.hurried_bot SCALE ORIGIN FILE

FILE gets a line for each message as it is let go: when, and to which chat. That is when its turn came, not when the
machine came round to sending it: a pause of the machine bunches what was let go evenly.
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
    from bot.delivery import Delivery
    from bot.settings import BotSettings
    from bot.wiring import connect
    from crm_store.engine import open_store, watched
    from crm_store.outbox import Claimed
    from crm_store.settings import StoreSettings

    departures, call = Path(sys.argv[3]).open("a", buffering=1), Api.call  # noqa: SIM115 (for all its life)

    start = Delivery._start

    def let_go(self: Delivery, message: Claimed) -> None:
        departures.write(f"{time.monotonic()} {message.address}\n")
        start(self, message)

    async def noted(self: Api, method: str, **params: object) -> object:
        if method.startswith(("send", "copy")) and str(params["chat_id"]).startswith(
            "-"
        ):  # the staff's group
            departures.write(f"{time.monotonic()} {params['chat_id']}\n")
        return await call(self, method, **params)

    Delivery._start = let_go  # type: ignore[method-assign]
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
