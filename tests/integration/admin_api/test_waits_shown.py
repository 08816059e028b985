"""How long somebody has waited is told in the time in which people are there, by the API and the desk alike."""

import pytest

from crm_store import conversations, queue, queue_hours, staff
from tests.admin_stage import Stage
from tests.admin_world import conversation, visitor
from tests.desk_stage import agent_browser, customer_waits
from tests.integration.admin_api.test_desk_team import figures, row_of, takes
from tests.integration.admin_api.test_why_next import told_everywhere


async def opens(stage: Stage, hours: str) -> None:
    """From now on these are the hours; the bot's process has read them, too."""
    current = stage.settings.current.model_copy(update={"working_hours": hours})
    stage.settings.current = current
    async with stage.store.write() as session:
        await queue_hours.keep(session, current.calendars, now=stage.clock())


async def test_by_the_api_alike_wherever_it_is_told(stage: Stage) -> None:
    await opens(stage, "mon-sun 09:03-18:00")
    customer = await visitor(stage.store, stage.clock())
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    stage.clock.move(minutes=5)
    told = await told_everywhere(stage, number, customer)
    assert len(told) == 6
    for where, why in told.items():
        assert why == [{"reason": "waiting", "points": 2, "value": 2.0, "about": None}], where
    (entry,) = (await stage.get("/queue", "agent"))["items"]
    assert entry["points"] == 2
    report = (await stage.get("/reports/summary"))["queue"]
    assert (report["length"], report["longest_wait_seconds"]) == (1, 120)


async def test_by_the_hours_the_queue_is_ordered_by(stage: Stage) -> None:
    """Though this process has read others already."""
    await opens(stage, "mon-sun 09:03-18:00")
    stage.settings.current = stage.settings.current.model_copy(update={"working_hours": ""})
    customer = await visitor(stage.store, stage.clock())
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    labelled = await stage.post(f"/conversations/{number}", {"priority": 2}, "agent", "PATCH")
    assert labelled["why_next"][0]["points"] == 0
    stage.clock.move(minutes=5)
    for where, why in (await told_everywhere(stage, number, customer)).items():
        assert why[0]["points"] == 2, where
    labelled = await stage.post(f"/conversations/{number}", {"priority": 1}, "agent", "PATCH")
    assert labelled["why_next"][0]["points"] == 2


@pytest.mark.parametrize(
    ("language", "wait", "why"), [("en", "2 min", "waiting 2 min"), ("zh", "2 分钟", "已等 2 分钟")]
)
async def test_by_the_desks_queue_and_thread(stage: Stage, language: str, wait: str, why: str) -> None:
    await opens(stage, "mon-sun 09:03-18:00")
    number = await customer_waits(stage, "my lamp broke")  # since four minutes before nine
    stage.clock.move(minutes=5)
    browser = await agent_browser(stage)
    for path in ("/desk/lists", f"/conversations/{number}"):
        page = (await browser.visit(path, **{"Accept-Language": language})).text
        line = page.partition(f'id="line-{number}"')[2].partition("</li>")[0]
        assert f'<span class="when">{wait}</span>' in line
        assert why in line
    thread = page.partition('class="place"')[2].partition("</p>")[0]
    assert why in thread


async def test_by_the_live_view(stage: Stage) -> None:
    await opens(stage, "mon-sun 09:03-18:00")
    await takes(stage, "agent", await customer_waits(stage, "hi"))
    await customer_waits(stage, "hello", name="Ben", address="ben")
    stage.clock.move(minutes=5)
    seen = await (await agent_browser(stage, "admin")).visit("/team/now")
    assert figures(seen.text)[1:3] == ["2 min", "2 min"]
    assert row_of(seen.text, stage.agents["agent"]).endswith("2 min · Anna Berg")


async def test_whose_people_were_there_longer_has_waited_longest_for_a_reply(stage: Stage) -> None:
    """Not whoever wrote first: the night's people came as late as a minute ago."""
    first = await customer_waits(stage, "hi", name="Nora", address="nora")
    stage.clock.move(minutes=3)
    second = await customer_waits(stage, "hello", name="Ben", address="ben")
    update = {"team_hours": {"night": "mon-sun 09:09-18:00"}}
    stage.settings.current = stage.settings.current.model_copy(update=update)
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["agent"])
        (await conversations.get(session, first)).team = "night"
        await session.flush()
        for number in (first, second):
            await queue.take(session, number, agent, now=stage.clock())
    stage.clock.move(minutes=7)
    seen = await (await agent_browser(stage, "admin")).visit("/team/now")
    assert row_of(seen.text, stage.agents["agent"]).endswith("7 min · Ben")
