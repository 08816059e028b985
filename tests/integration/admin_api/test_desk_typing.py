"""A customer who writes is seen at the desk, and an agent who writes to them is told of."""

import pytest

from crm_store import staff
from crm_store.typing_signs import Side, TypingSign
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits


@pytest.mark.parametrize(("typing", "is_shown"), [("yes", True), ("note", False), ("no", False)])
async def test_the_customer_is_told_of_replies_alone(stage: Stage, typing: str, is_shown: bool) -> None:
    number = await customer_waits(stage, "hi")
    told: list[TypingSign] = []
    stage.store.typing.listen(told.extend)
    browser = await agent_browser(stage)
    assert (await browser.send(f"/conversations/{number}/typing", typing=typing)).status == 204
    assert told == [TypingSign("web:anna", Side.AGENT, is_shown)]


async def test_who_joined_is_named_and_programs_are_not(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    told: list[TypingSign] = []
    stage.store.typing.listen(told.extend)
    browser = await agent_browser(stage)
    await browser.send(f"/conversations/{number}/typing", typing="yes")
    await browser.send(f"/conversations/{number}/take")
    await browser.send(f"/conversations/{number}/typing", typing="yes")
    async with stage.store.write() as session:
        (await staff.get_agent(session, stage.agents["agent"])).is_program = True
    await browser.send(f"/conversations/{number}/typing", typing="yes")
    assert [sign.name for sign in told] == ["", "the agent", ""]


async def test_nobody_is_told_of_what_would_not_reach_them(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    browser, other = await agent_browser(stage), await agent_browser(stage, "supervisor")
    await other.send(f"/conversations/{number}/take")
    told: list[TypingSign] = []
    stage.store.typing.listen(told.extend)
    await browser.send(f"/conversations/{number}/typing", typing="yes")
    await browser.send("/conversations/4711/typing", typing="yes")
    await other.send(f"/conversations/{number}/resolve")
    await other.send(f"/conversations/{number}/typing", typing="yes")
    assert told == []


async def test_the_stream_tells_who_is_writing_without_a_change(stage: Stage) -> None:
    await customer_waits(stage, "hi")
    browser = await agent_browser(stage)
    headers = {**browser.headers, "Accept": "text/event-stream"}
    async with stage.client.get("/desk/live", headers=headers) as stream:
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"
        for side, is_typing in ((Side.AGENT, True), (Side.CUSTOMER, True), (Side.CUSTOMER, False)):
            stage.store.typing.tell(TypingSign("web:anna", side, is_typing))
        assert await stream.content.readuntil(b"\n\n") == b'event: typing\ndata: {"web:anna":false}\n\n'
        stage.store.typing.tell(TypingSign("web:anna", Side.CUSTOMER, True))
        assert await stream.content.readuntil(b"\n\n") == b'event: typing\ndata: {"web:anna":true}\n\n'


async def test_the_thread_says_whose_writing_it_shows(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    seen = await (await agent_browser(stage)).visit(f"/conversations/{number}")
    assert 'data-lane="web:anna"' in seen.text
    assert 'data-words="Anna Berg is writing …"' in seen.text
