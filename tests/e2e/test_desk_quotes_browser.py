"""An agent answers one certain message: chosen at its bubble, told above the box, and seen so by the customer."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from crm_store import quotes
from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.e2e.test_web_chat_browser import visit
from tests.served_desk import Desk, open_desk, page_of, said
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def answers_first(page: Page) -> None:
    await page.locator(".message.customer", has_text="is it blue?").get_by_role("button").click()
    await expect(page.locator(".answering bdi")).to_have_text("is it blue?")
    await expect(page.locator("#words")).to_be_focused()


async def test_the_quote_goes_with_the_reply_and_leads_to_what_it_answers(
    desk: Desk, browser: Browser
) -> None:
    await desk.waiting("is it blue?", "or is it the green one that you have?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await answers_first(page)
    await watched.picture("desk-answering")
    await page.get_by_role("button", name="Take the quote away").click()
    await expect(page.locator(".answering")).to_be_hidden()
    await answers_first(page)
    await page.reload()
    await expect(page.locator(".answering bdi")).to_have_text("is it blue?")
    await page.fill("#words", "yes, it is")
    await page.press("#words", "Enter")
    quote = page.locator(".message.agent a.quote")
    await expect(quote).to_contain_text("is it blue?")
    await expect(page.locator(".answering")).to_be_hidden()
    await watched.picture("desk-answered")
    await quote.click()
    await expect(page.locator(".message.customer:target")).to_contain_text("is it blue?")
    await page.fill("#words", "and large")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent", has_text="and large")).to_be_visible()
    await expect(quote).to_have_count(1)
    await desk.house.settle()
    quoting = [one.reply_to_platform_id for one in desk.house.postbox.taken if one.author == "agent"]
    assert quoting == ["1", None]
    assert await watched.all_complaints() == []


async def test_files_answer_too(desk: Desk, browser: Browser) -> None:
    await desk.waiting("is it blue?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await answers_first(page)
    await page.set_input_files("#files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"blue"})
    await page.fill("#words", "see for yourself")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent a.quote")).to_contain_text("is it blue?")
    await expect(page.locator(".answering")).to_be_hidden()
    number = int(page.url.rpartition("/")[2])
    assert await said(desk, number) == [("see for yourself", "a.txt")]


async def test_a_visitor_sees_which_of_their_messages_is_answered(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    for words in ("is it blue?", "/human"):
        await page.locator("#text").fill(words)
        await page.locator("#text").press("Enter")
    await expect(page.locator(".line.bot .text", has_text="in the queue")).to_be_visible()
    ann = await site.house.agent()
    async with site.house.store.write() as session:
        asked = await session.get_one(Message, 1)
        assert asked.text == "is it blue?"
        await quotes.reply(session, 1, ann, "yes, it is", to=asked.id, now=site.house.clock())
    await expect(page.locator(".line.agent .quote")).to_have_text("is it blue?")
    await watched.picture("web-answered")
    await page.reload()
    await expect(page.locator(".line.agent .quote")).to_have_text("is it blue?")
    assert await watched.all_complaints() == []
