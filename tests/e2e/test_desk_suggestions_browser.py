"""Suggested replies in a real browser: they take no place from what can be done, however long they are."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from crm_store import conversations, queue, staff
from crm_store.engine import Store
from tests.browser import PHONE
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser
QUESTION = "the lamp in the hall flickers all evening"
LONG = (
    "Please {} the bulb. "
    + "Wait for a minute until it is cold, and switch the lamp on again at the wall. " * 4
)
SIZES = {390: PHONE, **{width: {"viewport": {"width": width, "height": 800}} for width in (1024, 1366)}}
HIT = """(part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return hit !== null && part.contains(hit);
}"""


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def suggested(desk: Desk, page: Page, *answers: str, question: str = QUESTION) -> None:
    """An agent's page with a conversation they hold, and these suggestions from ones there were."""
    there = Elsewhere(desk.store, desk.clock)
    for place, answer in enumerate(answers):
        before = await customer_waits(there, question, address=f"before-{place}")
        async with desk.store.write() as session:
            agent = await staff.get_agent(session, desk.agent_id)
            await conversations.reply(session, before, agent, answer, now=desk.clock())
    number = await customer_waits(there, question, address="anna")
    async with desk.store.write() as session:
        agent = await staff.get_agent(session, desk.agent_id)
        await queue.take(session, number, agent, now=desk.clock())
    await page.goto(f"{desk.base}/conversations/{number}")
    await expect(page.locator(".suggestion")).to_have_count(len(answers))


@pytest.mark.parametrize("width", SIZES)
async def test_three_long_suggestions_leave_everything_in_reach(
    desk: Desk, browser: Browser, width: int
) -> None:
    watched = await page_of(desk, browser, **SIZES[width])
    page = watched.page
    await suggested(desk, page, *(LONG.format(verb) for verb in ("tighten", "change", "clean")))
    await watched.picture(f"desk-three-suggestions-{width}")
    for part in (page.locator('.thread-head [data-key="e"]'), page.locator(".composer .send")):
        assert await part.evaluate(HIT), part
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await page.evaluate("window.innerWidth") == width
    assert await page.locator(".conversation").evaluate("(part) => part.scrollWidth <= part.clientWidth")
    assert await watched.all_complaints() == []


async def test_a_short_suggestion_begins_where_a_long_one_does(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser, viewport={"width": 1366, "height": 800})
    await suggested(desk, watched.page, "Change the bulb.", LONG.format("tighten"), question="lamp flickers")
    await watched.picture("desk-short-suggestion")
    starts = await watched.page.locator(".suggestion").evaluate_all(
        "(all) => all.map((one) => one.firstElementChild.getBoundingClientRect().x - one.getBoundingClientRect().x)"
    )
    assert max(starts) - min(starts) < 1, starts


async def test_what_a_suggestion_left_open_is_told_and_keeps_the_reply_back(
    desk: Desk, browser: Browser
) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await suggested(desk, page, "Please tighten the bulb of order 48213, and write to lamps@example.com.")
    box, told, sent = (
        page.locator("#words"),
        page.locator(".unfilled"),
        page.locator(".message.agent .bubble"),
    )
    await page.locator(".suggestion").click()
    await expect(told).to_contain_text("before it is sent: […]")
    assert await box.evaluate("(box) => box.value.slice(box.selectionStart, box.selectionEnd)") == "[…]"
    await box.press("End")
    await page.keyboard.press("Enter")
    await watched.picture("desk-unfilled")
    await expect(box).to_have_value("Please tighten the bulb of order […], and write to […].")
    await page.keyboard.type("A-1")
    await page.reload()
    await expect(told).to_be_visible()
    await page.locator(".composer .send").click()
    await page.keyboard.type("us")
    await expect(told).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(sent).to_have_text("Please tighten the bulb of order A-1, and write to us.")
    await box.fill("as you wrote: […] and {this}")
    await expect(told).to_be_hidden()
    await box.press("Enter")
    await expect(sent).to_have_count(2)
    assert await watched.all_complaints() == []
