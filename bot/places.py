"""Customers who wait are told their place and what to expect: once, and in the same message when it changes."""

import asyncio

import structlog

from bot.clock import Clock
from bot.rendering import expectation
from crm_store import places, queue
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 60.0


class Places:
    """Keeps true what those who wait were told."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsSource) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    async def run(self) -> None:
        """Look every now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.tell_all()
            except Exception as error:
                if not is_outage(error):
                    log.exception("those who wait could not be told where they stand; they will be")

    async def tell_all(self) -> int:
        """Tell whoever stands elsewhere than they were told; how many were told. Nobody while their team is away."""
        now, settings = self._clock(), self._settings.current
        if not any(settings.hours_of(team).is_open(now) for team in (None, *settings.teams_apart)):
            return 0
        async with self._store.read() as session:
            if not await queue.length(session):
                return 0
            wait = await queue.expected_wait(session, now=now, hours_of=settings.hours_of)
        async with self._store.write() as session:
            found = await places.stale(session, now=now, settings=settings)
            for one in found:
                text = expectation(one.language, one.position, wait, one.message.intent)
                await places.tell(session, one, text, now=now)
        return len(found)
