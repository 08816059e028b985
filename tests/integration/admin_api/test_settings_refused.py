"""A setting that cannot be, by the names people see; what is switched; and what would delete, asked about first."""

from pathlib import Path

import pytest

from bot.housekeeping import tidy
from crm_store.files import Files
from crm_store.lifecycle import Status
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser
from tests.integration.admin_api.test_api_finding import talks


@pytest.fixture
async def browser(stage: Stage) -> Visitor:
    return await agent_browser(stage, "admin")


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("needed_skills", "just words", "“Skills that are needed” was not changed: “just words” cannot be read."),
        ("response_targets", "<soon>", "“Promised replies” was not changed: “&lt;soon&gt;” cannot be read."),
        ("default_capacity", "many", "“Conversations at once” was not changed: write a number from 1 to "),
        ("low_rating_stars", "9", "“Stars that ask for a follow-up” was not changed: write a number from 0 to 5."),
        ("dispatch", "sideways", "“How agents get conversations” was not changed: “"),
        ("first_contact_check", "perhaps", "first answer” was not changed: “perhaps” cannot be read."),
        ("scores_at", "25:00", "“When all customers are scored” was not changed: “25:00” cannot be read."),
        ("wrong_budget", "0", " was not changed: write a number above 0 and below 0.5."),
        ("rating_shrinkage", "inf", " was not changed: write a number from 0 to 10000."),
        ("customer_silence_hours", "9999999999999", " was not changed: write a number from 0 to 8784."),
    ],
)  # fmt: skip
async def test_the_form_stays_as_typed_and_says_what_is_wrong(
    browser: Visitor, name: str, typed: str, told: str
) -> None:
    seen = await browser.send(f"/settings/{name}", value=typed)
    assert seen.status == 422
    assert told in seen.text
    assert seen.text.count('aria-invalid="true"') == 1
    assert seen.headers["HX-Push-Url"] == "false"
    if name not in ("dispatch", "first_contact_check"):  # what is typed, not chosen
        assert seen.text.count(typed.replace("<", "&lt;").replace(">", "&gt;")) >= 1
    assert name not in seen.text.split('role="alert">')[1].split("<")[0]


async def test_in_chinese_no_word_of_it_is_english(browser: Visitor) -> None:
    browser.headers["Cookie"] += "; frontdesk_language=zh"
    for name, typed, told in (
        ("response_targets", "soon", "”未更改：“soon”无法识别。"),
        ("default_capacity", "0", "”未更改：请填写 1 到 "),
        ("retention_days", "-1", "“已解决的对话多少天后删除”未更改：请填写 0 到 36500 之间的数字。"),
    ):
        assert told in (await browser.send(f"/settings/{name}", value=typed)).text


@pytest.mark.parametrize(
    ("language", "reminder", "promise"),
    [
        ("en", "This reminder never goes out", "There is no segment “Nobody”"),
        ("zh", "提醒不会发出", "没有“Nobody”这个客户分群"),
    ],
)
async def test_what_can_be_saved_and_does_nothing_says_so(
    browser: Visitor, language: str, reminder: str, promise: str
) -> None:
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    for hours in (24, 71, 0):
        seen = await browser.send("/settings/rating_reminder_hours", value=str(hours))
        assert (seen.status, reminder in seen.text) == (200, False), hours
    assert reminder in (await browser.send("/settings/rating_reminder_hours", value="200")).text
    known = "segment At risk: first 5m; segment Loyal 2: first 1h"
    assert promise not in (await browser.send("/settings/response_targets", value=known)).text
    seen = await browser.send("/settings/response_targets", value=f"{known}; segment Nobody: first 1m")
    assert (seen.status, promise in seen.text) == (200, True)


async def test_the_first_contact_check_is_switched(stage: Stage, browser: Visitor) -> None:
    seen = await browser.send("/settings/first_contact_check", value="true")
    assert '<option value="true" selected>Strangers press it</option>' in seen.text
    assert "By default: Nobody has to" in seen.text
    await stage.settings.load()
    assert stage.settings.current.first_contact_check is True
    made = await stage.post("/settings/first_contact_check", {"value": False}, method="PUT")
    assert (made["value"], made["default"]) == (False, False)
    await stage.settings.load()
    assert stage.settings.current.first_contact_check is False


async def test_keeping_for_less_time_is_asked_about_first(stage: Stage) -> None:
    numbers = await talks(stage, "old", "new")
    await stage.post(f"/conversations/{numbers[0]}/resolve", key="admin")
    stage.clock.move(days=40)
    await stage.post(f"/conversations/{numbers[1]}/resolve", key="admin")
    refused = await stage.ask("PUT", "/api/v1/settings/retention_days", json={"value": 30})
    assert (refused.status, "deletes 1 conversations" in refused.body["detail"]) == (409, True)
    browser = await agent_browser(stage, "admin")
    asked = await browser.send("/settings/retention_days", value="30")
    assert asked.status == 409
    assert "This deletes 1 conversations resolved before" in asked.text
    assert "is_changed" not in asked.text
    assert (await stage.get("/settings"))["items"][-1]["is_changed"] is False
    await browser.send("/settings/retention_days", value="30", confirmed="yes")
    (entry,) = (await stage.get("/audit", params={"subject": "setting:retention_days"}))["items"]
    assert entry["detail"] == {"from": 0, "value": 30}
    await stage.settings.load()
    await tidy(
        stage.store, Files(Path(stage.settings.current.files_folder), 1), stage.clock, stage.settings.current
    )
    assert (await stage.ask("GET", f"/api/v1/conversations/{numbers[0]}")).status == 404
    kept = await stage.get(f"/conversations/{numbers[1]}")
    assert kept["status"] == Status.RESOLVED
    longer = await stage.post("/settings/retention_days", {"value": 60}, method="PUT")
    assert longer["value"] == 60


async def test_keeping_for_less_time_needs_no_question_where_nothing_goes(stage: Stage) -> None:
    await talks(stage, "open")
    made = await stage.post("/settings/retention_days", {"value": 30}, method="PUT")
    assert made["value"] == 30
    assert (await stage.post("/settings/retention_days", method="DELETE"))["value"] == 0
