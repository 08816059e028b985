"""From the web chat to Telegram, in a real browser."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from crm_store import installation
from crm_store.engine import Store
from tests.browser import PHONE, Watched, watch
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser
ENTRY = "Continue in Telegram"


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with sqlite_store.write() as session:
        await installation.set_bot_name(session, "harbour_bot")
    async with open_site(sqlite_store) as opened:
        yield opened


async def visit(browser: Browser, site: Site) -> Watched:
    """A visitor who has said hello; Telegram's site is played by an empty page."""

    async def play(route: Route) -> None:
        await route.fulfill(body="<title>Telegram</title>", content_type="text/html")

    context = await browser.new_context(locale="en-GB", reduced_motion="reduce", **PHONE)
    await context.route("https://t.me/**", play)
    watched = await watch(context)
    await watched.page.goto(site.url)
    await watched.page.locator("#text").fill("hi")
    await watched.page.keyboard.press("Enter")
    await expect(watched.page.locator(".line.bot:not(.hello)")).to_be_visible()
    return watched


async def test_the_entry_opens_telegram_with_a_link_and_without_a_way_back(
    site: Site, browser: Browser
) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await watched.picture("web-phone-telegram")
    async with page.context.expect_page() as opening:
        await page.get_by_role("button", name=ENTRY).tap()
    opened: Page = await opening.value
    await opened.wait_for_url("https://t.me/harbour_bot?start=c_*")
    assert await opened.evaluate("window.opener") is None
    assert await opened.evaluate("document.referrer") == ""
    assert await watched.all_complaints() == []


async def test_where_no_tab_may_open_the_link_is_offered(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    await watched.page.evaluate("window.open = () => null")
    await watched.page.get_by_role("button", name=ENTRY).tap()
    way = watched.page.locator("#notice").get_by_role("link", name=ENTRY)
    await expect(way).to_have_attribute("href", re.compile(r"https://t\.me/harbour_bot\?start=c_.{43}"))
