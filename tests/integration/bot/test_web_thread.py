"""The web chat from a visitor's frame to the reply, through the real house."""

from collections.abc import AsyncIterator

import pytest

from crm_store import conversations, queue
from crm_store.engine import Store
from crm_store.models.staff import Agent
from tests.webchat import Site, open_site


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def test_a_question_is_accepted_and_answered(site: Site) -> None:
    visitor, _ = await site.introduced(language="en")
    client_id = await visitor.say("Where is my order?")
    assert (await visitor.next("accepted"))["client_id"] == client_id
    frames = visitor.told
    answer = next((f for f in frames if f["type"] == "message"), None) or await visitor.next("message")
    assert answer["text"] == "The tracking link is in your dispatch mail."
    assert (answer["author"], answer["question"], answer["layout"]) == ("bot", "Did this help?", "buttons")
    assert answer["choices"] == ["👍 Yes", "👎 No", "Talk to a person"]


async def test_an_agents_reply_is_signed_with_the_name_the_customer_was_told(site: Site) -> None:
    visitor, token = await site.introduced(language="en")
    await visitor.ask("/human")
    ann, robot = await site.house.agent("Ann"), await site.house.agent("night-robot")
    now = site.house.clock()
    for agent, is_program, joined, signed in (
        (ann, False, "Ann is with you now.", "Ann"),
        (robot, True, "A colleague is with you now.", ""),
    ):
        async with site.house.store.write() as session:
            (await session.get_one(Agent, agent.id)).is_program = agent.is_program = is_program
        async with site.house.store.write() as session:
            await conversations.reply(session, 1, agent, "hello", now=now)
        told = [await visitor.next("message") for _ in range(2)]
        assert [(one["author"], one["text"], one["name"]) for one in told] == [
            ("system", joined, ""), ("agent", "hello", signed)
        ]  # fmt: skip
        async with site.house.store.write() as session:
            await queue.release(session, 1, agent, now=now)
        await visitor.next("message")  # back in the queue
    history = (await (await site.visitor()).hello(token=token))["history"]
    assert [one["name"] for one in history if one["author"] == "agent"] == ["Ann", ""]
