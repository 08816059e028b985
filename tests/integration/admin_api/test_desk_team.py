"""The team at this moment: queue, people with their load and longest wait, overdue promises; programs are no people."""

import re

import pytest

from crm_store import attendance, conversations, promises, queue, staff
from crm_store.settings import StoreSettings
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits

TARGETS = StoreSettings(response_targets="first 20m")


def row_of(page: str, agent_id: int) -> str:
    """The cells of a person's row as one line of words."""
    row = page.partition(f'id="member-{agent_id}"')[2].partition("</tr>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", row.partition(">")[2]).split())


def figures(page: str) -> list[str]:
    return re.findall(r'class="value">([^<]*)<', page)


async def takes(stage: Stage, role: str, number: int) -> None:
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents[role])
        found = await conversations.get(session, number)
        await promises.follow(session, found, now=stage.clock(), settings=TARGETS)
        await queue.take(session, number, agent, now=stage.clock())


async def test_an_empty_house_is_told_as_such(stage: Stage) -> None:
    seen = await (await agent_browser(stage, "supervisor")).visit("/team")
    assert figures(seen.text) == ["0", "–", "–", "0 of 3", "0"]
    assert row_of(seen.text, stage.agents["agent"]) == "TA the agent Offline 0 of 5 –"
    assert "Nothing that was promised is overdue." in seen.text
    assert "the analyst" not in seen.text, "who only reads takes nothing"


async def test_queue_load_and_waits_are_those_of_the_moment(stage: Stage) -> None:
    first = await customer_waits(stage, "my lamp broke")
    await takes(stage, "agent", first)
    answered = await customer_waits(stage, "hello", name="Cleo", address="cleo")
    await takes(stage, "agent", answered)
    await (await agent_browser(stage)).send(f"/conversations/{answered}/words", text="Hello Cleo.")
    await (await agent_browser(stage)).send("/desk/presence", presence="online")
    stage.clock.move(minutes=25)
    stage.promise(TARGETS)
    await customer_waits(stage, "hi", name="Ben", address="ben")
    async with stage.store.write() as session:
        late = await conversations.get(session, first)
        await promises.follow(session, late, now=stage.clock(), settings=TARGETS)
        supervisor = await staff.get_agent(session, stage.agents["supervisor"])
        await attendance.set_presence(session, supervisor, "online", now=stage.clock())
        supervisor.capacity = 1
    browser = await agent_browser(stage, "admin")
    seen = await browser.visit("/team/now")
    assert figures(seen.text) == ["1", "4 min", "25 min", "1 of 3", "1"]
    assert row_of(seen.text, stage.agents["agent"]) == (
        "TA the agent Offline 2 of 5 25 min · Anna Berg"  # online has run out: the desk was closed
    )
    assert row_of(seen.text, stage.agents["supervisor"]) == "TS the supervisor Online 0 of 1 –"
    assert seen.text.index("the supervisor") < seen.text.index("the admin"), "who is there comes first"
    overdue = seen.text.partition('<section class="box-card">')[2]
    assert f'href="/conversations/{first}"' in overdue
    assert "First reply overdue for 5 min" in overdue
    assert "with the agent" in overdue
    assert "<html" not in seen.text


async def test_a_full_desk_is_told_in_words(stage: Stage) -> None:
    async with stage.store.write() as session:
        (await staff.get_agent(session, stage.agents["agent"])).capacity = 1
    await takes(stage, "agent", await customer_waits(stage, "hi"))
    seen = await (await agent_browser(stage, "admin")).visit("/team", **{"Accept-Language": "zh"})
    assert row_of(seen.text, stage.agents["agent"]).startswith("TA the agent 离线 1 / 1 已满")


@pytest.mark.parametrize("path", ["/team", "/staff", "/insights"])
async def test_a_program_is_no_person(stage: Stage, path: str) -> None:
    made = await stage.post("/keys", {"name": "shop robot", "role": "agent"})
    number = await customer_waits(stage, "hi")
    await stage.post(f"/conversations/{number}/take", key=made["key"])
    members = {one["name"]: one["is_program"] for one in (await stage.get("/staff"))["items"]}
    assert members["shop robot"] is True
    assert members["the agent"] is False
    seen = await (await agent_browser(stage, "admin")).visit(path)
    assert "the agent" in seen.text
    table = seen.text.partition("<table")[2].partition("</table>")[0]
    assert "shop robot" not in table


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("analyst", 403), ("supervisor", 200)])
async def test_only_who_leads_sees_the_team(stage: Stage, role: str, status: int) -> None:
    browser = await agent_browser(stage, role)
    assert [(await browser.visit(path)).status for path in ("/team", "/team/now")] == [status, status]
