"""Customer and agent see each other write, each in their own browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store.engine import Store
from tests.e2e.test_web_chat_browser import visit
from tests.served_desk import Desk, desk_of, page_of
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    async with desk_of(site.house) as opened:
        yield opened


async def test_each_sees_the_other_write(site: Site, desk: Desk, browser: Browser) -> None:
    customer, agent = await visit(browser, site), await page_of(desk, browser)
    box, status = customer.page.locator("#text"), customer.page.locator("#typing")
    await box.fill("/human")
    await box.press("Enter")
    await expect(customer.page.locator(".line.bot .text", has_text="in the queue")).to_be_visible()
    await agent.page.goto(desk.base)
    await agent.page.click("#lists .line")
    seen = agent.page.locator(".customer-typing")
    await expect(seen).to_be_hidden()

    await box.press_sequentially("It is about my")
    await expect(seen).to_contain_text("is writing …")
    await agent.picture("desk-customer-typing")
    await box.fill("")
    await expect(seen).to_be_hidden()
    await box.press_sequentially("parcel")
    await expect(seen).to_be_visible()
    await box.press("Enter")
    await expect(seen).to_be_hidden()

    words = agent.page.locator("#words")
    await words.press_sequentially("I look")
    await expect(status).to_have_text("Somebody is writing …")
    await customer.picture("web-agent-typing")
    async with agent.page.expect_request_finished(lambda sent: "typing" not in sent.url):
        await words.press("Enter")
    await expect(words).to_have_value("")
    await expect(customer.page.locator(".line.agent .text")).to_have_text(["I look"])
    await expect(status).to_be_hidden()
    await words.press_sequentially("It is")
    await expect(status).to_have_text("Mara Lindqvist is writing …")
    await customer.picture("web-agent-typing-named")
    for watched in (customer, agent):
        assert await watched.all_complaints() == []
