"""What is published is live: words at once, phrasings soon, evidence behind them."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.training import Trained
from crm_store import articles
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from knowledge_base.policy import Policy
from tests.house import NOON, FakeClock
from tests.knowledge_stage import DRAFTS, knowledge_of, publish


async def test_a_new_answer_is_told_at_once_and_needs_no_training_where_phrasings_are_many(
    sqlite_store: Store,
) -> None:
    many = replace(DRAFTS[0], phrasings=tuple(f"where is parcel {number}" for number in range(21)))
    await publish(sqlite_store, [many, *DRAFTS[1:]])
    async with knowledge_of(sqlite_store) as knowledge:
        assert await knowledge.refresh()
        trained = knowledge.index
        await publish(sqlite_store, [replace(many, answer="It is in your mail.")])
        assert await knowledge.refresh()
        assert knowledge.index is trained
        told = knowledge.edition.article("track", "en")
        assert told is not None
        assert told.answer == "It is in your mail."
        assert not await knowledge.refresh()


async def test_a_new_answer_is_told_before_it_is_learned(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        follower = asyncio.create_task(knowledge.follow())
        trained, words = knowledge.index, "heron swallow"
        assert knowledge.decide_many([words])[0].matches[0].article_key != "track"
        await publish(sqlite_store, [replace(DRAFTS[0], answer="A heron may swallow letters. Look outside.")])
        async with asyncio.timeout(60):
            while (told := knowledge.edition.article("track", "en")) is None or "heron" not in told.answer:
                await asyncio.sleep(0.01)
            while knowledge.index is trained:
                await asyncio.sleep(0.05)
        assert knowledge.decide_many([words])[0].matches[0].article_key == "track"
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await follower


async def test_a_new_phrasing_is_answered_and_its_evidence_follows(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        follower = asyncio.create_task(knowledge.follow())
        strange = "does the heron eat my letters"
        assert knowledge.decide_many([strange])[0].kind != "answer"
        await publish(sqlite_store, [replace(DRAFTS[0], phrasings=(*DRAFTS[0].phrasings, strange))])
        async with asyncio.timeout(60):
            while knowledge.decide_many([strange])[0].kind != "answer":
                await asyncio.sleep(0.05)
            quick = knowledge.index
            while knowledge.index is quick:
                await asyncio.sleep(0.05)
        assert knowledge.decide_many([strange])[0].matches[0].article_key == "track"
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await follower


async def test_a_new_article_is_listed_for_like_questions_before_it_is_learned(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        trained, asked = knowledge.index, "do you deliver to the island of Iceland"
        assert "iceland" not in {match.article_key for match in knowledge.decide_many([asked])[0].matches}
        await publish(sqlite_store, [ArticleDraft("iceland", "Do you deliver to Iceland?", (), "We do.")])
        await knowledge.take_in()
        assert knowledge.index is trained
        offered = knowledge.decide_many([asked])[0]
        assert (offered.kind, offered.matches[0].article_key) == ("suggest", "iceland")
        await knowledge.refresh()
        learned = knowledge.decide_many([asked])[0]
        assert learned.matches[0].article_key == "iceland"
        assert learned.reason != "newly_published"


async def test_what_was_deleted_is_not_answered_any_more(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        wrap = "Can you wrap it as a gift?"
        assert knowledge.decide_many([wrap])[0].matches[0].article_key == "gift"
        await publish(sqlite_store, [d for d in DRAFTS if d.key != "gift"], whole=True)
        for step in (knowledge.take_in, knowledge.refresh):
            await step()
            assert knowledge.edition.article("gift", "en") is None
            assert "gift" not in {match.article_key for match in knowledge.decide_many([wrap])[0].matches}


async def test_an_article_comes_and_goes_by_its_dates(sqlite_store: Store) -> None:
    clock = FakeClock()
    sale = replace(
        DRAFTS[0], key="sale", valid_from=NOON + timedelta(days=1), valid_until=NOON + timedelta(days=2)
    )
    await publish(sqlite_store, [*DRAFTS[1:], sale])
    async with knowledge_of(sqlite_store, clock) as knowledge:
        await knowledge.refresh()
        async with sqlite_store.read() as session:
            assert await articles.latest_publication(session) == knowledge.edition.publication
        seen = []
        for _ in range(3):
            seen.append(knowledge.edition.article("sale", "en") is not None)
            clock.advance(timedelta(days=1, minutes=1))
            await knowledge.refresh()
    assert seen == [False, True, False]


async def test_another_share_of_wrong_answers_is_learned_at_once(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        knowledge.heed(Policy(0.1))
        assert await knowledge.refresh()
        assert not await knowledge.refresh()
        assert {shelf.calibration.promise.budget for shelf in knowledge.index.shelves.values()} == {0.1}


async def test_word_vectors_are_learned_with_and_without(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store) as knowledge:
        await knowledge.refresh()
        found = [knowledge.index.policy]
        for policy in (Policy(semantic=True), Policy()):
            knowledge.heed(policy)
            await knowledge.refresh()
            found.append(knowledge.index.policy)
    assert found == [Policy(), Policy(semantic=True), Policy()]


async def test_who_follows_ends_though_it_is_told_to_while_it_waits_for_the_old_training(
    sqlite_store: Store,
) -> None:
    begun, stopping, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow_to_end(*_: object) -> AsyncGenerator[Trained, None]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopping.set()
            await may_end.wait()
        yield  # type: ignore[misc]  # it never gets here, but is a generator for it

    await publish(sqlite_store, DRAFTS)
    async with knowledge_of(sqlite_store, trainer=slow_to_end) as knowledge:
        follower = asyncio.create_task(knowledge.follow())
        await begun.wait()
        await publish(sqlite_store, [replace(DRAFTS[0], answer="Look outside.")])
        await stopping.wait()
        follower.cancel()
        await asyncio.sleep(0)
        may_end.set()
        done, _ = await asyncio.wait([follower], timeout=30)
        assert done
        assert follower.cancelled()
