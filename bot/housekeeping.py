"""Keeps the store and the folder of files small while the server runs: what has served its time goes."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

import structlog

from bot.clock import Clock
from crm_store import article_files, privacy, retention, stored_files
from crm_store.engine import Store, is_outage
from crm_store.files import Files
from crm_store.live_settings import SettingsSource
from crm_store.presence import Alone, while_leading
from crm_store.session import Session
from crm_store.settings import StoreSettings

log = structlog.get_logger(__name__)
EVERY_S: Final = 3600.0
AT_ONCE: Final = 200
"""So much of one kind goes in one transaction: customers' messages get in between."""
BREATH_S: Final = 0.2
TASK: Final = "housekeeping"

Chore = Callable[[Session, datetime, StoreSettings], Coroutine[Any, Any, int]]


async def _old_conversations(session: Session, now: datetime, settings: StoreSettings) -> int:
    if settings.retention is None:
        return 0
    return await privacy.delete_resolved(session, before=now - settings.retention, limit=AT_ONCE)


async def _seen_updates(session: Session, now: datetime, _settings: StoreSettings) -> int:
    return await retention.drop_seen(session, before=now - retention.SEEN_FOR, limit=AT_ONCE)


async def _requests(session: Session, now: datetime, _settings: StoreSettings) -> int:
    return await retention.drop_requests(session, before=now - retention.SEEN_FOR, limit=AT_ONCE)


async def _fired_timers(session: Session, now: datetime, _settings: StoreSettings) -> int:
    return await retention.drop_fired(session, before=now - retention.FIRED_FOR, limit=AT_ONCE)


async def _done_errands(session: Session, now: datetime, _settings: StoreSettings) -> int:
    return await retention.drop_errands(session, before=now - retention.DONE_FOR, limit=AT_ONCE)


async def _drafted_files(session: Session, _now: datetime, _settings: StoreSettings) -> int:
    await article_files.let_go_of_drafts(session)  # the sweep that follows counts what went
    return 0


CHORES: Final[dict[str, Chore]] = {
    "conversations past their time": _old_conversations,
    "updates nobody will repeat": _seen_updates,
    "requests nobody will repeat": _requests,
    "timers long fired": _fired_timers,
    "errands long done": _done_errands,
    "files of drafts that are no more": _drafted_files,
}


async def keep_house(
    store: Store, files: Files, clock: Clock, settings: SettingsSource, presence: Alone
) -> None:
    """Tidy at the start and every hour, in one process of all; runs until cancelled."""

    async def hourly() -> None:
        while True:
            await tidy(store, files, clock, settings.current)
            await asyncio.sleep(EVERY_S)

    await while_leading(presence, TASK, hourly)


async def tidy(store: Store, files: Files, clock: Clock, settings: StoreSettings) -> None:
    """Do every chore until nothing is left of it; one that fails is told and waits for the next time."""
    for what, chore in CHORES.items():
        try:
            gone = await _through(store, chore, clock, settings)
        except Exception as error:
            _failed(what, error)
        else:
            if gone:
                log.info("tidied", what=what, count=gone)
    try:
        gone = await stored_files.sweep(store, files, now=clock())
    except Exception as error:
        _failed("files that belong to nothing", error)
    else:
        if gone:
            log.info("tidied", what="files that belong to nothing", count=gone)


async def _through(store: Store, chore: Chore, clock: Clock, settings: StoreSettings) -> int:
    gone = 0
    while True:
        async with store.write() as session:
            count = await chore(session, clock(), settings)
        gone += count
        if count < AT_ONCE:
            return gone
        await asyncio.sleep(BREATH_S)


def _failed(what: str, error: Exception) -> None:
    if is_outage(error):
        log.warning("not tidied; it is tried again", what=what, error=type(error).__name__)
    else:
        log.error("not tidied; it is tried again", what=what, exc_info=error)
