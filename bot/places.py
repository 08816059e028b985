"""Customers who wait are told their place and what to expect: once, and in the same message when it changes."""

import asyncio

import structlog

from bot.clock import Clock
from bot.rendering import choices_of, expectation
from bot.told_wait import ToldWait
from crm_store import places
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource
from crm_store.presence import Alone, while_leading
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 60.0
FRONT, FRONT_EVERY_S = 60, 5.0
"""So many in front are looked at every few seconds, and as soon as the order of the queue changes; the rest, which
costs a look at the whole queue, once a minute."""
APART_S = 2.0
TASK = "places"


class Places:
    """Keeps true what those who wait were told."""

    def __init__(
        self, store: Store, clock: Clock, settings: SettingsSource, told_wait: ToldWait | None = None
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._told_wait = told_wait or ToldWait(store, settings)

    async def run(self, presence: Alone) -> None:
        """Look every now and then, in one process of all; until cancelled."""
        await while_leading(presence, TASK, self._look)

    async def _look(self) -> None:
        listener = self._store.signals.listen(Topic.QUEUE)
        loop = asyncio.get_running_loop()
        all_at = loop.time() + LOOK_EVERY_S
        while True:
            await asyncio.sleep(APART_S)
            await listener.wait(FRONT_EVERY_S - APART_S)
            is_for_all = loop.time() >= all_at
            all_at = loop.time() + LOOK_EVERY_S if is_for_all else all_at
            try:
                await self.tell_all(front=None if is_for_all else FRONT)
            except Exception as error:
                if not is_outage(error):
                    log.exception("those who wait could not be told where they stand; they will be")

    async def tell_all(self, front: int | None = None) -> int:
        """Tell whoever (of so many in front) stands elsewhere than they were told; how many were told. Nobody while
        their team is away."""
        now, settings = self._clock(), self._settings.current
        if not any(settings.hours_of(team).is_open(now) for team in (None, *settings.teams_apart)):
            return 0
        async with self._store.read() as session:
            if not await places.is_any_stale(session, now=now, settings=settings, front=front):
                return 0
        pace = await self._told_wait.pace(now)
        async with self._store.write() as session:
            found = await places.stale(session, now=now, settings=settings, front=front)
            for one in found:
                text = expectation(one.language, one.position, pace, one.message.intent)
                buttons = choices_of(one.message.intent or {}, one.language)
                await places.tell(session, one, text, buttons, now=now)
        return len(found)
