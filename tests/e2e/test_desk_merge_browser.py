"""Two conversations of one customer become one where the agent sees that they are, and two again there."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store.engine import Store
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_an_earlier_conversation_is_merged_and_comes_apart_again(desk: Desk, browser: Browser) -> None:
    await desk.waiting("the lamp never came", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await page.get_by_role("button", name="Resolve", exact=True).click()
    await expect(page.locator("p.closed")).to_be_visible()
    await desk.waiting("still no lamp", address="anna")
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await expect(page.locator(".message.customer", has_text="still no lamp")).to_be_visible()
    await page.get_by_role("button", name="Merge conversations").click()
    dialog = page.locator("#merge")
    await expect(dialog).to_be_visible()
    await watched.picture("desk-merge")
    await dialog.locator("button.primary").click()
    strip = page.locator(".place.merged")
    await expect(strip).to_be_visible()
    await expect(page.locator(".message.customer", has_text="the lamp never came")).to_be_visible()
    await watched.picture("desk-merged")
    await strip.get_by_role("button", name="Undo").click()
    await expect(strip).to_have_count(0)
    await expect(page.locator(".message.customer", has_text="the lamp never came")).to_have_count(0)
    assert await watched.all_complaints() == []
