"""Updates that cannot even be read: set aside with their error, so that the platform stops repeating them."""

import asyncio
from datetime import datetime

from bot.channels.telegram.decoding import update_id_of
from crm_store import parking
from crm_store.engine import Store, is_outage

RETRY_AFTER_S = 1.0


async def park(store: Store, source: str, update: object, error: Exception, now: datetime) -> None:
    """On return it is parked; a store that is away is waited for. One without a number is nothing to repeat."""
    number = update_id_of(update)
    if number is None:
        return
    told = f"{type(error).__name__}: {error}"
    while True:
        try:
            async with store.write() as session:
                await parking.park(
                    session,
                    source=source,
                    update_id=str(number),
                    body={"update": update},
                    error=told,
                    now=now,
                )
        except Exception as failure:
            if not is_outage(failure):
                raise
            await asyncio.sleep(RETRY_AFTER_S)
        else:
            return
