"""The house's articles as drafts, and a knowledge base over a store for as long as a test needs it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.clock import Clock
from bot.knowledge import Knowledge
from bot.training import Trainer, train_here
from crm_store import publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from knowledge_base.policy import Policy
from tests.house import ARTICLES, NOON, FakeClock

DRAFTS = [
    ArticleDraft(key, question, said, answer, language) for key, language, question, answer, said in ARTICLES
]


async def publish(store: Store, drafts: Sequence[ArticleDraft], *, whole: bool = False) -> None:
    """Publish the drafts; with `whole`, only them."""
    async with store.write() as session:
        await publishing.publish(session, drafts, by="test", now=NOON, replace=whole)


@asynccontextmanager
async def knowledge_of(
    store: Store, clock: Clock | None = None, trainer: Trainer = train_here, *, only_server: bool = False
) -> AsyncIterator[Knowledge]:
    """A knowledge base that has not looked into the store yet; it learns no more in the end."""
    knowledge = Knowledge(store, clock or FakeClock(), Policy(), trainer=trainer, only_server=only_server)
    try:
        yield knowledge
    finally:
        await knowledge.close()
