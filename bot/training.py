"""How an index is trained, stage by stage, and stored."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.logs import Said
from knowledge_base.policy import Policy
from knowledge_base.storage import dump


@dataclass(frozen=True, slots=True)
class Trained:
    """An index at a stage (trained_models.ANSWERS, PROVEN), and its bytes to be stored."""

    stage: int
    index: KnowledgeIndex
    data: bytes


LogReader = Callable[[], Awaitable[Sequence[Said]]]
"""Reads what customers asked lately; asked for by what learns with evidence, no sooner."""
Trainer = Callable[[Sequence[Article], Policy, int, KnowledgeIndex, LogReader], AsyncGenerator[Trained, None]]
"""Articles, policy, the stage that is there already, the index before, the log -> the stages that follow."""


async def no_log() -> Sequence[Said]:
    """Nothing to read."""
    return ()


async def train_quickly(
    articles: Sequence[Article],
    policy: Policy,
    done: int,
    previous: KnowledgeIndex,
    _log: LogReader = no_log,
) -> AsyncGenerator[Trained, None]:
    """An index that keeps the thresholds of the one before, and no more; in this process."""
    if done < ANSWERS:
        quick = partial(
            build_index,
            articles,
            policy,
            gather_evidence=False,
            calibration_from=previous.thresholds,
        )
        yield await asyncio.to_thread(_trained, ANSWERS, quick)


async def train_here(
    articles: Sequence[Article],
    policy: Policy,
    done: int,
    previous: KnowledgeIndex,
    log: LogReader = no_log,
) -> AsyncGenerator[Trained, None]:
    """First a quick index that keeps the thresholds of the one before, then one with evidence for its own."""
    async with aclosing(train_quickly(articles, policy, done, previous)) as stages:
        async for trained in stages:
            yield trained
    if done < PROVEN:
        full = partial(build_index, articles, policy, log=await log())
        yield await asyncio.to_thread(_trained, PROVEN, full)


def _trained(stage: int, build: Callable[[], KnowledgeIndex]) -> Trained:
    index = build()
    return Trained(stage, index, dump(index))
