"""Customers who wait are told their place and what to expect: once, and in the same message when it changes."""

import asyncio
from datetime import datetime

import structlog

from bot import waits
from bot.clock import Clock
from bot.rendering import choices_of, expectation
from bot.told_wait import ToldWait
from crm_store import duty, places
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource
from crm_store.places import Due
from crm_store.presence import Alone, while_leading
from crm_store.queueing import Candidate
from crm_store.settings import StoreSettings
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 60.0
FRONT, FRONT_EVERY_S = 60, 5.0
"""So many in front are looked at every few seconds, and as soon as the order of the queue changes; the rest once a
minute."""
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
        """Tell whoever (of so many in front) stands elsewhere than they were told, or waits for people who have left;
        how many were told."""
        now, settings = self._clock(), self._settings.current
        async with self._store.read() as session:
            found = await places.told(session, now=now, front=front)
            away, online = [], []
            if not all(settings.hours_of(team).is_open(now) for team in (None, *settings.teams_apart)):
                online = [one for _, one in (await duty.candidates(session, now=now)).values()]
                away = places.left_alone(found, now=now, settings=settings, online=online)
        told = await self._tell_places(places.stale(found, now=now, settings=settings), now)
        return told + await self._tell_away(away, now, settings, online)

    async def _tell_places(self, due: list[Due], now: datetime) -> int:
        """Those whose people are there."""
        if not due:
            return 0
        paces = await self._told_wait.paces(now)
        async with self._store.write() as session:
            found = await places.still(session, due)
            for one in found:
                pace, intent = paces.of(one.need), one.message.intent or {}
                text = expectation(one.need.language, one.position, pace, intent, one.why)
                buttons = choices_of(intent, one.need.language)
                await places.tell(session, one, text, buttons, now=now)
        return len(found)

    async def _tell_away(
        self, due: list[Due], now: datetime, settings: StoreSettings, online: list[Candidate]
    ) -> int:
        """Those whose people have left, once: who is there all the same may serve them."""
        if not due:
            return 0
        async with self._store.write() as session:
            found = await places.still(session, due)
            for one in found:
                await waits.tell_away(session, one, now=now, settings=settings, online=online)
        return len(found)
