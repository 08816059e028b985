"""The web chat as a visitor meets it, in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from crm_store import conversations, queue
from crm_store.engine import Store
from tests.browser import PHONE, watch
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def ask(page: Page, text: str) -> None:
    await page.get_by_label("Type a message").fill(text)
    await page.keyboard.press("Enter")


def said(page: Page, author: str, text: str):
    return page.locator(f".line.{author} .text", has_text=text)


async def test_a_question_an_answer_and_yes(site: Site, browser: Browser) -> None:
    watched = await watch(await browser.new_context(locale="en-GB"))
    page = watched.page
    await page.goto(site.url)
    await expect(page.locator("#state")).to_have_text("Answers right away, a person when you want one")
    await ask(page, "Where is my order?")
    await expect(said(page, "bot", "The tracking link is in your dispatch mail.")).to_be_visible()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    await expect(page.get_by_text("Did this help?")).to_be_visible()
    await page.get_by_role("button", name="👍 Yes").click()
    await expect(said(page, "bot", "Good to hear!")).to_be_visible()
    await expect(page.get_by_role("button", name="👎 No")).to_be_disabled()
    await watched.picture("desktop")
    assert await watched.all_complaints() == []
