"""The running bot learns from what customers asked: with its evidence, once a day, not where it is switched off."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import pytest

from bot.learning import is_log_due
from bot.training import LogReader, Trained, train_here
from crm_store import question_log
from crm_store.engine import Store
from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base import building
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex
from knowledge_base.logs import Said
from knowledge_base.policy import Policy
from tests.asking_stage import ask
from tests.house import NOON, FakeClock
from tests.knowledge_stage import DRAFTS, knowledge_of, publish


class Watching:
    """A trainer that remembers the texts of the log at each stage that it reached."""

    def __init__(self) -> None:
        self.stages: list[tuple[int, list[str]]] = []

    async def __call__(
        self,
        articles: Sequence[Article],
        policy: Policy,
        done: int,
        previous: KnowledgeIndex,
        log: LogReader,
    ) -> AsyncGenerator[Trained, None]:
        read: list[str] = []

        async def reading() -> Sequence[Said]:
            found = await log()
            read.extend(said.text for said in found)
            return found

        async for trained in train_here(articles, policy, done, previous, reading):
            self.stages.append((trained.stage, list(read)))
            yield trained


@pytest.fixture
def helpful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a log is worth: the phrasings held out say that it helps."""
    monkeypatch.setattr(building, "is_better", lambda logged, plain: True)


ASKED = ["has the courier got it", "when does the courier come", "the courier never rang"]


async def _customers_ask(store: Store, count: int = 3) -> None:
    for _ in range(count):
        await ask(store, [*ASKED, "track my package"], NOON)


@pytest.mark.usefixtures("helpful")
async def test_evidence_is_gathered_with_what_customers_asked(store: Store) -> None:
    await publish(store, DRAFTS)
    await _customers_ask(store)
    trainer = Watching()
    async with knowledge_of(store, trainer=trainer) as knowledge:
        await knowledge.refresh()
        # Each wording once; what is a phrasing already teaches nothing; the quick stage waits for no log.
        assert trainer.stages == [(ANSWERS, []), (PROVEN, ASKED)]
        assert knowledge.index.learned_from_log == 3
        assert "courier" in knowledge.index.shelves["alphabetic"].space.words


async def test_the_guard_decides(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "is_better", lambda logged, plain: False)
    await publish(store, DRAFTS)
    await _customers_ask(store)
    async with knowledge_of(store) as knowledge:
        await knowledge.refresh()
        assert knowledge.index.learned_from_log == 0
        assert "courier" not in knowledge.index.shelves["alphabetic"].space.words


@pytest.mark.usefixtures("helpful")
async def test_more_questions_alone_make_nobody_learn_anew(store: Store) -> None:
    await publish(store, DRAFTS)
    await _customers_ask(store)
    async with knowledge_of(store) as knowledge:
        await knowledge.refresh()
    await _customers_ask(store, 9)
    trainer = Watching()
    async with knowledge_of(store, trainer=trainer) as knowledge:
        await knowledge.refresh()
        assert not await knowledge.take_in()
    assert trainer.stages == []


@pytest.mark.usefixtures("helpful")
async def test_once_a_day_what_is_new_is_learned_by_one_of_two(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_log, "ENOUGH", 6)
    await publish(store, DRAFTS)
    clock, one, other = FakeClock(), Watching(), Watching()
    async with knowledge_of(store, clock, one) as first, knowledge_of(store, clock, other) as second:
        await first.refresh()
        await second.refresh()
        one.stages.clear()
        clock.advance(timedelta(hours=20))
        for _ in range(3):
            await ask(store, ASKED, clock())
        followers = [asyncio.create_task(each.follow()) for each in (first, second)]
        await first.look_at_standing()
        assert not await is_log_due(store, first._lesson, clock())  # type: ignore[arg-type]  # it was opened
        clock.advance(timedelta(hours=5))
        async with asyncio.timeout(60):
            while not (first.index.learned_from_log and second.index.learned_from_log):
                await asyncio.sleep(0.05)
        for task in followers:
            task.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
    # A quick model in between would be a step back: it has no evidence.
    assert one.stages + other.stages == [(PROVEN, ASKED)]


@pytest.mark.usefixtures("helpful")
async def test_switched_off_it_is_forgotten_and_comes_back(store: Store) -> None:
    await publish(store, DRAFTS)
    await _customers_ask(store)
    trainer = Watching()
    async with knowledge_of(store, trainer=trainer) as knowledge:
        await knowledge.refresh()
        trainer.stages.clear()
        knowledge.heed(Policy(learn_from_log=False))
        await knowledge.refresh()
        await knowledge._reach(PROVEN)
        assert trainer.stages == [(PROVEN, [])]
        assert knowledge.index.learned_from_log == 0
        assert "courier" not in knowledge.index.shelves["alphabetic"].space.words
        knowledge.heed(Policy())
        await knowledge.refresh()
        await knowledge._reach(PROVEN)
        assert knowledge.index.learned_from_log == 3
