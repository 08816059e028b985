"""Why the bot answered, unfolded below its answer in a real browser, with keys alone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store.engine import Store
from knowledge_base.articles import Article
from tests import served_desk
from tests.admin_stage import Shelf
from tests.house import ARTICLES
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    shelf = Shelf()
    shelf.fill(
        *(
            Article(key, question, said, answer, language)
            for key, language, question, answer, said in ARTICLES
        )
    )
    monkeypatch.setattr(served_desk, "Shelf", lambda: shelf)
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_keys_alone_unfold_why_and_it_stays_open_when_more_is_said(
    desk: Desk, browser: Browser
) -> None:
    await desk.waiting("where is my parcel", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    answer = page.locator(".message.bot", has_text="tracking link")
    unfolding = answer.locator("details.explained")
    told = unfolding.locator("[role=status]")
    await expect(told).to_be_hidden()
    await unfolding.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(told).to_contain_text("it is, word for word, a phrasing of this article")
    await expect(told).to_contain_text("Nearest phrasing")
    await expect(told.locator("q").first).to_have_text("where is my parcel")
    await expect(told).to_contain_text("by the articles in force today")
    await watched.picture("desk-why")
    await desk.house.say("and I am in a hurry", address="anna")
    await expect(page.locator(".message.customer .bubble").last).to_have_text("and I am in a hurry")
    await expect(told.locator("q").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(told).to_be_hidden()


async def test_another_conversations_thread_comes_folded(desk: Desk, browser: Browser) -> None:
    await desk.waiting("where is my parcel", address="anna")
    await desk.waiting("can I pay by card", address="bob")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    first = page.locator(".message.bot", has_text="tracking link").locator("details.explained")
    await first.locator("summary").click()
    await expect(first.locator("q").first).to_have_text("where is my parcel")
    await page.keyboard.press("n")
    second = page.locator(".message.bot", has_text="We take cards").locator("details.explained")
    told = second.locator("[role=status]")
    await expect(told).to_be_hidden()
    await second.locator("summary").click()
    await expect(told.locator("q").first).to_have_text("can I pay by card")
