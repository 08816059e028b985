"""The verbs' part in learning: what no server does for them, and using what one has learned."""

from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.learning import (
    NOTHING,
    Learned,
    Learner,
    Lesson,
    articles_of,
    find_learned,
    lesson_of,
    log_reader,
)
from bot.training import train_quickly
from crm_store import articles as stored
from crm_store import question_log
from crm_store.engine import Store
from crm_store.ownership import FileOwnership
from crm_store.presence import living
from crm_store.signals import Topic
from knowledge_base.articles import Article, is_live
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.policy import Policy


async def learn_unless_served(store: Store, clock: Clock, policy: Policy) -> None:
    """Learn the live articles so far that a server answers as soon as it starts; one that runs learns by itself."""
    if await _is_served(store):
        return
    lesson = await _lesson(store, clock(), policy)
    if not lesson.articles:
        return
    learner = Learner(store, clock, train_quickly, alone=store.is_sqlite)
    present = await find_learned(store, lesson) or NOTHING
    listener = store.signals.listen(Topic.KNOWLEDGE)
    try:
        learned: list[Learned] = []  # it is stored, which is all that a verb wants
        await learner.learn(lesson, present, learned.append, listener)
    finally:
        store.signals.forget(listener)


async def live_index(
    store: Store, now: datetime, policy: Policy
) -> tuple[tuple[Article, ...], KnowledgeIndex]:
    """The live articles with the index over them, the stored one where it is of just these."""
    lesson = await _lesson(store, now, policy)
    found = await find_learned(store, lesson) if lesson.articles else None
    if found is not None and found.content == lesson.content:
        return lesson.articles, found.index
    return lesson.articles, build_index(lesson.articles, policy, log=await log_reader(store, lesson)())


async def _lesson(store: Store, now: datetime, policy: Policy) -> Lesson:
    async with store.read() as session:
        drafts, edition = await stored.live(session), await question_log.edition(session)
    return lesson_of([each for each in articles_of(drafts) if is_live(each, now)], policy, edition)


async def _is_served(store: Store) -> bool:
    if not store.is_sqlite:
        async with store.reader.connect() as connection:
            return bool(await connection.run_sync(living))
    return FileOwnership(Path(store.url.database or "")).is_taken()
