"""Updates that cannot be read or handled: set aside with their error, so that the platform stops repeating them."""

import asyncio
from datetime import datetime

import structlog

from crm_store import parking
from crm_store.engine import Store, is_outage

log = structlog.get_logger(__name__)
RETRY_AFTER_S = 1.0


async def park(
    store: Store, source: str, update: object, error: Exception, number: str, now: datetime
) -> None:
    """On return it is parked under this number; a store that is away is waited for."""
    told = f"{type(error).__name__}: {error}"
    while True:
        try:
            async with store.write() as session:
                await parking.park(
                    session,
                    source=source,
                    update_id=number,
                    body={"update": update},
                    error=told,
                    now=now,
                )
        except Exception as failure:
            if not is_outage(failure):  # and still it must hold up nobody
                log.exception("an update could not even be parked", update_id=number)
                return
            await asyncio.sleep(RETRY_AFTER_S)
        else:
            return
