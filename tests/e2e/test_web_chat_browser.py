"""The web chat as a visitor meets it, in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from crm_store import conversations, queue
from crm_store.engine import Store
from tests.browser import PHONE, Watched, watch
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser
ONLINE = "Quick answers, real people"


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def visit(browser: Browser, site: Site, locale: str = "en-GB", **context: object) -> Watched:
    """A fresh visitor with the chat open; nothing moves, so that pictures are sharp."""
    options = {"locale": locale, "reduced_motion": "reduce", **context}
    watched = await watch(await browser.new_context(**options))  # type: ignore[arg-type]
    await watched.page.goto(site.url)
    return watched


async def ask(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.keyboard.press("Enter")


def said(page: Page, author: str, text: str) -> Locator:
    return page.locator(f".line.{author} .text").filter(has_text=text)


async def texts(page: Page) -> list[str]:
    return await page.locator(".line:not(.hello) .text").all_inner_texts()


async def test_a_question_an_answer_and_yes(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await expect(page.locator("#state")).to_have_text(ONLINE)
    await ask(page, "Where is my order?")
    await expect(said(page, "bot", "The tracking link is in your dispatch mail.")).to_be_visible()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    await expect(page.get_by_text("Did this help?")).to_be_visible()
    await page.get_by_role("button", name="👍 Yes").click()
    await expect(said(page, "bot", "Good to hear!")).to_be_visible()
    await expect(page.get_by_role("button", name="👎 No")).to_be_disabled()
    await page.reload()
    await expect(page.get_by_role("button", name="👍 Yes")).to_have_attribute("aria-pressed", "true")
    await watched.picture("web-desktop")
    assert await watched.all_complaints() == []


async def test_a_suggestion_is_chosen_on_a_phone(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site, **PHONE)
    page = watched.page
    await ask(page, "delivery or refund")
    offered = page.locator(".choice", has_text="How long does delivery take?")
    await expect(offered).to_be_visible()
    await watched.picture("web-phone-suggestions")
    await offered.tap()
    await expect(said(page, "bot", "Standard delivery takes 2 to 4 working days.")).to_be_visible()
    await expect(offered).to_be_disabled()
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["viewport"]["width"]
    for name in ("Talk to a person", "Send"):
        box = await page.get_by_role("button", name=name).first.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert await watched.all_complaints() == []


async def test_a_person_takes_over_and_is_rated(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site, color_scheme="dark")
    page, house = watched.page, site.house
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(said(page, "customer", "Talk to a person")).to_be_visible()
    await expect(said(page, "bot", "You are number 1 in the queue.")).to_be_visible()
    ann = await house.agent()
    async with house.store.write() as session:
        await conversations.reply(session, 1, ann, "Ann here. What can I do for you?", now=house.clock())
    await expect(said(page, "system", "Ann is with you now.")).to_be_visible()
    await expect(said(page, "agent", "Ann here.")).to_be_visible()
    await expect(page.locator(".line.agent .author")).to_have_text("Ann")
    await ask(page, "my lamp broke")
    await expect(page.get_by_role("img", name="Sent")).to_have_count(2)
    async with house.store.write() as session:
        await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
    await page.get_by_role("button", name="4 of 5 stars").click()
    await expect(page.get_by_role("group", name="How would you rate the service?")).to_be_visible()
    await expect(page.locator(".star.lit")).to_have_count(4)
    await watched.picture("web-dark-person")
    await page.get_by_role("button", name="Skip").last.click()
    await expect(page.get_by_role("group", name="How would you rate the price?")).to_be_visible()
    service = page.get_by_role("group", name="How would you rate the service?")
    await expect(service.get_by_role("button").first).to_be_disabled()
    assert await watched.all_complaints() == []


async def test_chinese_by_the_browsers_language(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site, "zh-CN", **PHONE)
    page = watched.page
    await ask(page, "我的快递到哪了")
    await expect(said(page, "bot", "物流链接在发货邮件里。")).to_be_visible()
    await expect(page.get_by_text("这个回答有帮助吗？")).to_be_visible()
    await page.get_by_role("button", name="找人工客服").first.click()
    await expect(said(page, "bot", "您排在第 1 位")).to_be_visible()
    await watched.picture("web-phone-zh")
    assert await watched.all_complaints() == []


async def test_it_works_with_the_keyboard_alone(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("Where is my order?")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("It is late.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".line.bot .choice").first).to_be_visible()
    assert (await texts(page))[0] == "Where is my order?\nIt is late."
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('.choice')"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator(".choice[aria-pressed=true]")).to_have_count(1)
    assert await page.locator("[role=log][aria-live=polite]").count() == 1


async def test_a_text_too_long_is_explained_and_kept(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await ask(page, "x" * 5000)
    await expect(page.get_by_role("alert")).to_have_text(
        "That is 5000 characters. Please send at most 4096 at once."
    )
    assert await page.locator("#text").input_value() == "x" * 5000
    assert await texts(page) == []
