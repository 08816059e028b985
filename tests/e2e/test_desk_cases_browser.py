"""After-sales cases in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store.engine import Store
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_a_case_is_opened_beside_a_conversation_and_moved_on(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.locator("summary", has_text="Open a case").click()
    await page.locator("#panel").get_by_label("Kind").select_option("repair")
    await page.locator("#panel").get_by_label("Reason").fill("flickers")
    await watched.picture("desk-case-new")
    await page.get_by_role("button", name="Open a case").click()
    await expect(page.get_by_role("heading", name="Repair REP-1")).to_be_visible()
    await page.get_by_label("Next step").select_option("approved")
    await page.get_by_label("What the customer is told").fill("Send it to us.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".page-head .badge")).to_have_text("approved")
    await expect(page.get_by_label("Next step")).to_have_value("")
    await watched.picture("desk-case")
    await page.get_by_role("link", name="Cases").first.click()
    await expect(page.locator("tbody")).to_contain_text("REP-1")
    await watched.picture("desk-cases")
    assert await watched.all_complaints() == []


async def test_a_refused_step_leaves_the_page_and_its_words_as_they_are(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.locator("summary", has_text="Open a case").click()
    await page.locator("#panel").get_by_label("Kind").select_option("follow_up")
    await page.get_by_role("button", name="Open a case").click()
    done = page.get_by_role("button", name="Done", exact=True)
    await expect(done).to_be_visible()
    late = await page.context.new_page()
    await late.goto(page.url)
    for each in (page, late):
        await each.get_by_label("What came of it").fill("called her")
    await done.click()
    await expect(page.locator(".page-head .badge")).to_have_text("done")
    address = late.url
    await late.get_by_role("button", name="Done", exact=True).click()
    await expect(late.locator("#notices")).to_contain_text("changed")
    await expect(late.get_by_label("What came of it")).to_have_value("called her")
    assert late.url == address
