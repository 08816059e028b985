"""What could not be sent at the desk says so, and its words are lost nowhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from playwright.async_api import Browser, FilePayload, Route, TimeoutError, expect

from crm_store.engine import Store
from tests.desk_stage import customer_waits
from tests.pictures import PNG
from tests.served_desk import Desk, Elsewhere, open_desk, page_of, said, taken

pytestmark = pytest.mark.browser
REPLY = "Not sent. Your words are still in the box; try again."
NOTE = "Note not saved. Your words are still in the box; try again."
NO_ANSWER = "The server did not answer. Try again in a moment."
FORGET = "document.querySelector('#notices').replaceChildren()"
PARTS = ("**/desk/lists*", "**/desk/standing", "**/thread")
REFRESH = "htmx.trigger(document.body, 'desk:changed')"
FILES = "Not sent. The files are still attached; try again."


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def no_answer(route: Route) -> None:
    await route.abort()


async def answer_of_a_proxy(route: Route) -> None:
    await route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")


async def test_what_was_not_sent_says_so_until_a_try_gets_through(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    box, unsent, notices = page.locator("#words"), page.locator(".unsent"), page.locator("#notices")
    for fails in (no_answer, answer_of_a_proxy):
        await page.route("**/words", fails)
        await page.fill("#words", "a new one leaves today")
        await page.press("#words", "Enter")
        await expect(unsent).to_have_text(REPLY)
        await expect(notices).to_have_text(NO_ANSWER)
        await expect(box).to_have_value("a new one leaves today")
        await expect(page.locator("#thread")).to_contain_text("my lamp broke")
        await watched.picture("desk-unsent")
        await page.unroute("**/words")
        await page.press("#words", "Enter")
        await expect(box).to_have_value("")
        await expect(unsent).to_be_hidden()
        assert await notices.inner_text() == ""
    await box.evaluate("box => { box.value = 'x'.repeat(5000); }")  # more than the box lets one type
    await page.press("#words", "Enter")
    await expect(notices).to_contain_text("at most 4096 characters")
    await expect(unsent).to_have_text(REPLY)
    await page.route("**/words", no_answer)
    for kind, words in (("Reply", "// third lamp"), ("Note", "third lamp")):
        await page.locator("#composer").get_by_text(kind, exact=True).click()
        await page.fill("#words", words)
        await page.press("#words", "Enter")
        await expect(unsent).to_have_text(NOTE)
        await page.fill("#words", "")
        await expect(unsent).to_be_hidden()
    assert await said(desk, number) == [("a new one leaves today", "")] * 2


async def test_enter_twice_sends_once_and_what_is_written_meanwhile_stays(
    desk: Desk, browser: Browser
) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    held_up = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held_up.wait()
        await route.continue_()

    await page.route("**/words", slowly)
    await page.fill("#words", "it leaves today")
    async with page.expect_request("**/words"):
        await page.press("#words", "Enter")
    await page.press("#words", "Enter")
    await page.press("#words", "End")
    await page.keyboard.type(" and more")
    held_up.set()
    await expect(page.locator("#words")).to_have_value("and more")
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")

    await page.route("**/attachments", slowly)
    held_up.clear()
    bill: FilePayload = {"name": "bill.png", "mimeType": "image/png", "buffer": PNG}
    await page.set_input_files("#files", [bill])
    async with page.expect_request("**/attachments"):
        await page.press("#words", "Enter")
    await page.press("#words", "Enter")
    held_up.set()
    await expect(page.locator(".chosen-files")).to_be_hidden()
    await page.fill("#words", "that is all")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent").last).to_contain_text("that is all")
    told = [("it leaves today", ""), ("and more", ""), ("", "bill.png"), ("that is all", "")]
    assert await said(desk, number) == told
    assert await watched.all_complaints() == []


async def test_who_has_gone_on_to_another_conversation_is_told_too(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    ben = await taken(desk, page, "ben")
    anna = await taken(desk, page)
    gone = asyncio.Event()

    async def never(route: Route) -> None:
        await gone.wait()
        await route.abort()

    await page.route("**/words", never)
    await page.fill("#words", "it leaves today")
    async with page.expect_request("**/words"):
        await page.press("#words", "Enter")
    await page.click(f"#line-{ben}")
    await page.locator(f"#composer[data-conversation='{ben}']").wait_for()
    gone.set()
    await expect(page.locator("#notices")).to_contain_text(f"Not sent in conversation #{anna}.")
    await expect(page.locator(".unsent")).to_be_hidden()
    await page.click(f"#line-{anna}")
    await expect(page.locator("#words")).to_have_value("it leaves today")
    await expect(page.locator(".unsent")).to_have_text(REPLY)


async def test_a_session_that_is_over_loses_no_words(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.fill("#words", "a new one leaves today")
    await page.context.clear_cookies()
    # The page may find out first, by its own look for news, and leads to the sign-in then, too.
    with suppress(TimeoutError):
        await page.press("#words", "Enter", timeout=5_000)
    await expect(page.locator("#by-password")).to_be_visible()
    await page.context.add_cookies([await desk.cookie()])
    await page.goto(f"{desk.base}/conversations/{number}")
    await expect(page.locator("#words")).to_have_value("a new one leaves today")
    assert await said(desk, number) == []


async def test_a_file_that_failed_is_told_until_it_went(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    unsent, notices = page.locator(".unsent"), page.locator("#notices")
    bill: FilePayload = {"name": "bill.png", "mimeType": "image/png", "buffer": PNG}
    empty: FilePayload = {"name": "nothing.txt", "mimeType": "text/plain", "buffer": b""}
    await page.set_input_files("#files", [bill, empty])
    await page.fill("#words", "here it is")
    await page.route("**/attachments", no_answer)
    await page.press("#words", "Enter")
    await expect(unsent).to_have_text(REPLY)
    await expect(notices).to_have_text(NO_ANSWER)
    await page.unroute("**/attachments")
    await page.press("#words", "Enter")
    await expect(notices).to_contain_text("The file is empty")
    await expect(unsent).to_have_text(FILES)
    await page.get_by_role("button", name="Remove nothing.txt").click()
    await expect(unsent).to_be_hidden()
    await page.set_input_files("#files", [bill])
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent .attached")).to_have_count(2)
    assert await notices.inner_text() == "", "what is sent is no longer told of as failed"
    assert await said(desk, number) == [("here it is", "bill.png"), ("", "bill.png")]


async def test_a_click_without_an_answer_says_so_and_changes_nothing(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    ben = await customer_waits(Elsewhere(desk.store, desk.clock), "hello", name="Ben", address="ben")
    number = await taken(desk, page)
    notices, cut_off, thread = (page.locator(one) for one in ("#notices", "#cut-off", "#thread"))
    away = page.get_by_role("button", name="Away")
    for fails in (no_answer, answer_of_a_proxy):
        for address in (f"**/conversations/{ben}", "**/desk/presence", "**/canned-replies"):
            await page.route(address, fails)
        await page.click(f"#line-{ben}")
        await expect(notices).to_have_text(NO_ANSWER)
        assert page.url.endswith(f"/conversations/{number}")
        await page.evaluate(FORGET)
        await away.click()
        await expect(notices).to_have_text(NO_ANSWER)
        await expect(away).to_have_attribute("aria-pressed", "false")
        await page.evaluate(FORGET)
        await page.fill("#words", "")
        await page.locator("#words").press_sequentially("/")
        await expect(notices).to_have_text(NO_ANSWER)
        await expect(page.locator("#picker")).to_be_hidden()
        for address in PARTS:
            await page.route(address, fails)
        await page.wait_for_function(
            f"() => {{ {REFRESH}; return !document.querySelector('#cut-off').hidden; }}"
        )
        await expect(thread).to_have_attribute("data-conversation", str(number))
        await expect(page.locator("#lists .line")).to_have_count(2)
        await page.unroute_all()
        await page.evaluate(REFRESH)
        await expect(cut_off).to_be_hidden()
    await away.click()
    await expect(away).to_have_attribute("aria-pressed", "true")


async def test_a_long_text_is_never_cut_off_without_a_word(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    box, length = page.locator("#words"), page.locator(".length")
    await expect(length).to_be_hidden()
    await box.focus()
    await page.keyboard.insert_text("word " * 1800)
    await expect(box).to_have_value("word " * 1800)
    await expect(length).to_contain_text("8999 of 4096 characters")
    await expect(length).to_contain_text("Nothing is cut off; send it in parts.")
    await page.press("#words", "Enter")
    await expect(page.locator("#notices")).to_contain_text("at most 4096 characters")
    await expect(box).to_have_value("word " * 1800)
    await page.fill("#words", "w" * 5000)
    await expect(length).to_contain_text("5000 of 4096 characters")
    for part in ("#words", "#composer"):
        assert await page.locator(part).evaluate("box => box.getBoundingClientRect().right <= innerWidth"), (
            part
        )
    await page.fill("#words", "word")
    await expect(length).to_be_hidden()
    await page.press("#words", "Enter")
    await expect(box).to_have_value("")
    assert await said(desk, number) == [("word", "")]
