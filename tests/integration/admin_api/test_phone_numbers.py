"""A customer's phone number on the web desk: seen, set, corrected, taken away, and asked for by a button."""

import pytest

from crm_store import conversations, customers
from tests.admin_stage import Stage
from tests.admin_world import conversation, visitor
from tests.desk_stage import Visitor, agent_browser


async def phone(stage: Stage, customer_id: int) -> tuple[str | None, int]:
    async with stage.store.read() as session:
        found = await customers.get(session, customer_id)
    return found.phone, found.version


async def set_to(browser: Visitor, customer_id: int, number: str, version: int, back: str) -> int:
    seen = await browser.send(f"/customers/{customer_id}/phone", phone=number, version=version, back=back)
    assert seen.status != 200 or seen.path == back
    return seen.status


async def test_the_number_is_set_corrected_and_taken_away_beside_the_thread(both_stage: Stage) -> None:
    stage = both_stage
    who = await visitor(stage.store, stage.clock())
    talk = await conversation(stage.store, stage.clock(), customer_id=who)
    here = f"/conversations/{talk}"
    browser = await agent_browser(stage)
    panel = (await browser.visit(here)).text
    assert "Add a phone number" in panel
    assert "Ask the customer to share it" not in panel
    for typed, version, kept in (
        ("+49 (30) 123-4567", 1, "+49301234567"),
        ("+4930765", 2, "+4930765"),
        ("", 3, None),
    ):
        assert await set_to(browser, who, typed, version, here) == 200
        assert await phone(stage, who) == (kept, version + 1)
        panel = (await browser.visit(here)).text
        assert ("Correct the phone number" in panel) is (kept is not None)
        assert kept is None or f"<dd><bdi>{kept}</bdi></dd>" in panel
    entries = (await stage.get("/audit", params={"subject": f"customer:{who}"}))["items"]
    assert [(one["action"], one["detail"]) for one in entries] == [
        ("customers.change", {"changed": ["phone"]})
    ] * 3
    assert {one["actor"] for one in entries} == {f"agent:{stage.agents['agent']} the agent"}


@pytest.mark.parametrize(
    ("language", "told"), [("en", "“call me” is no phone number."), ("zh", "“call me”不是电话号码。")]
)
async def test_what_is_no_number_is_said(stage: Stage, language: str, told: str) -> None:
    who = await visitor(stage.store, stage.clock())
    browser = await agent_browser(stage)
    headers = {"Accept-Language": language, "HX-Request": "true"}
    seen = await browser.send(f"/customers/{who}/phone", phone="call me", version="1", headers=headers)
    assert seen.status == 422
    assert told in seen.text
    assert seen.headers["HX-Retarget"] == "#notices"
    assert await phone(stage, who) == (None, 1)


async def test_nobodys_change_is_overwritten_unseen(stage: Stage) -> None:
    who = await visitor(stage.store, stage.clock())
    browser = await agent_browser(stage)
    assert await set_to(browser, who, "+4930123", 1, "/customers") == 200
    assert await set_to(browser, who, "+4930456", 1, "/customers") == 412
    assert await phone(stage, who) == ("+4930123", 2)
    reader = await agent_browser(stage, "analyst")
    assert await set_to(reader, who, "+4930456", 2, "/customers") == 403


@pytest.mark.parametrize(
    ("language", "asked"), [("en", "share your phone number"), ("zh", "分享您的电话号码")]
)
async def test_who_writes_from_telegram_is_asked_by_a_button(stage: Stage, language: str, asked: str) -> None:
    who = await visitor(stage.store, stage.clock(), channel="telegram")
    talk = await conversation(stage.store, stage.clock(), customer_id=who)
    async with stage.store.write() as session:
        (await conversations.get(session, talk)).language = language
    browser = await agent_browser(stage)
    assert "Ask the customer to share it" in (await browser.visit(f"/conversations/{talk}")).text
    seen = await browser.send(f"/conversations/{talk}/ask-phone")
    assert asked in seen.text
    said = (await stage.get(f"/conversations/{talk}/messages"))["items"][-1]
    assert (said["author"], said["intent"], said["delivery"]) == ("agent", {"asks_phone": True}, "pending")


async def test_elsewhere_there_is_no_such_button(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    answer = await stage.ask("POST", f"/api/v1/conversations/{talk}/ask-phone", key="agent", json={})
    assert answer.status == 409
    assert "ask in words" in answer.body["detail"]
