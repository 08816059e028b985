"""Scores that are kept fresh by themselves: at night, and soon after many orders came in."""

import asyncio
import importlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from crm_store import rescoring
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource
from crm_store.presence import Alone, while_leading
from crm_store.settings import StoreSettings

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 60.0
TRY_AGAIN_S: Final = 900.0
"""After a run that failed."""
TASK: Final = "scores"


async def keep_scored(
    store: Store, clock: Callable[[], datetime], settings: SettingsSource, presence: Alone
) -> None:
    """Score everybody whenever it is due, in one process of all; runs until cancelled."""

    async def looking() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await score_if_due(store, now=clock(), settings=settings.current)
            except Exception as error:
                if not is_outage(error):
                    log.exception("customers could not be scored; it is tried again")
                    await asyncio.sleep(TRY_AGAIN_S)

    await while_leading(presence, TASK, looking)


async def score_if_due(store: Store, *, now: datetime, settings: StoreSettings) -> rescoring.Why | None:
    """Why everybody was scored; None when that was not due. What takes long runs beside the event loop."""
    async with store.read() as session:
        why = await rescoring.why_due(session, now=now, settings=settings)
    if why is None:
        return None
    score_runs = await asyncio.to_thread(importlib.import_module, "admin_api.score_runs")  # takes a second
    run = await score_runs.run_scores(store, as_of=now, now=now, rules=score_runs.rules_of(settings))
    log.info("all customers are scored", why=why.value, run=run.id)
    return why
