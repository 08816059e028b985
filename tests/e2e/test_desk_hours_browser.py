"""Working hours in a real browser: spans and holidays are added and removed, with and without a script."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from crm_store import stored_settings
from crm_store.engine import Store
from tests.browser import PHONE
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def kept(desk: Desk, name: str) -> object:
    async with desk.store.read() as session:
        found = (await stored_settings.read(session)).get(name)
    return found.value if found else None


def day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


async def fill(day: Locator, row: int, begin: str, end: str) -> None:
    await day.locator("input[name$=_from]").nth(row).fill(begin)
    await day.locator("input[name$=_to]").nth(row).fill(end)


async def test_spans_and_holidays_are_added_and_removed(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/settings")
    await page.get_by_role("link", name="Change hours and holidays").click()
    await expect(day(page, "Monday")).to_be_hidden()
    await page.get_by_label("At these times").check()
    monday, tuesday = day(page, "Monday"), day(page, "Tuesday")
    await expect(monday.get_by_text("Closed")).to_be_visible()
    await fill(monday, 0, "09:00", "12:30")
    await expect(monday.get_by_text("Closed")).to_be_hidden()
    await monday.get_by_role("button", name="Add a time on Monday").click()
    await expect(monday.locator("input[name=mon_from]").nth(1)).to_be_focused()
    await fill(monday, 1, "12:00", "18:00")
    await fill(tuesday, 0, "22:00", "06:00")
    await page.get_by_label("Date of the holiday").fill("2026-12-25")
    await page.get_by_label("Name (optional)").fill("Christmas")
    await page.get_by_role("button", name="Save").click()
    await expect(monday.get_by_role("alert")).to_have_text("This overlaps the time before it.")
    await watched.picture("desk-hours-wrong")
    assert await kept(desk, "working_hours") is None
    await monday.locator("input[name=mon_from]").nth(1).fill("13:30")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert await kept(desk, "working_hours") == "mon 09:00-12:30 13:30-18:00; tue 22:00-06:00"
    assert await kept(desk, "holidays") == "2026-12-25 Christmas"
    await watched.picture("desk-hours")
    await tuesday.get_by_role("button", name="Remove this time on Tuesday").first.click()
    await expect(tuesday.get_by_text("Closed")).to_be_visible()
    async with page.expect_response("**/settings/hours?team=&done=saved"):  # it says so already
        await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await expect(tuesday.get_by_text("Closed")).to_be_visible()
    assert await kept(desk, "working_hours") == "mon 09:00-12:30 13:30-18:00"
    assert [one for one in await watched.all_complaints() if "422" not in one] == []


async def test_a_form_of_before_is_told_where_it_is_seen(desk: Desk, browser: Browser) -> None:
    """On a narrow screen the reader is below the notice; no row of the form is wider than the form."""
    watched = await page_of(desk, browser, viewport={"width": 360, "height": 640})
    page = watched.page
    await page.goto(f"{desk.base}/settings")
    last = page.locator("#customer_silence_hours form")
    for name in ("action", "hx-post"):
        await last.evaluate("(form, name) => form.setAttribute(name, '/settings/working_hours')", name)
    await last.get_by_role("spinbutton").fill("7")
    await last.get_by_role("button").click()
    notice = page.get_by_role("alert")
    await expect(notice).to_contain_text("“When people are there” was not kept")
    await expect(notice.locator(".told")).to_have_text("7")
    await expect(notice).to_be_in_viewport()
    await page.get_by_label("At these times").check()
    await watched.picture("desk-hours-of-before")
    wider = """(form) => [...form.querySelectorAll("input, button, select")]
      .filter((one) => one.getBoundingClientRect().right > form.getBoundingClientRect().right).length"""
    assert await page.locator("form.hours").evaluate(wider) == 0


async def test_a_setting_that_cannot_be_is_told_at_its_field(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/settings")
    await page.get_by_label("Promised replies").fill("soon")
    await page.get_by_label("Promised replies").press("Enter")
    await expect(page.locator("#response_targets").get_by_role("alert")).to_contain_text(
        "“soon” cannot be read"
    )
    await expect(page.get_by_label("Promised replies")).to_have_value("soon")
    assert page.url == f"{desk.base}/settings"


async def test_it_is_a_form_without_a_script_too(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser, java_script_enabled=False, **PHONE)
    page = watched.page
    await page.goto(f"{desk.base}/settings/hours?team=night")
    await page.get_by_label("At these times").check()
    await expect(page.locator(".add-row").first).to_be_hidden()
    await fill(day(page, "Sunday"), 0, "22:00", "06:00")
    await watched.picture("desk-hours-phone")
    await page.get_by_role("button", name="Save").click()
    await expect(day(page, "Sunday").locator("li")).to_have_count(2)
    assert await kept(desk, "team_hours") == {"night": "sun 22:00-06:00"}
