"""Learning the articles once: by this process or by another, and every other one loads what was stored."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from bot.clock import Clock
from bot.training import LogReader, Trained, Trainer, no_log
from crm_store import question_log, trained_models
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.question_log import LoggedQuestion
from crm_store.settings import StoreSettings
from crm_store.signals import Listener
from crm_store.tasks import ended
from crm_store.trained_models import ANSWERS, PROVEN
from crm_store.wrong_answers import WrongAnswer
from knowledge_base.articles import Article
from knowledge_base.disputed import Denied
from knowledge_base.fingerprints import article_fingerprint, family_fingerprint, model_fingerprint
from knowledge_base.index import KnowledgeIndex
from knowledge_base.logs import Said, said_once
from knowledge_base.policy import Policy
from knowledge_base.storage import UnusableModel, load

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 1.0
RENEW_EVERY_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned, and its names."""

    articles: tuple[Article, ...]
    fingerprints: frozenset[str]
    policy: Policy
    content: str
    family: str


@dataclass(frozen=True, slots=True)
class Learned:
    """An index and how far it is (trained_models.ANSWERS, PROVEN); `content` names the lesson it is of."""

    index: KnowledgeIndex
    stage: int
    content: str


def policy_of(settings: StoreSettings) -> Policy:
    """What the settings say of the answers."""
    return Policy(settings.wrong_budget, settings.semantic, settings.learn_from_log)


def lesson_of(
    articles: Sequence[Article],
    policy: Policy,
    log_edition: str,
    fingerprint: Callable[[Article], str] = article_fingerprint,
) -> Lesson:
    """The lesson these live articles make, with the log at this edition (crm_store.question_log).

    `fingerprint` may remember those it has made. Raises SemanticMissing where word vectors are wanted and missing.
    """
    fingerprints = frozenset(map(fingerprint, articles))
    return Lesson(
        tuple(articles),
        fingerprints,
        policy,
        model_fingerprint(fingerprints, policy, log_edition),
        family_fingerprint(policy),
    )


def articles_of(drafts: Iterable[ArticleDraft]) -> list[Article]:
    """The store's articles as the knowledge base takes them."""
    fields = ArticleDraft.__dataclass_fields__
    return [Article(**{name: getattr(draft, name) for name in fields}) for draft in drafts]


def denied_of(said: WrongAnswer) -> Denied:
    """What agents said an article does not answer, as the knowledge base takes it."""
    return Denied(said.article_key, said.language, said.question, said.instead)


def log_reader(store: Store, lesson: Lesson) -> LogReader:
    """What reads the questions that the lesson may be learned with."""
    if not lesson.policy.learn_from_log:
        return no_log

    async def read() -> list[Said]:
        from knowledge_base.self_training import MOST_TEXTS  # not before something is learned: it loads much

        async with store.read() as session:
            asked = await question_log.drawn(session, MOST_TEXTS)
        return await asyncio.to_thread(_without_private, asked, lesson.articles)

    return read


def _without_private(asked: Sequence[LoggedQuestion], articles: Sequence[Article]) -> list[Said]:
    taught = (text for article in articles for text in (article.question, *article.phrasings))
    return said_once(((each.shared, each.customer_id) for each in asked), taught)


async def is_log_due(store: Store, lesson: Lesson, now: datetime) -> bool:
    """Begin to learn anew what customers asked since, once a day and when they asked enough; whether that is so."""
    if not lesson.policy.learn_from_log or not lesson.articles:
        return False
    async with store.read() as session:
        edition = await question_log.edition(session)
        if not await question_log.is_due(session, lesson.content, now):
            return False
    async with store.write() as session:
        return await question_log.begin_edition(session, edition, now)


