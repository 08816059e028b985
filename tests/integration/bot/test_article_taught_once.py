"""A phrasing asked for with /article is published and told once, whatever breaks off; what never works is told, too."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk import article_teaching
from bot.channels.telegram.desk.article_command import ArticleMaking, Asked
from bot.channels.telegram.desk.article_teaching import TRIED_WITHIN, ArticleTeaching
from bot.clock import system_clock
from bot.edition import no_knowledge
from crm_store import drafts, health, question_labels, timers
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.knowledge import Gap
from crm_store.models.learning import QuestionLabel
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.timers import MAX_ATTEMPTS, RETRY_AFTER
from knowledge_base.text import normalise
from tests.integration.bot.test_telegram_articles import QUESTION, SlowTrials, with_gold
from tests.telegram_stage import DeskHouse


@pytest.fixture
async def asked(desk_house: DeskHouse) -> Store:
    """Ann, who leads, asked for a phrasing, and the house went away."""
    await with_gold(desk_house)
    await desk_house.kill()
    async with desk_house.store.write() as session:
        reply = await session.scalar(select(Message).where(Message.author == "agent"))
        assert reply is not None
        wish = Asked(await session.get_one(Agent, 1), reply.conversation_id, reply, "refund_time")
        await ArticleMaking(system_clock, no_knowledge).make(session, wish, language="en")
    return desk_house.store


def teaching(store: Store, after: timedelta = timedelta(0)) -> ArticleTeaching:
    """A process whose clock says so much later."""
    now = system_clock() + after
    return ArticleTeaching(store, lambda: now, no_knowledge)


async def notices(store: Store) -> Sequence[str]:
    """What the topic is told."""
    async with store.read() as session:
        return list(await session.scalars(select(DeskPost.text).where(DeskPost.kind == "notice")))


async def published(store: Store) -> int:
    """So many drafts became a phrasing."""
    async with store.read() as session:
        return len(await drafts.page(session, state=drafts.PUBLISHED))


LATER = TRIED_WITHIN + timedelta(seconds=1)


async def test_killed_before_the_timer_is_noted_as_done(
    asked: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def never(*_: object, **_named: object) -> bool:
        reached.set()
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(timers, "finish", never)
    task = asyncio.create_task(teaching(asked).teach_due())
    async with asyncio.timeout(60):
        await reached.wait()
    task.cancel()
    await asyncio.wait([task])
    monkeypatch.undo()
    assert await teaching(asked, LATER).teach_due() == 1
    assert await teaching(asked, 2 * LATER).teach_due() == 0
    assert await published(asked) == 1
    [told] = await notices(asked)
    assert "is a phrasing of refund_time now" in told


async def test_what_it_says_was_wrong_is_the_agents_word(asked: Store) -> None:
    """Zoe said that another article did not help with it."""
    async with asked.write() as session:
        said = {"conversation_id": 1, "question": QUESTION, "language": "en", "created_at": system_clock()}
        session.add(Gap(reason="not_helpful", **said))
        about = {"customer_id": 1, "normal": normalise(QUESTION), "article_key": "track_parcel"}
        no = {"agrees": False, "source": "not_helpful", "was_alone": True}
        await question_labels.add(session, said | about | no)
    assert await teaching(asked).teach_due() == 1
    async with asked.read() as session:
        of_agents = select(QuestionLabel.agent_id).where(
            QuestionLabel.source == "agent", QuestionLabel.article_key == "track_parcel"
        )
        assert list(await session.scalars(of_agents)) == [1]


async def test_two_processes_that_try_it_at_a_time(asked: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first was only slow, and lost its turn."""
    slow = SlowTrials()
    monkeypatch.setattr(article_teaching, "tried_on", slow)
    tasks = []
    try:
        async with asyncio.timeout(60):
            for count, after in ((1, timedelta(0)), (2, LATER)):
                tasks.append(asyncio.create_task(teaching(asked, after).teach_due()))
                while slow.count < count:
                    await asyncio.sleep(0.01)
    finally:
        slow.goes_on.set()
    await asyncio.gather(*tasks)
    assert await published(asked) == 1
    [told] = await notices(asked)
    assert "is a phrasing of refund_time now" in told


async def test_a_trial_that_never_works_is_told_in_the_end(
    asked: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object, **_named: object) -> None:
        raise LookupError("out of order")

    monkeypatch.setattr(article_teaching, "tried_on", stumbles)
    after = timedelta(0)
    for attempt in range(MAX_ATTEMPTS):
        assert await notices(asked) == []
        await teaching(asked, after).teach_due()
        after += RETRY_AFTER * 2**attempt
    [told] = await notices(asked)
    assert told.startswith("Ann: the phrasing for refund_time could not be tried")
    await teaching(asked, after + LATER).teach_due()
    assert len(await notices(asked)) == 1
    async with asked.read() as session:
        assert (await health.state(session)).failed_timers == 1
