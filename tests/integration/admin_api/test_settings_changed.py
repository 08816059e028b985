"""Settings that an owner changes: in the API, on the page, and in what the servers then do."""

import pytest

from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits


@pytest.fixture
def stage(both_stage: Stage) -> Stage:
    return both_stage


async def setting(stage: Stage, name: str) -> dict[str, object]:
    items = (await stage.get("/settings"))["items"]
    return next(one for one in items if one["name"] == name)


async def test_a_setting_is_changed_told_and_taken_back(stage: Stage) -> None:
    before = await setting(stage, "first_reply_minutes")
    assert (before["value"], before["default"], before["is_changed"]) == (30, 30, False)
    made = await stage.post("/settings/first_reply_minutes", {"value": 7}, method="PUT")
    assert made == await setting(stage, "first_reply_minutes")
    assert (made["value"], made["default"], made["is_changed"]) == (7, 30, True)
    assert made["changed_by"] == "key:1 admin"
    entries = (await stage.get("/audit", params={"subject": "setting:first_reply_minutes"}))["items"]
    assert [(one["action"], one["detail"]) for one in entries] == [
        ("settings.change", {"from": 30, "value": 7})
    ]
    back = await stage.post("/settings/first_reply_minutes", method="DELETE")
    assert back == before


@pytest.mark.parametrize("value", ["soon", -1, None, True, {"a": 1}, [1]])
async def test_a_value_that_cannot_be_is_refused(stage: Stage, value: object) -> None:
    answer = await stage.ask("PUT", "/api/v1/settings/first_reply_minutes", json={"value": value})
    assert answer.status == 422
    assert (await setting(stage, "first_reply_minutes"))["is_changed"] is False


async def test_what_the_environment_sets_cannot_be_changed(stage: Stage) -> None:
    answer = await stage.ask("PUT", "/api/v1/settings/database_url", json={"value": "sqlite:///x.db"})
    assert answer.status == 404
    assert "these are: working_hours" in answer.body["detail"]


async def test_the_page_changes_a_setting_and_takes_it_back(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    seen = await browser.visit("/settings")
    assert seen.text.count('class="inline changed"') == 0
    assert "FRONTDESK_DATABASE_URL" in seen.text
    assert "FRONTDESK_FIRST_REPLY_MINUTES" not in seen.text
    seen = await browser.send(
        "/settings/needed_skills", value="tag router: networks\ncategory returns: returns"
    )
    assert (seen.status, seen.path) == (200, "/settings")
    assert "tag router: networks" in seen.text
    assert "the admin, Today" in seen.text
    skills = {"tag router": "networks", "category returns": "returns"}
    assert (await setting(stage, "needed_skills"))["value"] == skills
    seen = await browser.send("/settings/rating_aspects", value="")
    assert (await setting(stage, "rating_aspects"))["value"] == ""
    assert "By default: product_quality,service_quality,price" in seen.text
    refused = await browser.send("/settings/response_targets", value="soon")
    assert refused.status == 422
    assert "“Promised replies” was not changed: “soon” cannot be read." in refused.text
    by_form = await browser.send("/settings/working_hours", value="mon 09:00-17:00")
    assert (by_form.status, "was not kept: it is changed on this page now" in by_form.text) == (409, True)
    assert (await setting(stage, "working_hours"))["is_changed"] is False
    await browser.send("/settings/rating_aspects/reset")
    assert (await setting(stage, "rating_aspects"))["is_changed"] is False


async def test_only_admins_see_and_change_settings(stage: Stage) -> None:
    browser = await agent_browser(stage, "supervisor")
    assert (await browser.visit("/settings")).status == 403
    assert (await browser.send("/settings/dispatch", value="pull")).status == 403


async def test_where_conversations_are_only_given_nobody_takes_the_next(stage: Stage) -> None:
    """The button goes; whoever presses it on a page drawn before is told why not."""
    await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    before = (await browser.visit("/")).text
    assert 'action="/desk/next?' in before
    assert "<kbd>N</kbd>" in before
    await stage.post("/settings/dispatch", {"value": "push"}, method="PUT")
    await stage.settings.load()
    for language, told, refusal in (
        ("en", "you are given what you can take", "Nobody takes the next here"),
        ("zh", "在线时，系统会把您能接的对话分配给您", "这里不能自己接下一个"),
    ):
        seen = await browser.visit("/", **{"Accept-Language": language})
        assert 'action="/desk/next?' not in seen.text
        assert "<kbd>N</kbd>" not in seen.text
        assert told in seen.text
        refused = await browser.send("/desk/next", headers={"Accept-Language": language})
        assert refused.status == 409
        assert refusal in refused.text
    answer = await stage.ask("POST", "/api/v1/queue/take-next", key="agent", json={})
    assert answer.status == 409


async def test_who_is_new_holds_as_many_as_the_settings_say(stage: Stage) -> None:
    await stage.post("/settings/default_capacity", {"value": 3}, method="PUT")
    await stage.settings.load()
    made = await stage.post("/staff", {"name": "Noor", "role": "agent"})
    own = await stage.post("/staff", {"name": "Ida", "role": "agent", "capacity": 9})
    assert (made["capacity"], own["capacity"]) == (3, 9)
