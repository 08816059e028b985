"""Notices that the clock was set back, and lets nothing wait longer for it."""

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from crm_store import set_back
from crm_store.engine import Store
from crm_store.session import Connection
from crm_store.signals import Topic

log = structlog.get_logger(__name__)


class Setbacks:
    """Compares what the clock says with what it said the last time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._before: datetime | None = None

    async def look(self) -> timedelta:
        """To be called every second or so: on return no row waits for a time that was near and is far off now.

        By how much the clock was set back since the last look; what is planned but not yet written is the caller's.
        """
        now, before = self._clock(), self._before
        by = timedelta()
        if before is None:
            await self._look_at_history(now)
        elif before - now > set_back.TOLERANCE:
            by = before - now
            await self._wait_less(by, now)
        self._before = now
        return by

    async def _look_at_history(self, now: datetime) -> None:
        """Set back while no server ran: by how much nobody knows."""

        def is_ahead(connection: Connection, _topics: set[Topic]) -> bool:
            return set_back.is_history_ahead(connection, now)

        if await self._store.transact(is_ahead):
            await self._wait_less(None, now)

    async def _wait_less(self, by: timedelta | None, now: datetime) -> None:
        def work(connection: Connection, topics: set[Topic]) -> int:
            count = set_back.wait_less(connection, by, now)
            if count:
                topics.update((Topic.OUTBOX, Topic.DESK, Topic.QUEUE, Topic.TIMERS))
            return count

        count = await self._store.transact(work)
        log.warning("the clock was set back", by_s=by and round(by.total_seconds(), 1), waited_for_it=count)
