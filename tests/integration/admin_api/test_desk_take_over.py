"""Who leads takes over what a colleague holds: asked once more by name, told to the holder, written in the history."""

import html
import json
import re

import pytest
from sqlalchemy import select

from crm_store import conversations, desk, handing_on, staff
from crm_store.lifecycle import Status
from crm_store.models.plumbing import DeskPost
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits


async def held(stage: Stage, key: str = "agent") -> int:
    number = await customer_waits(stage, "my lamp broke")
    await stage.post(f"/conversations/{number}/take", key=key)
    return number


async def alerts(browser: Visitor) -> list[str]:
    return [one["words"] for one in json.loads((await browser.visit("/desk/unread")).text)["alerts"]]


async def test_who_leads_is_asked_with_the_holders_name_and_nobody_else_is(stage: Stage) -> None:
    number = await held(stage)
    seen = (await (await agent_browser(stage, "supervisor")).visit(f"/conversations/{number}/thread")).text
    assert "Take it over from the agent" in seen
    assert "Once you take it over, the agent can no longer reply" in html.unescape(seen)
    zh = await agent_browser(stage, "supervisor")
    zh.headers["Cookie"] += "; frontdesk_language=zh"
    assert "从 the agent 那里接管" in (await zh.visit(f"/conversations/{number}")).text
    async with stage.store.write() as session:
        other = await staff.create_agent(session, name="Bo", role=Role.AGENT, now=stage.clock(), undo_s=0)
    stage.agents["other"] = other.id
    for role in ("agent", "other", "analyst"):
        browser = await agent_browser(stage, role)
        assert "take-over" not in (await browser.visit(f"/conversations/{number}")).text
        form = {"from_agent_id": str(stage.agents["agent"])}
        assert (await browser.send(f"/conversations/{number}/take-over", **form)).status == 403
    async with stage.store.read() as session:
        assert (await conversations.get(session, number)).agent_id == stage.agents["agent"]


async def test_the_holder_is_told_and_the_history_says_so(stage: Stage) -> None:
    number = await held(stage)
    async with stage.store.write() as session:
        await desk.set_groups(session, ["-100"])
    holder, lead = await agent_browser(stage), await agent_browser(stage, "supervisor")
    assert await alerts(holder) == []
    form = {"from_agent_id": str(stage.agents["agent"])}
    seen = await lead.send(f"/conversations/{number}/take-over", **form)
    assert "the supervisor took it over from the agent" in seen.text
    assert await alerts(holder) == ["the supervisor has taken this conversation over from you: Anna Berg"]
    assert await alerts(lead) == []
    async with stage.store.read() as session:
        found = await conversations.get(session, number)
        posts = select(DeskPost.agent_id, DeskPost.text).where(DeskPost.kind == desk.TAKEN_OVER)
        [(called, text)] = (await session.execute(posts)).all()
        last = (await conversations.messages(session, number))[-1]
    assert (found.status, found.agent_id) == (Status.ASSIGNED, stage.agents["supervisor"])
    assert (called, json.loads(text)) == (stage.agents["agent"], {"by": "the supervisor"})
    assert (last.intent or {})["say"] == "person_joined"
    [entry] = (await stage.get(f"/audit?subject=conversation:{number}&limit=1"))["items"]
    assert (entry["action"], entry["detail"]["from_agent"]) == (
        "conversations.take_over",
        stage.agents["agent"],
    )
    stage.clock.move(hours=13)
    assert await alerts(await agent_browser(stage)) == []


async def test_it_is_told_no_more_once_it_is_theirs_again(stage: Stage) -> None:
    number = await held(stage)
    body = {"from_agent_id": stage.agents["agent"]}
    await stage.post(f"/conversations/{number}/take-over", body, "supervisor")
    await stage.post(f"/conversations/{number}/release", None, "supervisor")
    await stage.post(f"/conversations/{number}/take", None, "agent")
    assert await alerts(await agent_browser(stage)) == []


async def test_a_question_that_is_out_of_date_takes_it_from_nobody_else(stage: Stage) -> None:
    number = await held(stage, "admin")
    lead = await agent_browser(stage, "supervisor")
    form = {"from_agent_id": str(stage.agents["agent"])}
    refused = await lead.send(f"/conversations/{number}/take-over", **form)
    assert (refused.status, "the admin" in refused.text) == (409, True)
    await stage.post(f"/conversations/{number}/release", None, "admin")
    refused = await lead.send(f"/conversations/{number}/take-over", **form)
    assert refused.status == 409
    assert re.search("Nobody has this conversation any more", refused.text)


async def test_of_many_that_were_taken_over_the_newest_are_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_on, "MOST_TOLD", 2)
    numbers = [await customer_waits(stage, "hi", address=name, name=name) for name in ("Zoe", "Yan", "Wei")]
    for number in numbers:
        await stage.post(f"/conversations/{number}/take", key="agent")
        stage.clock.move(minutes=1)
        body = {"from_agent_id": stage.agents["agent"]}
        await stage.post(f"/conversations/{number}/take-over", body, "supervisor")
    told = await alerts(await agent_browser(stage))
    assert [one.partition(": ")[2] for one in told] == ["Wei", "Yan"]
