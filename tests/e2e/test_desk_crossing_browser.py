"""Answers of the server that come when another conversation is open already: they change nothing on the page."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Route, expect

from crm_store.engine import Store
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser
TELL = "document.body.dispatchEvent(new CustomEvent('desk:changed'))"


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_a_late_thread_does_not_stand_above_another_conversations_box(
    desk: Desk, browser: Browser
) -> None:
    await desk.waiting("my lamp broke", address="anna")
    await desk.waiting("my chair broke", address="ben")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    first, second = [
        await page.locator("#lists .line").nth(at).get_attribute("data-conversation") for at in (0, 1)
    ]
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route(f"**/conversations/{first}/thread", late)
    await page.click(f"#line-{first}")
    await page.locator(f"#thread[data-conversation='{first}']").wait_for()
    await page.evaluate(TELL)
    await asked.wait()
    await page.evaluate(TELL)  # waits for the one before it, and leaves when the other conversation is open
    await page.click(f"#line-{second}")
    await page.locator(f"#composer[data-conversation='{second}']").wait_for()
    await page.fill("#words", "about the chair")
    async with page.expect_event("requestfinished", lambda one: one.url.endswith(f"{first}/thread")):
        go_on.set()
    # The next answer is shown, so the late one before it has had its turn.
    await desk.house.say("it was oak", address="ben")
    await expect(page.locator(f"#thread[data-conversation='{second}']")).to_contain_text("it was oak")
    await expect(page.locator(f"#thread[data-conversation='{first}']")).to_have_count(0)
    await expect(page.locator("#composer")).to_have_attribute("data-conversation", str(second))


async def test_a_late_sending_leaves_the_other_conversations_box_alone(desk: Desk, browser: Browser) -> None:
    await desk.waiting("my lamp broke", address="anna")
    await desk.waiting("my chair broke", address="ben")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await expect(page.locator("#thread .badge.assigned")).to_be_visible()
    first = await page.locator("#thread").get_attribute("data-conversation")
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await go_on.wait()
        await route.continue_()

    await page.route(f"**/conversations/{first}/words", late)
    await page.fill("#words", "about the lamp")
    await page.press("#words", "Enter")
    await asked.wait()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.locator("#composer")).not_to_have_attribute("data-conversation", str(first))
    await page.fill("#words", "about the chair")
    async with page.expect_event("requestfinished", lambda one: one.url.endswith("/words")):
        go_on.set()
    await desk.house.say("it was oak", address="ben")
    await expect(page.locator("#thread")).to_contain_text("it was oak")
    await expect(page.locator("#words")).to_have_value("about the chair")
