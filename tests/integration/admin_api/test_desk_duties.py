"""What each person takes on, on the desk's staff page: capacity, skills, languages."""

import pytest

from crm_store import staff
from crm_store.models.staff import Agent
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser

SCRIPTED = {"HX-Request": "true"}


async def kept(stage: Stage, agent_id: int) -> tuple[int, list[str], list[str]]:
    async with stage.store.read() as session:
        agent: Agent = await staff.get_agent(session, agent_id)
    return agent.capacity, agent.skills, agent.languages


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"capacity": "3", "skills": "returns, repairs", "languages": "en，zh"},
         (3, ["returns", "repairs"], ["en", "zh"])),
        ({"capacity": "1000", "skills": "退货、维修, 退货 ,,"}, (1000, ["退货", "维修"], [])),
        ({"capacity": "1"}, (1, [], [])),
    ],
)  # fmt: skip
async def test_duties_are_shown_and_changed(
    stage: Stage, fields: dict[str, str], after: tuple[int, list[str], list[str]]
) -> None:
    browser = await agent_browser(stage, "admin")
    number = stage.agents["agent"]
    await stage.post(f"/staff/{number}", {"skills": ["old"], "languages": ["fr"]}, method="PATCH")
    saved = await browser.send(f"/staff/{number}/duties", **fields)
    assert saved.path == "/staff"
    assert await kept(stage, number) == after
    for labels in after[1:]:
        assert f'value="{", ".join(labels)}"' in saved.text
    assert f'value="{after[0]}"' in saved.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "1001"}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"skills": "returns"}, "capacity"),
        ({"capacity": "5", "skills": "x" * 65}, "skills"),
        ({"capacity": "5", "languages": ",".join(map(str, range(51)))}, "languages"),
    ],
)
async def test_duties_that_cannot_be_are_refused_in_words(
    stage: Stage, fields: dict[str, str], told: str
) -> None:
    browser = await agent_browser(stage, "admin")
    number = stage.agents["agent"]
    before = await kept(stage, number)
    refused = await browser.send(f"/staff/{number}/duties", headers=SCRIPTED, **fields)
    assert refused.status == 422
    assert told in refused.text
    assert await kept(stage, number) == before


async def test_only_admins_set_duties(stage: Stage) -> None:
    browser = await agent_browser(stage, "supervisor")
    number = stage.agents["agent"]
    before = await kept(stage, number)
    assert (await browser.send(f"/staff/{number}/duties", capacity="9")).status == 403
    assert await kept(stage, number) == before


async def test_somebody_new_starts_with_their_duties(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    await browser.send("/staff", name="Noor", capacity="2", skills="returns", languages="en, zh")
    async with stage.store.read() as session:
        noor = await staff.find_agent(session, "Noor")
    assert noor is not None
    assert (noor.capacity, noor.skills, noor.languages) == (2, ["returns"], ["en", "zh"])