async def find_learned(store: Store, lesson: Lesson) -> Learned | None:
    """The stored model of the lesson, else one that can stand in for it until it is learned; None without any.

    A damaged one is forgotten.
    """
    async with store.read() as session:
        entry = await trained_models.find(session, lesson.family, lesson.content)
        data = b"" if entry is None else await trained_models.data_of(session, entry)
    if entry is None:
        return None
    try:
        index = load(data)
        if entry.content == lesson.content and index.learned != lesson.fingerprints:
            raise UnusableModel("It learned other articles than its name says: build the index anew.")
    except UnusableModel as error:
        log.warning("a stored model cannot be used and is learned anew", model=entry.id, why=str(error))
        async with store.write() as session:
            await trained_models.discard(session, entry)
        return None
    return Learned(index, entry.stage, entry.content)


NOTHING: Final = Learned(KnowledgeIndex({}), 0, "")


class Learner:
    """One process's part in learning; `alone` where no other process works on the same store."""

    def __init__(self, store: Store, clock: Clock, trainer: Trainer, *, alone: bool) -> None:
        self._store, self._clock, self._trainer, self._alone = store, clock, trainer, alone
        self._holder = secrets.token_hex(8)

    async def learn(
        self, lesson: Lesson, present: Learned, take: Callable[[Learned], None], listener: Listener
    ) -> None:
        """Give `take` the lesson's model, and again with its evidence; returns once that is done.

        `present` is what answers meanwhile; a wake of `listener` says that another process may have got further.
        """
        while present.content != lesson.content or present.stage < PROVEN:
            found = await find_learned(self._store, lesson)
            if found is not None and _is_ahead(found, present, lesson):
                present = found
                take(found)
                continue
            async with self._store.write() as session:
                model_id = await trained_models.claim(
                    session,
                    lesson.family,
                    lesson.content,
                    holder=self._holder,
                    now=self._clock(),
                    alone=self._alone,
                )
            if model_id is None:
                await listener.wait(LOOK_EVERY_S)
                continue
            async with self._held(model_id):
                done = _stage_for(lesson, present)
                log_of = log_reader(self._store, lesson)
                stages = self._trainer(lesson.articles, lesson.policy, done, present.index, log_of)
                async with aclosing(stages):
                    async for trained in stages:
                        take(Learned(trained.index, trained.stage, lesson.content))
                        await self._keep(model_id, trained)
            return

    async def _keep(self, model_id: int, trained: Trained) -> None:
        """Store the model for others, unless another process has taken over."""
        count = 0
        for count, data in enumerate(trained_models.in_parts(trained.data), 1):
            async with self._store.write() as session:
                if not await trained_models.renew(session, model_id, holder=self._holder, now=self._clock()):
                    return
                await trained_models.put_part(session, model_id, trained.stage, count - 1, data)
        async with self._store.write() as session:
            await trained_models.complete(
                session, model_id, trained.stage, count, holder=self._holder, now=self._clock()
            )
        is_more = True
        while is_more:
            async with self._store.write() as session:
                is_more = await trained_models.drop_some(session, self._clock())

    @asynccontextmanager
    async def _held(self, model_id: int) -> AsyncIterator[None]:
        """Keep the lease while something is learned, and give it back when that ends early."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_EVERY_S)
                with suppress(Exception):  # the next renewal may succeed; if none does, another takes over
                    async with self._store.write() as session:
                        await trained_models.renew(session, model_id, holder=self._holder, now=self._clock())

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            await ended(renewing)
            with suppress(Exception):  # it runs out by itself
                async with self._store.write() as session:
                    await trained_models.release(session, model_id, holder=self._holder)


def _stage_for(lesson: Lesson, present: Learned) -> int:
    """How much of the lesson is there already; where only the log is new, a quick model would be a step back."""
    if present.content == lesson.content:
        return present.stage
    index = present.index
    is_proven = present.stage == PROVEN and index.learned == lesson.fingerprints
    return ANSWERS if is_proven and family_fingerprint(index.policy) == lesson.family else 0


def _is_ahead(found: Learned, present: Learned, lesson: Lesson) -> bool:
    if found.content != lesson.content:
        return False
    return present.content != lesson.content or found.stage > present.stage
