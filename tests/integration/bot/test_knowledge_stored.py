"""A restart and other processes use what was learned once; what cannot be used is learned anew."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.training import LogReader, Trained, train_here
from crm_store.engine import Store
from crm_store.models.knowledge import TrainedModel, TrainedModelPart
from crm_store.trained_models import ANSWERS, LEASE, PROVEN
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.policy import Policy
from knowledge_base.storage import dump
from tests.house import FakeClock
from tests.knowledge_stage import DRAFTS, knowledge_of, publish

STRANGE = "does the heron eat my letters"


class Counting:
    """A trainer that remembers the stages it reached, and hangs before those it shall not reach."""

    def __init__(self, until: int = PROVEN) -> None:
        self.stages: list[int] = []
        self._until = until

    async def __call__(
        self,
        articles: Sequence[Article],
        policy: Policy,
        done: int,
        previous: KnowledgeIndex,
        log: LogReader,
    ) -> AsyncGenerator[Trained, None]:
        async for trained in train_here(articles, policy, done, previous, log):
            if trained.stage > self._until:
                await asyncio.Event().wait()
            self.stages.append(trained.stage)
            yield trained


async def learn(store: Store) -> None:
    await publish(store, DRAFTS)
    async with knowledge_of(store) as knowledge:
        await knowledge.refresh()


async def test_a_restart_learns_nothing_again(store: Store) -> None:
    await learn(store)
    trainer = Counting()
    async with knowledge_of(store, trainer=trainer) as knowledge:
        await knowledge.refresh()
        assert knowledge.decide_many(["Where is my order?"])[0].matches[0].article_key == "track"
    assert trainer.stages == []


async def test_after_a_change_while_it_was_down_it_answers_at_once(store: Store) -> None:
    await learn(store)
    changed = replace(DRAFTS[0], phrasings=(*DRAFTS[0].phrasings, STRANGE))
    await publish(store, [changed, *(draft for draft in DRAFTS[1:] if draft.key != "gift")], whole=True)
    trainer = Counting(until=0)
    async with knowledge_of(store, trainer=trainer) as knowledge:
        await knowledge.open()
        asked = [STRANGE, "do you take paypal", "Can you wrap it as a gift?"]
        fresh, known, gone = knowledge.decide_many(asked)
    assert (fresh.kind, fresh.matches[0].article_key) == ("answer", "track")
    assert (known.kind, known.matches[0].article_key) == ("answer", "payment")
    assert "gift" not in {match.article_key for match in gone.matches}
    assert trainer.stages == []


async def test_of_two_processes_one_learns(store: Store) -> None:
    await publish(store, DRAFTS)
    one, other = Counting(), Counting()
    async with knowledge_of(store, trainer=one) as first, knowledge_of(store, trainer=other) as second:
        await asyncio.gather(first.refresh(), second.refresh())
        texts = ["where is my money", "怎么退货", "tell me a joke"]
        assert first.decide_many(texts) == second.decide_many(texts)
    assert sorted(one.stages + other.stages) == [ANSWERS, PROVEN]


async def test_when_the_one_that_learns_dies_another_goes_on(store: Store) -> None:
    await publish(store, DRAFTS)
    clock, dying, living = FakeClock(), Counting(until=ANSWERS), Counting()
    # A clock of its own, which stands still: what it renews is over for the other all the same.
    stopped = knowledge_of(store, FakeClock(), dying)
    async with stopped as first, knowledge_of(store, clock, living) as second:
        await first.open()
        await second.open()
        assert second.decide_many(["gift wrap"])[0].matches[0].article_key == "gift"
        await asyncio.sleep(0.1)
        assert living.stages == []
        # Its lease is over, as when the process is gone.
        clock.advance(LEASE + timedelta(seconds=1))
        async with asyncio.timeout(60):
            await second.refresh()
            while living.stages != [PROVEN]:
                await asyncio.sleep(0.05)
    assert dying.stages == [ANSWERS]


async def test_after_a_crash_a_lone_server_waits_for_no_lease(sqlite_store: Store) -> None:
    await learn(sqlite_store)
    async with sqlite_store.write() as session:
        held = update(TrainedModel).values(stage=ANSWERS, holder="dead", held_until=FakeClock()() + LEASE)
        await session.execute(held)
        await session.execute(update(TrainedModelPart).values(stage=ANSWERS))
    trainer = Counting()
    async with knowledge_of(sqlite_store, trainer=trainer, only_server=True) as knowledge:
        await knowledge.open()
        async with asyncio.timeout(60):
            while trainer.stages != [PROVEN]:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "data",
    [b"", b"no model", dump(build_index(()))],
    ids=["nothing", "damaged", "of other articles"],
)
async def test_what_cannot_be_used_is_learned_anew(sqlite_store: Store, data: bytes) -> None:
    await learn(sqlite_store)
    async with sqlite_store.write() as session:
        await session.execute(update(TrainedModelPart).values(data=data))
    trainer = Counting()
    async with knowledge_of(sqlite_store, trainer=trainer) as knowledge:
        await knowledge.refresh()
        assert knowledge.decide_many(["gift wrap"])[0].matches[0].article_key == "gift"
    assert trainer.stages == [ANSWERS, PROVEN]


async def test_training_that_fails_is_tried_again(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    tries = 0

    async def failing_once(
        articles: Sequence[Article],
        policy: Policy,
        done: int,
        previous: KnowledgeIndex,
        log: LogReader,
    ) -> AsyncGenerator[Trained, None]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise MemoryError
        async for trained in train_here(articles, policy, done, previous, log):
            yield trained

    async with knowledge_of(sqlite_store, trainer=failing_once) as knowledge:
        with pytest.raises(MemoryError):
            await knowledge.open()
        follower = asyncio.create_task(knowledge.follow())
        async with asyncio.timeout(60):
            while not knowledge.index.learned:
                await asyncio.sleep(0.05)
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await follower
