"""What the count in the title is made of, on pages that show no lists."""

import json
from typing import Any

import pytest

from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits
from tests.query_counter import counted_queries


async def figures(browser: Visitor) -> dict[str, Any]:
    seen = await browser.visit("/desk/unread")
    assert seen.status == 200
    told: dict[str, Any] = json.loads(seen.text)
    return told


async def test_the_queue_and_what_one_holds_are_counted(stage: Stage) -> None:
    first = await customer_waits(stage, "hi", "anybody?")
    await customer_waits(stage, "hello", address="ben", name="Ben")
    browser, other = await agent_browser(stage), await agent_browser(stage, "supervisor")
    assert await figures(browser) == {"queue": 2, "lines": [], "alerts": []}
    await browser.send(f"/conversations/{first}/take")
    told = await figures(browser)
    assert told["queue"] == 1
    [line] = told["lines"]
    assert (line["conversation"], line["seen"], len(line["unanswered"])) == (first, 0, 2)
    assert await figures(other) == {"queue": 1, "lines": [], "alerts": []}

    await browser.send("/desk/seen", conversation_id=first, message_id=line["unanswered"][-1])
    [line] = (await figures(browser))["lines"]
    assert line["seen"] == line["unanswered"][-1]
    await browser.send(f"/conversations/{first}/words", text="Here I am")
    assert await figures(browser) == {"queue": 1, "lines": [], "alerts": []}


@pytest.mark.parametrize("page", ["/customers", "/search", "/canned", "/preferences", "/", "/insights"])
async def test_every_page_has_what_the_count_needs(stage: Stage, page: str) -> None:
    seen = await (await agent_browser(stage)).visit(page)
    assert 'id="account"' in seen.text
    assert "/static/desk.js" in seen.text
    assert "data-notify=" in seen.text


async def test_who_is_not_signed_in_is_told_nothing(stage: Stage) -> None:
    await customer_waits(stage, "hi")
    seen = await Visitor(stage).visit("/desk/unread")
    assert seen.path == "/sign-in" or seen.status == 401


OF_THEIRS = "assignment.ended_at"
"""What was taken over from them is found by what ended for them in the last hours, which has an index."""


async def test_where_nothing_is_promised_no_clock_is_read(stage: Stage) -> None:
    """Every open page asks every ten seconds."""
    await customer_waits(stage, "hi")
    browser = await agent_browser(stage)
    await figures(browser)
    with counted_queries(stage.store) as sent:
        await figures(browser)
    steps = [one for one in sent if "status_change" in one and OF_THEIRS not in one]
    assert not steps, "when who held it is read for promises only"
    assert len([one for one in sent if "promise" in one]) == 1, "whether there is any"
