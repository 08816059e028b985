"""What arrived at the server while its answer was lost: sent again at the desk, it is one reply, or one wish."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from crm_store import canned_replies
from crm_store.engine import Store
from tests.pictures import PNG
from tests.served_desk import Desk, open_desk, page_of, said, taken

pytestmark = pytest.mark.browser
WORDS = "a new one leaves today"
BILL: FilePayload = {"name": "bill.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def lose_answer(route: Route) -> None:
    """The server does as it is asked; what it says of that does not arrive."""
    await route.fetch()
    await route.abort()


async def send_in_vain(page: Page, address: str) -> None:
    await page.route(address, lose_answer)
    async with page.expect_event("requestfailed"):
        await page.press("#words", "Enter")
    await expect(page.locator(".unsent")).to_be_visible()
    await page.unroute(address)


async def test_a_reply_whose_answer_was_lost_is_sent_once(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    ben = await taken(desk, page, "ben")
    number = await taken(desk, page)
    await page.fill("#words", WORDS)
    for _ in range(2):
        await send_in_vain(page, "**/words")
    await page.click(f"#line-{ben}")
    await page.locator(f"#composer[data-conversation='{ben}']").wait_for()
    await page.click(f"#line-{number}")
    await expect(page.locator("#words")).to_have_value(WORDS)
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")
    await expect(page.locator(".unsent")).to_be_hidden()
    assert await said(desk, number) == [(WORDS, "")]
    await page.fill("#words", WORDS)
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent")).to_have_count(2)
    assert await said(desk, number) == [(WORDS, "")] * 2, (
        "said again once the first had its answer, it is meant"
    )


async def test_words_given_up_after_a_lost_answer_and_written_again_are_meant(
    desk: Desk, browser: Browser
) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.fill("#words", WORDS)
    await send_in_vain(page, "**/words")
    await page.fill("#words", "")
    await page.fill("#words", WORDS)
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")
    await expect(page.locator(".message.agent")).to_have_count(2)
    assert await said(desk, number) == [(WORDS, "")] * 2


async def test_words_changed_after_a_lost_answer_are_sent(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.fill("#words", f"// {WORDS}")
    await send_in_vain(page, "**/words")
    await page.fill("#words", f"// {WORDS}, I think")
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")
    assert await said(desk, number) == [(WORDS, ""), (f"{WORDS}, I think", "")]


async def test_a_file_whose_answer_was_lost_is_sent_once(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.set_input_files("#files", [BILL, {**BILL, "name": "back.png"}])
    await page.fill("#words", "here it is")
    await send_in_vain(page, "**/attachments")
    await page.press("#words", "Enter")
    await expect(page.locator(".chosen-files")).to_be_hidden()
    await expect(page.locator(".message.agent .attached")).to_have_count(2)
    assert await said(desk, number) == [("here it is", "bill.png"), ("", "back.png")]
    await page.set_input_files("#files", [BILL])
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent .attached")).to_have_count(3)


@pytest.mark.parametrize("file", [BILL, None])
async def test_a_canned_reply_whose_answer_was_lost_is_written_once(
    desk: Desk, browser: Browser, file: FilePayload | None
) -> None:
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/canned")
    await page.get_by_label("Shortcode").fill("bill")
    await page.get_by_label("Words").fill("Here it is.")
    if file:
        await page.get_by_label("File").set_input_files(file)
    save = page.get_by_role("button", name="Save")
    await page.route("**/canned?once=*", lose_answer)
    async with page.expect_event("requestfailed"):
        await save.click()
    await page.unroute("**/canned?once=*")
    async with desk.store.read() as session:
        assert await canned_replies.find(session, None, "bill") is not None
    await save.click()
    await expect(page.get_by_role("heading", name="/bill")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await expect(page.get_by_text("bill.png")).to_have_count(1 if file else 0)
