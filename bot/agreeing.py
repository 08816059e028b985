"""Phrasings that customers agree on, each tried on the gold set before it is published, beside all other timers."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from bot import slow_timers
from bot.clock import Clock
from bot.trials import tried_on
from crm_store import teaching, timers
from crm_store.changes import Change, weigh
from crm_store.engine import Store
from crm_store.errors import Conflict, NotFound
from crm_store.live_settings import SettingsSource
from crm_store.teaching import Agreed
from crm_store.timers import Due, TimerKind
from knowledge_base.index import KnowledgeIndex

log = structlog.get_logger(__name__)
TRIED_WITHIN: Final = timedelta(minutes=10)
"""After this another process tries, should this one have gone."""


class Agreeing:
    """Accepts what customers agree on; `knowledge` gives the index whose thresholds count."""

    def __init__(
        self, store: Store, clock: Clock, settings: SettingsSource, knowledge: Callable[[], KnowledgeIndex]
    ) -> None:
        self._store, self._clock, self._settings, self._knowledge = store, clock, settings, knowledge

    async def run(self) -> None:
        """Accept until cancelled; nothing is looked for while only the desk adds phrasings."""
        await slow_timers.follow(self._store, self._accept_where_allowed)

    async def _accept_where_allowed(self) -> None:
        if self._settings.current.phrasing_agreement:
            await self.accept_due()

    async def accept_due(self) -> int:
        """Try and accept what is due; how many phrasings were published or left to the desk."""
        kind = TimerKind.LEARN_PHRASINGS
        return sum(
            await slow_timers.fire_due(self._store, self._clock, kind, self._accept_of, within=TRIED_WITHIN)
        )

    async def _accept_of(self, timer: Due) -> int:
        """The same for one conversation's."""
        async with self._store.read() as session:
            needed = self._settings.current.phrasing_agreement
            found = await teaching.agreed(session, timer.subject_id, needed=needed)
        for each in found:
            await self._settle(each)  # what is settled is not found again
        async with self._store.write() as session:
            await timers.finish(session, timer, now=self._clock())
        return len(found)

    async def _settle(self, each: Agreed) -> None:
        """Publish it, or leave it to the desk with the reason."""
        now = self._clock()
        async with self._store.read() as session:
            weighed = await weigh(session, Change([each.draft]))
        wrong = 0
        if weighed.gold and each.draft != each.article.draft:
            trial = await asyncio.to_thread(tried_on, weighed, self._knowledge(), now=now)
            wrong = len(trial.regressions)
        try:
            async with self._store.write() as session:
                if wrong:
                    await teaching.hold(session, each, wrong, now=now)
                else:
                    await teaching.accept(session, each, now=now)
        except (Conflict, NotFound) as error:
            log.info("a phrasing customers agree on waits for the desk", why=str(error))
