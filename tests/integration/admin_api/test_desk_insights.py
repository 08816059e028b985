"""The figures of the insights in words: what the bot settled alone, and why people were needed."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from crm_store import conversations, promises, queue, staff
from crm_store.models.base import table_of
from crm_store.models.conversations import Handoff, Message, StatusChange
from crm_store.settings import StoreSettings
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits


async def was_answered(stage: Stage, number: int, *, needed_person: bool) -> None:
    """The bot answered the question of this conversation."""
    async with stage.store.write() as session:
        asked = update(Message).where(Message.conversation_id == number)
        await session.execute(
            asked.values(decision="answer", created_at=stage.clock() - timedelta(minutes=1))
        )
        said = {"conversation_id": number, "customer_id": number, "author": "bot", "decision": "answer"}
        await session.execute(
            insert(table_of(Message)), [{**said, "created_at": stage.clock(), "text": "So."}]
        )
        if not needed_person:
            await session.execute(delete(StatusChange).where(StatusChange.conversation_id == number))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "1 of 3: answered, no person needed, not called unhelpful"),
        ("zh", "3 个对话中的 1 个：已解答、无需人工"),
    ],
)
async def test_what_the_bot_settled_alone_is_told_with_what_it_means(
    stage: Stage, language: str, told: str
) -> None:
    for name in ("ann", "ben", "cleo"):
        number = await customer_waits(stage, "do you ship to Norway?", address=name)
        await was_answered(stage, number, needed_person=name != "ann")
    stage.clock.move(minutes=1)
    seen = await (await agent_browser(stage)).visit("/insights", **{"Accept-Language": language})
    assert told in seen.text
    assert '<p class="value">33%</p>' in seen.text


async def test_reasons_are_told_in_words(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    async with stage.store.write() as session:
        session.add(Handoff(conversation_id=number, reason="no_reply", queued_at=stage.clock()))
    stage.clock.move(minutes=1)
    seen = await (await agent_browser(stage)).visit("/insights")
    assert "<span>Holder did not reply</span><b>1</b>" in seen.text
    assert "no_reply" not in seen.text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "1 more closed without being served"), ("zh", "另有 1 次未经接待即结束")]
)
async def test_what_nobody_served_is_told_apart_and_no_promise_kept(
    stage: Stage, language: str, told: str
) -> None:
    rules = StoreSettings(response_targets="first 20m")
    served, unserved, open_still = [await customer_waits(stage, "hi", address=name) for name in "abc"]
    stage.clock.move(minutes=5)
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["agent"])
        await conversations.reply(session, served, agent, "Here I am.", now=stage.clock())
        for number in (served, unserved):
            await queue.resolve(session, number, agent, now=stage.clock(), settings=rules)
        waiting = await conversations.get(session, open_still)
        await promises.follow(session, waiting, now=stage.clock(), settings=rules)
    stage.clock.move(minutes=1)
    seen = await (await agent_browser(stage)).visit("/insights", **{"Accept-Language": language})
    assert told in seen.text
    kept = seen.text.partition('class="quiet">(1)</span>')[2].partition("</p>")[0]
    assert "<b>100%</b>" in kept  # three were promised; of one it is known
