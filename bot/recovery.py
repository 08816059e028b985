"""When to look for what a process that died was sending, and how sure one must be that it is dead."""

import time
from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from crm_store import interrupted, presence
from crm_store.engine import Store
from crm_store.presence import ALONE, Alone
from crm_store.receipts import Receipts, mark_noted
from crm_store.session import Connection
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 10.0
GRACE_S = 2.0
"""A process that is not seen for so long is dead; one whose database was restarted is back sooner."""


class Recovery:
    """Puts back into the outbox what nobody is sending any more."""

    def __init__(
        self,
        store: Store,
        *,
        is_only_server: bool,
        among: Alone = ALONE,
        receipts: Receipts | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._is_only_server, self._among, self._steady = store, is_only_server, among, steady
        self._receipts = receipts or Receipts(None)
        self._looked_at: float | None = None
        self._departures = 0
        self._suspects: dict[int, float] = {}

    @property
    def has_looked(self) -> bool:
        """Whether what the process before this one left has been found."""
        return self._looked_at is not None

    async def look_if_due(self, now: datetime, own: Collection[int]) -> None:
        """Put back what is left; `own` are the messages this process is sending itself."""
        if not self._is_due():
            return
        departures, everything = self._among.departures, self._is_only_server and not self.has_looked
        noted = self._receipts.read() if everything else []

        def work(connection: Connection, _topics: set[Topic]) -> int:
            mark_noted(connection, noted, now=now)
            return interrupted.recover(
                connection,
                now=now,
                everything=everything,
                besides=own,
                gone=self._gone(connection),
                process=self._among.number,
            )

        found = await self._store.transact(work)
        self._looked_at, self._departures = self._steady(), departures
        if found:
            log.warning("interrupted sendings were found", count=found)

    def _is_due(self) -> bool:
        if self._looked_at is None:
            return True
        if self._is_only_server:
            return False
        since = self._steady() - self._looked_at
        if self._suspects:
            return since >= GRACE_S / 2
        return since >= LOOK_EVERY_S or self._departures != self._among.departures

    def _gone(self, connection: Connection) -> set[int]:
        """Processes that have been missing for long enough."""
        if self._among.number is None or not self._among.is_here:
            self._suspects.clear()  # after a restart of the database everybody is missing for a moment
            return set()
        # The claims first: who claims after that is alive, or has yet to be missed.
        missing = interrupted.claimants(connection) - presence.living(connection)
        now = self._steady()
        self._suspects = {process: self._suspects.get(process, now) for process in missing}
        return {process for process, since in self._suspects.items() if now - since >= GRACE_S}
