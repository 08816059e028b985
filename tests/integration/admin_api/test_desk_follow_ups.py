"""Asking for stars by hand, and follow-ups, through the API and on the desk."""

from datetime import timedelta

import pytest

from crm_store import conversations, follow_ups, queue, ratings, staff
from crm_store.models.ratings import RatingRequest
from crm_store.settings import StoreSettings
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser

SETTINGS = StoreSettings()


async def replied(stage: Stage, agent: str = "agent") -> int:
    """A conversation that the agent has answered."""
    number = await conversation(stage.store, stage.clock())
    async with stage.store.write() as session:
        by = await staff.get_agent(session, stage.agents[agent])
        await conversations.reply(session, number, by, "Hello!", now=stage.clock())
    return number


async def followed_up(stage: Stage, comment: str | None = "<b>rude</b>") -> int:
    """The case of a resolved conversation whose customer gave one star."""
    number = await replied(stage)
    async with stage.store.write() as session:
        by = await staff.get_agent(session, stage.agents["agent"])
        await queue.resolve(session, number, by, now=stage.clock(), settings=SETTINGS)
        request = await session.get_one(RatingRequest, 1)
        request.comment = comment
        await ratings.record(session, request.customer_id, "price", 0, now=stage.clock(), request=request)
        case = await follow_ups.look(session, request.id, now=stage.clock(), settings=SETTINGS)
        assert case is not None
        return case.id


async def test_a_rating_is_asked_for_once_through_the_api(both_stage: Stage) -> None:
    stage = both_stage
    waiting = await conversation(stage.store, stage.clock())
    path = "/api/v1/conversations/{}/rating-request"
    refused = await stage.ask("POST", path.format(waiting), key="agent")
    assert (refused.status, "nothing to rate yet" in refused.body["detail"]) == (409, True)
    number = await replied(stage)
    made = await stage.ask("POST", path.format(number), key="agent")
    assert (made.status, made.body["agent_id"], made.body["state"]) == (201, stage.agents["agent"], "asked")
    again = await stage.ask("POST", path.format(number), key="agent")
    assert (again.status, "already" in again.body["detail"]) == (409, True)
    assert (await stage.ask("POST", path.format(number), key="analyst")).status == 403


async def test_the_button_stands_while_there_is_something_to_rate(stage: Stage) -> None:
    number = await replied(stage)
    browser = await agent_browser(stage)
    button = f'action="/conversations/{number}/rate?'
    assert button in (await browser.visit(f"/conversations/{number}")).text
    seen = await browser.send(f"/conversations/{number}/rate")
    assert "Asked to rate" in seen.text
    assert button not in seen.text


async def test_a_follow_up_stands_on_the_desk_until_it_is_done(stage: Stage) -> None:
    case = await followed_up(stage)
    browser = await agent_browser(stage)
    home = await browser.visit("/")
    assert "Follow-ups" in home.text
    assert "&lt;b&gt;rude&lt;/b&gt;" in home.text
    shown = await browser.visit(f"/cases/{case}")
    assert "&lt;b&gt;rude" in shown.text
    assert "Reopen the conversation" in shown.text
    assert f'href="/cases/{case}"' in (await browser.visit("/customers/1")).text
    assert "FOL-1" in (await browser.visit("/cases?show=follow_ups")).text
    done = await browser.send(f"/cases/{case}", version="1", state="done", note="called them")
    assert "called them" in done.text
    assert "Follow-ups" not in (await browser.visit("/desk/lists")).text
    told = await stage.get(f"/cases/{case}", "agent")
    assert (told["state"], told["kind"], told["owner_id"]) == ("done", "follow_up", stage.agents["agent"])


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Rated 1.0 of 5 stars"), ("zh", "评分 1.0 星（满分 5 星）")]
)
async def test_the_stars_that_opened_it_stand_on_the_desk(stage: Stage, language: str, told: str) -> None:
    await followed_up(stage, comment=None)
    browser = await agent_browser(stage)
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    assert f"<bdi>{told}</bdi>" in (await browser.visit("/desk/lists")).text


async def test_its_conversation_is_opened_again_by_one_press(stage: Stage) -> None:
    case = await followed_up(stage)
    browser = await agent_browser(stage)
    number = (await stage.get(f"/cases/{case}", "agent"))["conversation_id"]
    stage.clock.now += timedelta(minutes=1)
    await browser.send(f"/conversations/{number}/reopen")
    assert (await stage.get(f"/conversations/{number}", "agent"))["status"] == "queued"
    assert "Reopen the conversation" not in (await browser.visit(f"/cases/{case}")).text


async def test_only_who_it_concerns_has_it_on_the_desk(stage: Stage) -> None:
    await followed_up(stage)
    lead = await agent_browser(stage, "supervisor")
    assert "Follow-ups" not in (await lead.visit("/desk/lists")).text
    found = await stage.get("/cases?kind=follow_up&open=true", "analyst")
    assert [one["number"] for one in found["items"]] == ["FOL-1"]
