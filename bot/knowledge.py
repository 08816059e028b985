"""The knowledge base as the running bot holds it: rebuilt beside the event loop, swapped by reference."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from bot.clock import Clock
from crm_store import articles as stored
from crm_store.engine import Store
from crm_store.signals import Topic
from knowledge_base.articles import Article, is_live
from knowledge_base.fresh import Fresh, fresh_phrasings
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision

log = structlog.get_logger(__name__)
T = TypeVar("T")
CHECK_EVERY_S = 1.0
Learnable = tuple[str, str, str, tuple[str, ...]]
"""What an index learns of an article: key, language, title, phrasings."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of the knowledge base: its articles by key and language, and the index over them."""

    publication: int
    index: KnowledgeIndex
    articles: dict[str, dict[str, Article]] = field(default_factory=dict)
    fresh: Fresh = field(default_factory=Fresh)
    """What the index has yet to learn."""

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        return self.fresh.over(texts, self.index.decide_many(list(texts)))

    def article(self, key: str, language: str) -> Article | None:
        """The article in this language, else in any it exists in; None when it is gone."""
        variants = self.articles.get(key, {})
        return variants.get(language) or next(iter(variants.values()), None)


class Knowledge:
    """Gives the present edition; `follow` keeps it up to date.

    A change is live at once in three steps: answers are swapped and new phrasings known word for word without any
    training; a quick build that keeps the thresholds learns them; evidence for new thresholds is gathered behind it.
    """

    def __init__(self, store: Store, clock: Clock, wrong_budget: float) -> None:
        self._store, self._clock, self._wrong_budget = store, clock, wrong_budget
        self._all: list[Article] = []
        self._learned: frozenset[Learnable] = frozenset()
        self._proving: asyncio.Task[None] | None = None
        self.edition = Edition(-1, build_index(()))

    @property
    def index(self) -> KnowledgeIndex:
        """The present index."""
        return self.edition.index

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        return self.edition.decide_many(texts)

    async def refresh(self) -> bool:
        """Take in what was published, or came or went by its dates; True when something did.

        The first edition is built with its evidence; a later one quickly, its evidence following in `follow`.
        """
        now = self._clock()
        async with self._store.read() as session:
            newest = await stored.latest_publication(session)
            if newest == self.edition.publication and not self._dates_changed(now):
                return False
            drafts = await stored.live(session)
        self._all = [Article(**asdict(draft)) for draft in drafts]
        live = [article for article in self._all if is_live(article, now)]
        learnable = _learnable(live)
        if learnable != self._learned:
            # New answers need no training, and new phrasings are known word for word meanwhile.
            changed = [article for article in live if not _learnable([article]) <= self._learned]
            fresh = fresh_phrasings(changed) if self._learned else Fresh()
            self.edition = Edition(self.edition.publication, self.index, _by_key(live), fresh)
            is_first = not self._learned
            index = await _beside(partial(self._build, live, with_evidence=is_first))
            self._learned = learnable
            self._prove_later(live, learnable, is_first)
        else:
            index = self.index
        self.edition = Edition(newest, index, _by_key(live))
        log.info("knowledge base is live", publication=newest, articles=len(live))
        return True

    def _build(self, articles: list[Article], *, with_evidence: bool) -> KnowledgeIndex:
        if with_evidence:
            return build_index(articles, wrong_budget=self._wrong_budget)
        return build_index(
            articles, wrong_budget=self._wrong_budget, gather_evidence=False, calibration_from=self.index
        )

    def _prove_later(self, articles: list[Article], learnable: frozenset[Learnable], is_proven: bool) -> None:
        if self._proving is not None:
            self._proving.cancel()
        self._proving = None if is_proven else asyncio.create_task(self._prove(articles, learnable))

    async def _prove(self, articles: list[Article], learnable: frozenset[Learnable]) -> None:
        """Gather the evidence for these articles, and use it unless they have changed again since."""
        index = await _beside(partial(self._build, articles, with_evidence=True))
        if learnable == self._learned:
            self.edition = replace(self.edition, index=index)
            log.info("knowledge base has its evidence", publication=self.edition.publication)

    def _dates_changed(self, now: datetime) -> bool:
        return _learnable([a for a in self._all if is_live(a, now)]) != self._learned

    async def follow(self) -> None:
        """Keep the edition fresh until cancelled; a failed rebuild keeps the old edition and is retried."""
        listener = self._store.signals.listen(Topic.KNOWLEDGE)
        try:
            while True:
                try:
                    await self.refresh()
                except Exception:
                    log.exception("the knowledge base could not be rebuilt; the old one stays")
                await listener.wait(CHECK_EVERY_S)
        finally:
            self._store.signals.forget(listener)
            if self._proving is not None:
                self._proving.cancel()


async def _beside(work: Callable[[], T]) -> T:
    """The result of `work`, done in a thread that ends with the process: a server that stops waits for no training."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not done.done():
            set_it()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            told = partial(settle, partial(done.set_exception, error))
        else:
            told = partial(settle, partial(done.set_result, result))
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(told)

    threading.Thread(target=run, name="training", daemon=True).start()
    return await done


def _learnable(articles: Sequence[Article]) -> frozenset[Learnable]:
    return frozenset((a.key, a.language, a.question, a.phrasings) for a in articles)


def _by_key(articles: Sequence[Article]) -> dict[str, dict[str, Article]]:
    found: dict[str, dict[str, Article]] = {}
    for article in articles:
        found.setdefault(article.key, {})[article.language] = article
    return found
