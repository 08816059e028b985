"""How long each place in the queue takes, as customers are told it: reckoned once a minute for all who tell them."""

from datetime import datetime, timedelta

from crm_store import queue_lines
from crm_store.engine import Store
from crm_store.lines import Paces
from crm_store.live_settings import SettingsSource

IS_FRESH = timedelta(seconds=60)


class ToldWait:
    """The paces of the queue; one for all who speak of it, so that they say the same."""

    def __init__(self, store: Store, settings: SettingsSource) -> None:
        self._store, self._settings = store, settings
        self._reckoned: tuple[datetime, Paces] | None = None

    async def paces(self, now: datetime) -> Paces:
        """As `queue_lines.paces`, at most a minute ago."""
        if self._reckoned is None or abs(now - self._reckoned[0]) > IS_FRESH:
            async with self._store.read() as session:
                hours_of = self._settings.current.hours_of
                self._reckoned = (now, await queue_lines.paces(session, now=now, hours_of=hours_of))
        return self._reckoned[1]
