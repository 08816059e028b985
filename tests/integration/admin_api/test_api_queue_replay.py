"""The queue under other rules, through the API and as a page."""

import re

import pytest

from crm_store import queue, staff
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser


async def rush(stage: Stage) -> None:
    """Two who wait; the second, urgent one is taken first."""
    first = await conversation(stage.store, stage.clock())
    stage.clock.move(minutes=5)
    urgent = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{urgent}", {"priority": 3}, "agent", "PATCH")
    for expected in (urgent, first):
        stage.clock.move(minutes=10)
        async with stage.store.write() as session:
            agent = await staff.get_agent(session, stage.agents["agent"])
            taken = await queue.take_next(session, agent, now=stage.clock())
            assert taken is not None
            assert taken.id == expected
    stage.clock.move(minutes=1)


async def test_two_policies_are_compared(both_stage: Stage) -> None:
    await rush(both_stage)
    told = await both_stage.get("/reports/queue-replay?policy=first_come", "analyst")
    assert told["stored"] == told["before"]
    assert (told["stored"]["waited"], told["stored"]["taken"], told["changed"]) == (2, 2, 2)
    assert [(one["conversation_id"], one["before"], one["after"]) for one in told["changes"]] == [
        (1, 1500.0, 900.0),
        (2, 600.0, 1200.0),
    ]
    assert [(one["reason"], one["waited"]) for one in told["groups"]] == [("priority", 1), ("none", 1)]
    same = await both_stage.get("/reports/queue-replay?policy=priority 1", "analyst")
    assert same["changed"] == 0


async def test_what_is_no_policy_is_refused(stage: Stage) -> None:
    refused = await stage.ask("GET", "/api/v1/reports/queue-replay?policy=speed 2")
    assert refused.status == 422
    assert "first_come" in refused.body["detail"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "It changes for 2 of 2"), ("zh", "2 人中有 2 人的等待改变")],
)
async def test_the_page_tells_it(stage: Stage, language: str, words: str) -> None:
    await rush(stage)
    browser = await agent_browser(stage)
    seen = await browser.visit("/insights/queue", **{"Accept-Language": language})
    assert words in seen.text
    assert 'href="/insights/queue?days=30"' in (await browser.visit("/insights")).text
    assert (await browser.visit("/insights/queue?policy=speed")).status == 422
    if language == "zh":
        main = seen.text.split("<main")[1].partition(">")[2].split("</main>")[0]
        shown = re.sub(r"<[^>]*>", " ", main)
        assert re.findall("[A-Za-z]{2,}", shown.replace("#", "")) == []
