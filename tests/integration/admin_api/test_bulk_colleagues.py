"""An act on many that takes conversations from colleagues says so first; undone, they have them again."""

import pytest

from crm_store.models.staff import Agent
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_finding import states, talks


@pytest.fixture
def stage(both_stage: Stage) -> Stage:
    return both_stage


async def test_it_is_asked_who_is_serving_them(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two", "three")
    await stage.post(f"/conversations/{numbers[0]}/take", key="agent")
    await stage.post(f"/conversations/{numbers[1]}/take", key="admin")
    ids = ",".join(map(str, numbers))
    async with stage.store.read() as session:
        name = (await session.get_one(Agent, stage.agents["agent"])).name
    lead, own = await agent_browser(stage, "admin"), await agent_browser(stage)
    asked = (await lead.send("/search/bulk", ids=ids, action="resolve")).text
    assert "Colleagues are serving 1 of them, and it is taken out of their hands:" in asked
    assert f"<bdi>{name}</bdi> (1)" in asked
    chinese = {"Accept-Language": "zh"}
    assert (
        "其中 1 个正由同事处理"
        in (await lead.send("/search/bulk", headers=chinese, ids=ids, action="resolve")).text
    )
    asked = (await own.send("/search/bulk", ids=ids, action="resolve")).text
    assert "Colleagues are serving 1 of them, which are left out:" in asked
    asked = (await lead.send("/search/bulk", ids=ids, action="tag", value="late")).text
    assert "Colleagues" not in asked, "a tag takes nothing from anybody"
    to = f"agent:{stage.agents['agent']}"
    asked = (await lead.send("/search/bulk", ids=ids, action="assign", to=to)).text
    assert "Colleagues" not in asked, "who gets them keeps what they have"
    asked = (await lead.send("/search/bulk", ids=str(numbers[2]), action="resolve")).text
    assert "Colleagues" not in asked


async def test_undone_it_says_who_has_it_again(stage: Stage) -> None:
    [number] = await talks(stage, "one")
    await stage.post(f"/conversations/{number}/take", key="agent")
    lead = await agent_browser(stage, "admin")
    await lead.send("/search/bulk", ids=str(number), action="resolve", confirmed="yes")
    await lead.send("/search/bulk/1/undo")
    assert await states(stage, [number]) == [("assigned", stage.agents["agent"])]
    async with stage.store.read() as session:
        names = [(await session.get_one(Agent, stage.agents[role])).name for role in ("agent", "admin")]
    thread = (await lead.visit(f"/conversations/{number}/thread")).text
    assert f"{names[1]} undid the closing" in thread
    assert f"{names[0]} has it again" in thread
    assert f"{names[1]} took it" not in thread
