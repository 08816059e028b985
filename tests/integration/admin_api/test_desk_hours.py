"""Working hours, holidays and time zones as a plain form: kept as the settings write them, refused at the field."""

import html
import re
from typing import Any

import pytest
from aiohttp import FormData

from tests.admin_stage import Stage
from tests.desk_stage import FROM_HERE, Visitor, agent_browser


@pytest.fixture
async def browser(stage: Stage) -> Visitor:
    return await agent_browser(stage, "admin")


async def send(browser: Visitor, *fields: tuple[str, str]) -> tuple[int, str, str]:
    form = FormData(fields)
    headers = FROM_HERE | browser.headers
    async with browser.stage.client.post("/settings/hours", data=form, headers=headers) as answer:
        return answer.status, html.unescape(await answer.text()), str(answer.url.relative())


async def settings(stage: Stage) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in (await stage.get("/settings"))["items"]}


WEEK = (
    ("zone", "Europe/Berlin"),
    ("hours", "week"),
    *(pair for day in ("mon", "tue") for pair in ((f"{day}_from", "09:00"), (f"{day}_to", "12:30"))),
    *(pair for day in ("mon", "tue") for pair in ((f"{day}_from", "13:30"), (f"{day}_to", "18:00"))),
    ("sat_from", ""),
    ("sat_to", ""),
    ("holiday_date", "2026-12-26"),
    ("holiday_name", ""),
    ("holiday_date", "2026-12-25"),
    ("holiday_name", "Christmas"),
)


async def test_everybodys_calendar_is_kept_as_the_settings_write_it(stage: Stage, browser: Visitor) -> None:
    status, seen, where = await send(browser, ("team", ""), *WEEK)
    assert (status, where) == (200, "/settings/hours?team=&done=saved")
    now = await settings(stage)
    assert now["working_hours"] == "mon-tue 09:00-12:30 13:30-18:00"
    assert (now["time_zone"], now["holidays"]) == ("Europe/Berlin", "2026-12-25 Christmas, 2026-12-26")
    assert re.search(r'name="mon_from" value="13:30" aria-label="Monday, from"', seen)
    assert "<option selected>Europe/Berlin</option>" in seen
    read = (await browser.visit("/settings")).text
    assert "mon-tue 09:00-12:30 13:30-18:00" in read
    assert 'name="value" maxlength="4000" value="mon' not in read
    entries = (await stage.get("/audit?limit=10"))["items"]
    await send(browser, ("team", ""), *WEEK)
    assert (await stage.get("/audit?limit=10"))["items"] == entries, "nothing is another"
    assert len(entries) == 3


async def test_a_teams_calendar_is_its_own_until_it_is_as_for_everybody(
    stage: Stage, browser: Visitor
) -> None:
    await stage.post("/settings/team_hours", {"value": {"day": "mon-fri 09:00-17:00"}}, method="PUT")
    await send(browser, ("team", "night"), ("own_holidays", "yes"), *WEEK)
    now = await settings(stage)
    assert now["team_hours"] == {"day": "mon-fri 09:00-17:00", "night": "mon-tue 09:00-12:30 13:30-18:00"}
    assert now["team_time_zones"] == {"night": "Europe/Berlin"}
    assert now["team_holidays"] == {"night": "2026-12-25 Christmas, 2026-12-26"}
    assert (now["working_hours"], now["time_zone"]) == ("", "UTC")
    page = (await browser.visit("/settings/hours")).text
    assert "/settings/hours?team=night" in page
    await send(browser, ("team", "night"), ("zone", ""), ("hours", "same"), ("own_holidays", "no"))
    now = await settings(stage)
    assert now["team_hours"] == {"day": "mon-fri 09:00-17:00"}
    assert now["team_time_zones"] == now["team_holidays"] == {}


async def test_what_cannot_be_is_told_at_its_field_and_stays_as_it_was_typed(
    stage: Stage, browser: Visitor
) -> None:
    fields = (
        ("zone", "UTC"),
        ("hours", "week"),
        ("mon_from", "09:00"),
        ("mon_to", ""),
        ("holiday_date", "soon"),
    )
    status, seen, _ = await send(browser, ("team", ""), *fields)
    assert status == 422
    day = seen.partition("Monday</legend>")[2].partition("</fieldset>")[0]
    assert "Say both from when and to when." in day
    assert 'name="mon_from" value="09:00" aria-label="Monday, from" aria-invalid="true"' in day
    assert "Choose a date for each holiday" in seen
    assert (await settings(stage))["working_hours"] == ""
    browser.headers["Cookie"] += "; frontdesk_language=zh"
    _, seen, _ = await send(browser, ("team", ""), *fields)
    assert "请同时填写开始和结束时间。" in seen


async def test_what_the_settings_do_not_take_is_told_too(stage: Stage, browser: Visitor) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 8) for day in range(1, 28)]
    free = [pair for day in days for pair in (("holiday_date", day), ("holiday_name", "x" * 60))]
    status, seen, _ = await send(browser, ("team", ""), ("zone", "UTC"), ("hours", "always"), *free)
    assert (status, "it is too long" in seen) == (422, True)
    assert (await settings(stage))["holidays"] == ""


async def test_only_admins_change_hours(stage: Stage) -> None:
    lead = await agent_browser(stage, "supervisor")
    assert (await lead.visit("/settings/hours")).status == 403
    assert (await send(lead, ("team", ""), *WEEK))[0] == 403
