"""The knowledge base as the running bot holds it: learned beside the event loop, swapped by reference."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot import traffic
from bot.clock import Clock
from bot.edition import Edition, by_key, no_knowledge
from bot.learning import NOTHING, Learned, Learner, Lesson, denied_of, find_learned, is_log_due, lesson_of
from bot.published import PublishedArticles
from bot.training import Trainer, train_here
from crm_store import answer_taps, question_log, wrong_answers
from crm_store import articles as stored
from crm_store.engine import Store, is_outage
from crm_store.signals import Topic
from crm_store.tasks import ended
from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base.articles import Article, is_live
from knowledge_base.disputed import Denied, disputed_of
from knowledge_base.fresh import fresh_phrasings
from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision
from knowledge_base.policy import Policy
from knowledge_base.standing import listed_only

log = structlog.get_logger(__name__)
CHECK_EVERY_S = 1.0
STANDING_LASTS = timedelta(seconds=30)
CALM_S = 2.0
"""So long after a start that can answer already, customers come before training."""
_WORTH_TELLING = 0.01
LONGEST_PAUSE_S = 300.0
"""Before what could not be learned is tried again; it begins with a second, and doubles."""


class Knowledge:
    """Gives the present edition; `follow` keeps it up to date.

    A change is live at once in three steps: answers are swapped, and new phrasings known word for word (by likeness
    for a list) without any training; a quick build that keeps the thresholds learns them; evidence for new thresholds
    is gathered behind it.
    What another process has learned, or this one before it was started again, is loaded.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policy: Policy,
        *,
        trainer: Trainer = train_here,
        only_server: bool = False,
    ) -> None:
        self._store, self._clock, self._policy = store, clock, policy
        self._learner = Learner(store, clock, trainer, alone=only_server)
        self._published = PublishedArticles()
        self._live: list[Article] = []
        self._lesson: Lesson | None = None
        self._taught: tuple[Policy, str] | None = None
        self._learned = NOTHING
        self._learning: asyncio.Task[None] | None = None
        self._failures = 0
        self._progress = asyncio.Event()
        self._listed_only: frozenset[tuple[str, str]] = frozenset()
        self._denied: tuple[Denied, ...] = ()
        self._standing_at: datetime | None = None
        self._asked: traffic.Asked = ()
        self._told: traffic.Told = ()
        self.edition = no_knowledge()

    @property
    def index(self) -> KnowledgeIndex:
        """The present index."""
        return self.edition.index

    @property
    def settled(self) -> tuple[int, str] | None:
        """Names what answers now, once the newest publication is learned with its evidence; None until then."""
        learned = self._learned
        if self._lesson is None or (learned.content, learned.stage) != (self._lesson.content, PROVEN):
            return None
        return self.edition.publication, learned.content

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        return self.edition.decide_many(texts)

    async def open(self) -> None:
        """Able to answer from now on: by a stored index of these articles or of earlier ones, else by a quick one."""
        await self.take_in()
        if not self._learned.index.learned:
            await self._reach(ANSWERS)

    def heed(self, policy: Policy) -> None:
        """Answer by this policy, as soon as it is learned."""
        self._policy = policy
        self._store.signals.wake([Topic.KNOWLEDGE])

    async def refresh(self) -> bool:
        """`take_in`, and wait until what is new is learned; the first edition has its evidence then, too."""
        stage = ANSWERS if self._learned.stage else PROVEN
        changed = await self.take_in()
        await self._reach(stage)
        if stage == PROVEN and self._learning is not None:
            await self._learning  # until it is stored, too
        return changed

    async def close(self) -> None:
        """Learn no more."""
        await self._stop_learning()

    async def take_in(self) -> bool:
        """Take in what was published, or came or went by its dates, and begin to learn it; True if there was any."""
        now = self._clock()
        async with self._store.read() as session:
            newest = await stored.latest_publication(session)
            is_same = newest == self.edition.publication and self._live == _live(
                self._published.articles, now
            )
            edition = await question_log.edition(session)
            if is_same and self._taught == (self._policy, edition):
                return False
            await self._published.read(session)
        self._live = _live(self._published.articles, now)
        lesson = lesson_of(self._live, self._policy, edition, self._published.fingerprint)
        is_first = self._lesson is None
        if is_first and self._live:
            self._learned = await find_learned(self._store, lesson) or NOTHING
        is_new = self._lesson is None or self._lesson.content != lesson.content
        self._lesson, self._taught = lesson, (self._policy, edition)
        self._show(newest)
        if is_new:
            await self._stop_learning()
            self._begin_learning(lesson, CALM_S if is_first and self._learned.stage else 0)
        log.info("knowledge base is live", publication=newest, articles=len(self._live))
        return True

    async def look_at_standing(self) -> None:
        """Take in which articles may answer alone, and which questions not, should anybody have said otherwise."""
        self._standing_at = self._clock()
        async with self._store.read() as session:
            found = listed_only(await answer_taps.taps(session))
            denied = tuple(map(denied_of, await wrong_answers.confirmed(session)))
        if (found, denied) != (self._listed_only, self._denied):
            self._listed_only, self._denied = found, denied
            disputed = disputed_of(denied, self.index)
            self.edition = replace(self.edition, listed_only=found, disputed=disputed)
            log.info("what may not answer alone changed", listed_only=len(found), denied=len(denied))

    async def look_at_traffic(self) -> None:
        """Answer more carefully while much is asked that no article answers, or answers do not help."""
        async with self._store.read() as session:
            self._asked, self._told = await traffic.look(session, self._clock())
        learned = self.edition.calm or self.edition.index
        index = self._in_traffic(learned)
        for script, shelf in index.shelves.items():
            needed, before = shelf.calibration.answer_at, self.index.shelves[script].calibration.answer_at
            if abs(needed - before) > _WORTH_TELLING:
                log.info(
                    "the traffic changed what an answer needs", script=script, confidence=round(needed, 3)
                )
        self.edition = replace(self.edition, index=index, calm=learned)

    def _in_traffic(self, learned: KnowledgeIndex) -> KnowledgeIndex:
        """What is learned, as careful as the traffic asks for."""
        return learned.raised(traffic.thresholds(learned, self._asked, self._told))

    def _is_standing_old(self) -> bool:
        return self._standing_at is None or abs(self._clock() - self._standing_at) >= STANDING_LASTS

    def _show(self, publication: int) -> None:
        """Swap the edition: the live articles over what is learned, and what is still to be learned beside it."""
        learned = self._learned.index
        index = self._in_traffic(learned)
        name_of = self._published.fingerprint
        changed = [a for a in self._live if name_of(a) not in index.learned] if index.learned else []
        gone = index.article_keys - {article.key for article in self._live}
        self.edition = Edition(
            publication,
            index,
            by_key(self._live),
            fresh_phrasings(changed, gone, index),
            self._listed_only,
            disputed_of(self._denied, index),
            learned,
            self._published.files,
        )

    def _take(self, learned: Learned) -> None:
        self._learned, self._failures = learned, 0
        self._show(self.edition.publication)
        self._progress.set()
        log.info("knowledge base is learned", articles=len(self._live), with_evidence=learned.stage == PROVEN)

    def _begin_learning(self, lesson: Lesson, after_s: float = 0) -> None:
        if lesson.articles:
            self._learning = asyncio.create_task(self._learn(lesson, after_s))
        else:
            self._take(Learned(NOTHING.index, PROVEN, lesson.content))

    async def _learn(self, lesson: Lesson, after_s: float) -> None:
        listener = self._store.signals.listen(Topic.KNOWLEDGE)
        try:
            if (self._learned.content, self._learned.stage) != (lesson.content, PROVEN):
                await asyncio.sleep(after_s)
            await self._learner.learn(lesson, self._learned, self._take, listener)
        finally:
            self._store.signals.forget(listener)
            self._progress.set()

    async def _stop_learning(self) -> None:
        if self._learning is not None:
            with suppress(Exception):  # what went wrong with it, went wrong with old articles
                await ended(self._learning)
            self._learning = None

    def _has_failed(self) -> bool:
        task = self._learning
        return task is not None and task.done() and not task.cancelled() and task.exception() is not None

    async def _reach(self, stage: int) -> None:
        """Wait until the newest articles are learned so far; raises what went wrong with learning them."""
        while self._lesson and not (
            self._learned.content == self._lesson.content and self._learned.stage >= stage
        ):
            if self._learning is not None and self._has_failed():
                self._learning.result()
            self._progress.clear()
            await self._progress.wait()

    async def follow(self) -> None:
        """Keep the edition fresh until cancelled; what could not be learned is tried again, the old index stays."""
        listener = self._store.signals.listen(Topic.KNOWLEDGE)
        try:
            while True:
                try:
                    await self.take_in()
                    if self._is_standing_old():
                        await self.look_at_standing()
                        await self.look_at_traffic()
                        if self._lesson is not None and await is_log_due(
                            self._store, self._lesson, self._clock()
                        ):
                            log.info("what customers asked lately is learned from")
                    if self._lesson is not None and self._learning is not None and self._has_failed():
                        log.error("the articles could not be learned", exc_info=self._learning.exception())
                        self._begin_learning(self._lesson, min(2.0**self._failures, LONGEST_PAUSE_S))
                        self._failures = min(self._failures + 1, 9)
                except Exception as error:
                    if not is_outage(error):
                        log.exception("the knowledge base could not be read; the old one stays")
                await listener.wait(CHECK_EVERY_S)
        finally:
            self._store.signals.forget(listener)
            await self.close()


def _live(articles: Sequence[Article], now: datetime) -> list[Article]:
    return [article for article in articles if is_live(article, now)]
