"""Teams: of a person on the staff page, of a conversation in its menu and by the API, and what follows."""

import pytest

from crm_store import conversations
from crm_store.models.conversations import Conversation
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits


@pytest.fixture
def stage(both_stage: Stage) -> Stage:
    return both_stage


async def of(stage: Stage, number: int) -> Conversation:
    async with stage.store.read() as session:
        return await conversations.get(session, number)


async def test_the_staff_page_sets_and_clears_a_team(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    number = stage.agents["agent"]
    seen = await browser.send(f"/staff/{number}/duties", capacity="3", team=" Night shift ")
    assert (await stage.get(f"/staff/{number}"))["team"] == "Night shift"
    assert "3 · <b>Night shift</b>" in seen.text
    assert '<option value="Night shift">' in seen.text
    await browser.send("/staff", name="Noor", team="Night shift")
    made = next(one for one in (await stage.get("/staff"))["items"] if one["name"] == "Noor")
    assert (made["team"], made["capacity"]) == ("Night shift", 5)
    await browser.send(f"/staff/{number}/duties", capacity="3", team="")
    assert (await stage.get(f"/staff/{number}"))["team"] is None
    assert (await browser.send(f"/staff/{number}/duties", capacity="3", team="x" * 65)).status == 422


async def test_a_conversations_team_is_set_where_it_is_open(stage: Stage) -> None:
    """Whoever is not in its team is not given it next, until it is anybody's again."""
    number = await customer_waits(stage, "my lamp broke")
    await stage.post(f"/staff/{stage.agents['agent']}", {"team": "day"}, method="PATCH")
    await stage.post(f"/staff/{stage.agents['supervisor']}", {"team": "night"}, method="PATCH")
    browser = await agent_browser(stage)
    page = await browser.visit(f"/conversations/{number}")
    assert '<option value="team:night">night</option>' in page.text
    seen = await browser.send(f"/conversations/{number}/labels", team="team:night", tags="vip")
    assert '<option value="team:night" selected>night</option>' in seen.text
    assert (await of(stage, number)).team == "night"
    assert (await stage.post("/queue/take-next", key="agent"))["conversation"] is None
    await browser.send(f"/conversations/{number}/labels", priority="1", tags="vip")
    assert (await of(stage, number)).team == "night"
    audited = (await stage.get("/audit"))["items"]
    changes = [one["detail"]["changed"] for one in audited if "changed" in one["detail"]]
    assert changes[:2] == [["priority"], ["tags", "team"]], "what a form sent as it was is no change"
    cleared = await browser.send(f"/conversations/{number}/labels", team="team:")
    assert '<option value="team:" selected' not in cleared.text
    assert (await of(stage, number)).team is None
    assert (await stage.post("/queue/take-next", key="agent"))["conversation"]["id"] == number


async def test_the_api_sets_it_too(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    path = f"/conversations/{number}"
    assert (await stage.post(path, {"team": " night "}, "agent", "PATCH"))["team"] == "night"
    assert (await stage.post(path, {"priority": 1}, "agent", "PATCH"))["team"] == "night"
    assert (await stage.post(path, {"team": ""}, "agent", "PATCH"))["team"] is None
    refused = await stage.ask("PATCH", f"/api/v1{path}", key="agent", json={"team": "x" * 65})
    assert refused.status == 422
