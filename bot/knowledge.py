"""The knowledge base as the running bot holds it: rebuilt beside the event loop, swapped by reference."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import structlog

from bot.clock import Clock
from crm_store import articles as stored
from crm_store.engine import Store
from crm_store.signals import Topic
from knowledge_base.articles import Article, is_live
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision

log = structlog.get_logger(__name__)
CHECK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of the knowledge base: its articles by key and language, and the index over them."""

    publication: int
    index: KnowledgeIndex
    articles: dict[str, dict[str, Article]] = field(default_factory=dict)

    def article(self, key: str, language: str) -> Article | None:
        """The article in this language, else in any it exists in; None when it is gone."""
        variants = self.articles.get(key, {})
        return variants.get(language) or next(iter(variants.values()), None)


class Knowledge:
    """Gives the present edition; `follow` keeps it up to date."""

    def __init__(self, store: Store, clock: Clock, wrong_budget: float) -> None:
        self._store, self._clock, self._wrong_budget = store, clock, wrong_budget
        self._all: list[Article] = []
        self._live: frozenset[tuple[str, str]] = frozenset()
        self.edition = Edition(-1, build_index(()))

    @property
    def index(self) -> KnowledgeIndex:
        """The present index."""
        return self.edition.index

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        return list(self.edition.index.decide_many(list(texts)))

    async def refresh(self) -> bool:
        """Rebuild if something was published, or an article came or went by its dates; True when it was."""
        now = self._clock()
        async with self._store.read() as session:
            newest = await stored.latest_publication(session)
            if newest == self.edition.publication and not self._dates_changed(now):
                return False
            drafts = await stored.live(session)
        articles = [Article(**asdict(draft)) for draft in drafts]
        live = [article for article in articles if is_live(article, now)]
        index = await asyncio.to_thread(build_index, live, wrong_budget=self._wrong_budget)
        by_key: dict[str, dict[str, Article]] = {}
        for article in live:
            by_key.setdefault(article.key, {})[article.language] = article
        self._all = articles
        self._live = frozenset((a.key, a.language) for a in live)
        self.edition = Edition(newest, index, by_key)
        log.info("knowledge base is live", publication=newest, articles=len(live))
        return True

    def _dates_changed(self, now: datetime) -> bool:
        live = frozenset((a.key, a.language) for a in self._all if is_live(a, now))
        return live != self._live

    async def follow(self) -> None:
        """Keep the edition fresh until cancelled; a failed rebuild keeps the old edition and is retried."""
        listener = self._store.signals.listen(Topic.KNOWLEDGE)
        while True:
            try:
                await self.refresh()
            except Exception:
                log.exception("the knowledge base could not be rebuilt; the old one stays")
            await listener.wait(CHECK_EVERY_S)
