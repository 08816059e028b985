"""A queue longer than the list: whoever asked for more keeps it while the desk goes on living."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from admin_api.desk.listing import SHOWN_QUEUE
from crm_store.engine import Store
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_more_of_the_queue_stays_shown(desk: Desk, browser: Browser) -> None:
    place = Elsewhere(desk.store, desk.clock)
    numbers = [
        await customer_waits(place, f"word {n}", name=f"Nr {n}", address=f"nr-{n}")
        for n in range(SHOWN_QUEUE + 5)
    ]
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    lines, more = page.locator("#lists .queue .line"), page.locator("#more-waiting")
    await expect(lines).to_have_count(SHOWN_QUEUE)
    await expect(more).to_contain_text("5 more wait.")
    await watched.picture("desk-long-queue")
    await more.get_by_role("link", name="Show more").click()
    await expect(lines).to_have_count(len(numbers))
    await expect(more).to_have_count(0)
    await expect(lines.nth(SHOWN_QUEUE)).to_be_focused()
    await expect(page.locator("#told")).to_have_text("5 more shown.")
    await customer_waits(place, "late", name="Late", address="late")
    await page.evaluate("htmx.trigger(document.body, 'desk:changed')")
    await expect(lines).to_have_count(len(numbers) + 1)
    await page.click(f"#line-{numbers[-1]}")
    await expect(page.locator("#thread")).to_have_attribute("data-conversation", str(numbers[-1]))
    await expect(lines).to_have_count(len(numbers) + 1)
    await page.get_by_role("button", name="Take", exact=True).click()
    await expect(lines).to_have_count(len(numbers))
    assert await watched.all_complaints() == []


async def test_the_next_page_of_a_list_begins_at_its_first(desk: Desk, browser: Browser) -> None:
    place = Elsewhere(desk.store, desk.clock)
    for n in range(60):
        await customer_waits(place, f"word {n}", name=f"Nr {n}", address=f"nr-{n}")
    page = (await page_of(desk, browser)).page
    for address, first in (("/customers", "tbody tr a"), ("/search?status=queued", "tbody tr .choose")):
        await page.goto(f"{desk.base}{address}")
        await page.get_by_role("link", name="Show more").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#told")).to_have_text(re.compile("^[1-9][0-9]* more shown[.]$"))
        await expect(page.locator(first).first).to_be_focused()
        await page.reload()
        await expect(page.locator("#told")).to_be_empty()
