"""An agent's edits and deletions as a visitor sees them happen, on the chat's page and in the widget of a shop."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, FrameLocator, Page, expect

from bot import waits
from crm_store import conversations, queue, relaying, rewording
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.browser import watch
from tests.e2e.test_web_chat_browser import visit
from tests.e2e.test_web_chat_hostile import chat_in, host
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def replies(site: Site, agent: Agent, *texts: str) -> list[int]:
    numbers = []
    for text in texts:
        async with site.house.store.write() as session:
            message = await conversations.reply(session, 1, agent, text, now=site.house.clock())
            numbers.append(message.id)
    await site.house.settle()
    return numbers


async def changed(site: Site, agent: Agent, edited: int, taken_back: int) -> None:
    async with site.house.store.write() as session:
        message = await session.get_one(Message, edited)
        await rewording.reword(session, message, "It comes on Tuesday.", now=site.house.clock())
        gone = await session.get_one(Message, taken_back)
        await relaying.take_back(session, gone, agent, now=site.house.clock())


async def sees_it_change(site: Site, chat: Page | FrameLocator) -> None:
    await chat.locator("#text").fill("/human")
    await chat.locator("#text").press("Enter")
    await expect(chat.locator(".line.bot .text", has_text="in the queue")).to_be_visible()
    ann = await site.house.agent()
    edited, taken_back = await replies(site, ann, "It comes on Monday.", "My own number is 0151 2345.")
    words = chat.locator(".line.agent .text")
    await expect(words).to_have_text(["It comes on Monday.", "My own number is 0151 2345."])
    await changed(site, ann, edited, taken_back)
    await expect(words).to_have_text(["It comes on Tuesday."])
    await expect(chat.locator(".line.agent .edited")).to_have_text("edited")


async def test_the_page_shows_an_edit_and_loses_what_was_taken_back(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    await sees_it_change(site, watched.page)
    await watched.picture("web-edited")
    await watched.page.reload()
    await expect(watched.page.locator(".line.agent .text")).to_have_text(["It comes on Tuesday."])
    await expect(watched.page.locator(".line.agent .edited")).to_be_visible()
    assert await watched.all_complaints() == []


async def test_the_widget_does_so_too(sqlite_store: Store, browser: Browser) -> None:
    port = unused_port()
    async with (
        host(f"http://127.0.0.1:{port}/") as origin,
        open_site(sqlite_store, port=port, origins=(origin,)) as site,
    ):
        watched = await watch(await browser.new_context(locale="en-GB", reduced_motion="reduce"))
        await watched.page.goto(origin)
        await watched.page.get_by_role("button", name="Open the chat").click()
        await sees_it_change(site, chat_in(watched))
        assert await watched.all_complaints() == []


async def test_only_the_newest_message_offers_to_stop_waiting_and_none_does_once_it_is_over(
    site: Site, browser: Browser
) -> None:
    watched = await visit(browser, site)
    page = watched.page
    stop, lines = page.get_by_role("button", name="Stop waiting"), page.locator(".line.bot")

    async def say(text: str) -> None:
        await page.locator("#text").fill(text)
        await page.locator("#text").press("Enter")

    await say("/human")
    await expect(stop).to_have_count(1)
    await say("the parcel has the number 48213")
    await expect(lines.last).to_contain_text("Noted")
    await expect(stop).to_have_count(1)
    await expect(lines.last.locator("button")).to_have_text("Stop waiting")
    ann = await site.house.agent()
    async with site.house.store.write() as session:
        await queue.take(session, 1, ann, now=site.house.clock())
        await waits.follow(session, 1, now=site.house.clock(), settings=StoreSettings(_env_file=None))
    await site.house.settle()
    await expect(lines.filter(has_text="somebody has taken your conversation")).to_be_visible()
    await expect(stop).to_have_count(0)
    await watched.picture("web-taken")
    await replies(site, ann, "Hello")
    await page.reload()
    await expect(page.locator(".line.agent .text")).to_have_text(["Hello"])
    await expect(stop).to_have_count(0)
    assert await watched.all_complaints() == []
