"""A queue longer than the list: whoever asked for more keeps it while the desk goes on living."""

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
    await customer_waits(place, "late", name="Late", address="late")
    await page.evaluate("htmx.trigger(document.body, 'desk:changed')")
    await expect(lines).to_have_count(len(numbers) + 1)
    await page.click(f"#line-{numbers[-1]}")
    await expect(page.locator("#thread")).to_have_attribute("data-conversation", str(numbers[-1]))
    await expect(lines).to_have_count(len(numbers) + 1)
    await page.get_by_role("button", name="Take", exact=True).click()
    await expect(lines).to_have_count(len(numbers))
    assert await watched.all_complaints() == []
