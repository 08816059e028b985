"""Working hours, holidays and time zones as a plain form: kept as the settings write them, refused at the field."""

import asyncio
import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import FormData

from crm_store.hours_text import LONGEST_NAME, MOST_HOLIDAYS, MOST_TEAMS
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


async def test_only_the_rows_that_are_wrong_are_marked(stage: Stage, browser: Visitor) -> None:
    fields = (("team", ""), ("zone", "UTC"), ("hours", "week"))
    times = (("mon_from", "09:00"), ("mon_from", "13:00"), ("mon_to", "12:00"), ("mon_to", ""))
    free = (("2026-12-25", "Christmas"), ("2026-12-25", "again"), ("2026-12-26", "Boxing Day"))
    days = [pair for day, name in free for pair in (("holiday_date", day), ("holiday_name", name))]
    _, seen, _ = await send(browser, *fields, *times, *days)
    marked = re.findall(r'name="(\w+)" value="([^"]*)"[^>]*aria-invalid', seen)
    twice = ("holiday_date", "2026-12-25")
    assert marked == [("mon_from", "13:00"), ("mon_to", ""), twice, twice]
    _, seen, _ = await send(
        browser, *fields, *times[::2], ("holiday_date", "2026-12-26"), ("holiday_name", "a, b")
    )
    assert re.findall(r'name="(\w+)" value="([^"]*)"[^>]*aria-invalid', seen) == [("holiday_name", "a, b")]


async def test_the_most_the_form_takes_is_kept(stage: Stage, browser: Visitor) -> None:
    days = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(MOST_HOLIDAYS)]
    free = [pair for day in days for pair in (("holiday_date", day), ("holiday_name", "x" * LONGEST_NAME))]
    for team in ("", "night"):
        own = (("team", team), ("own_holidays", "yes"), ("zone", "UTC"), ("hours", "always"))
        status, seen, _ = await send(browser, *own, *free)
        assert (status, seen.count("x" * LONGEST_NAME)) == (200, MOST_HOLIDAYS)
    now = await settings(stage)
    assert now["holidays"] == now["team_holidays"]["night"] == ", ".join(f"{day} {'x' * 60}" for day in days)


async def test_with_one_setting_refused_nothing_of_the_form_is_kept(both_stage: Stage) -> None:
    stage, browser = both_stage, await agent_browser(both_stage, "admin")
    full = {f"team {n}": "2026-12-25" for n in range(MOST_TEAMS)}
    await stage.post("/settings/team_holidays", {"value": full}, method="PUT")
    entries = (await stage.get("/audit?limit=10"))["items"]
    status, seen, _ = await send(browser, ("team", "night"), ("own_holidays", "yes"), *WEEK)
    assert (status, "or more than 100 teams" in seen, 'value="Christmas"' in seen) == (422, True, True)
    now = await settings(stage)
    assert (now["team_hours"], now["team_time_zones"], now["team_holidays"]) == ({}, {}, full)
    assert (await stage.get("/audit?limit=10"))["items"] == entries


async def test_teams_that_are_saved_at_the_same_time_are_all_kept(both_stage: Stage) -> None:
    browser = await agent_browser(both_stage, "admin")
    teams = [f"team {n}" for n in range(8)]
    fields = (("own_holidays", "yes"), *WEEK)
    seen = await asyncio.gather(*(send(browser, ("team", team), *fields) for team in teams))
    assert {status for status, _, _ in seen} == {200}
    now = await settings(both_stage)
    for name in ("team_hours", "team_time_zones", "team_holidays"):
        assert sorted(now[name]) == teams, name


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "“When people are there” was not kept: it is changed on this page now."),
        ("zh", "“有人值班的时间”未保存：现在改为在此页面修改"),
    ],
)
async def test_a_form_of_before_is_told_that_it_was_not_kept(
    stage: Stage, browser: Visitor, language: str, told: str
) -> None:
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    seen = await browser.send("/settings/working_hours", value="mon 10:00-12:00")
    assert (seen.status, told in seen.text, "mon 10:00-12:00" in seen.text) == (409, True, True)
    assert 'action="/settings/hours?once=' in seen.text
    assert (seen.headers["HX-Retarget"], seen.headers["HX-Push-Url"]) == ("#main", "false")
    assert (await settings(stage))["working_hours"] == ""


async def test_only_admins_change_hours(stage: Stage) -> None:
    lead = await agent_browser(stage, "supervisor")
    assert (await lead.visit("/settings/hours")).status == 403
    assert (await send(lead, ("team", ""), *WEEK))[0] == 403
