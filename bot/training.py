"""Where an index is trained: in a thread of this process."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.storage import dump

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trained:
    """An index at a stage (trained_models.ANSWERS, PROVEN), and its bytes to be stored."""

    stage: int
    index: KnowledgeIndex
    data: bytes


Trainer = Callable[[Sequence[Article], float, int, KnowledgeIndex], AsyncIterator[Trained]]
"""Articles, wrong budget, the stage that is there already, the index before -> the stages that follow."""


async def train_quickly(
    articles: Sequence[Article], wrong_budget: float, done: int, previous: KnowledgeIndex
) -> AsyncIterator[Trained]:
    """An index that keeps the thresholds of the one before, and no more."""
    if done < ANSWERS:
        quick = partial(
            build_index, articles, wrong_budget=wrong_budget, gather_evidence=False, calibration_from=previous
        )
        yield await beside(partial(_trained, ANSWERS, quick))


async def train_here(
    articles: Sequence[Article], wrong_budget: float, done: int, previous: KnowledgeIndex
) -> AsyncIterator[Trained]:
    """First a quick index that keeps the thresholds of the one before, then one with evidence for its own."""
    async for trained in train_quickly(articles, wrong_budget, done, previous):
        yield trained
    if done < PROVEN:
        yield await beside(
            partial(_trained, PROVEN, partial(build_index, articles, wrong_budget=wrong_budget))
        )


def _trained(stage: int, build: Callable[[], KnowledgeIndex]) -> Trained:
    index = build()
    return Trained(stage, index, dump(index))


async def beside(work: Callable[[], T]) -> T:
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
