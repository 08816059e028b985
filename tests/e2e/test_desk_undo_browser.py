"""A reply taken back in a real browser: its words and its files return, and nothing that stands in the box is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from crm_store import canned_replies, staff, stored_files
from crm_store.canned_replies import CannedDraft
from crm_store.engine import Store
from tests.pictures import PNG
from tests.served_desk import Desk, open_desk, page_of, said, taken

pytestmark = pytest.mark.browser
BILL: FilePayload = {"name": "bill.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        async with opened.store.write() as session:
            await staff.change_agent(session, opened.agent_id, now=opened.clock(), undo_s=15)
        yield opened


async def send(page: Page, words: str) -> None:
    await page.fill("#words", words)
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")


def undo(page: Page, words: str) -> Locator:
    return page.locator(".message.agent", has_text=words).get_by_role("button", name="Undo")


async def test_words_come_back_before_what_stands_in_the_box(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    box = page.locator("#words")
    await send(page, "one")
    await send(page, "two")
    await page.fill("#words", "three")
    await undo(page, "two").click()
    await expect(box).to_have_value("two\n\nthree")
    await undo(page, "one").click()
    await expect(box).to_have_value("one\n\ntwo\n\nthree")
    await expect(page.locator(".message.agent")).to_have_count(0)
    await send(page, "for the customer")
    await page.fill("#words", "// for us alone")
    await undo(page, "for the customer").click()
    await expect(box).to_have_value("// for us alone\n\nfor the customer")
    await expect(page.locator("#composer")).to_have_class("composer is-note")
    assert await said(desk, number) == []
    assert await watched.all_complaints() == []


async def test_what_returns_goes_to_its_own_conversation(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    ben = await taken(desk, page, "ben")
    anna = await taken(desk, page)
    await page.set_input_files("#files", [BILL])
    await send(page, "about the lamp")
    await expect(undo(page, "about the lamp")).to_be_visible()
    held_up = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held_up.wait()
        await route.continue_()

    await page.route("**/take-back", slowly)
    async with page.expect_request("**/take-back"):
        await undo(page, "about the lamp").click()
    await page.click(f"#line-{ben}")
    await page.locator(f"#composer[data-conversation='{ben}']").wait_for()
    await page.fill("#words", "about the chair")
    async with page.expect_event("requestfinished", lambda one: one.url.endswith("/take-back")):
        held_up.set()
    await page.click(f"#line-{anna}")
    await expect(page.locator("#words")).to_have_value("about the lamp")
    await expect(page.locator(".chosen-files li")).to_have_count(1)
    await page.click(f"#line-{ben}")
    await expect(page.locator("#words")).to_have_value("about the chair")
    await expect(page.locator(".chosen-files li")).to_have_count(0)
    assert await watched.all_complaints() == []


async def test_files_come_back_and_go_again(desk: Desk, browser: Browser) -> None:
    async with desk.store.write() as session:
        canned = await canned_replies.create(session, CannedDraft("way", "The way."), now=desk.clock())
        file = await desk.files.keep(PNG, "map.png")
        row = await stored_files.add(session, file, lane="canned:1", now=desk.clock(), claimed_by="canned:1")
        canned.attachment = stored_files.attachment(row)
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    files = page.locator(".chosen-files li")
    held_up = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held_up.wait()
        await route.continue_()

    await page.route("**/words", slowly)
    await page.fill("#words", "One moment.")
    async with page.expect_request("**/words"):
        await page.press("#words", "Enter")
    await page.locator("#words").press_sequentially(" /way")  # while the reply before is on its way
    await page.locator("#picker [role=option]").click()
    held_up.set()
    await expect(page.locator("#words")).to_have_value("The way.")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent")).to_have_count(3)
    await undo(page, "One moment.").click()
    await expect(page.locator("#words")).to_have_value("One moment.")
    await page.fill("#words", "")
    await undo(page, "The way.").click()
    await expect(files).to_have_text(["map.png×"])
    await expect(page.locator("#words")).to_have_value("The way.")
    await page.reload()
    await expect(files).to_have_text(["map.png×"])
    await watched.picture("desk-undone")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent .attached")).to_have_count(1)
    assert await said(desk, number) == [("The way.", "map.png")]

    await page.set_input_files("#files", [BILL])
    await send(page, "and the bill")
    await expect(files).to_have_count(0)
    await undo(page, "and the bill").click()
    await expect(files).to_have_text(["bill.png×"])
    await page.press("#words", "Enter")
    await expect(page.locator(".message.agent .attached")).to_have_count(2)
    await expect(files).to_have_count(0)
    assert await said(desk, number) == [("The way.", "map.png"), ("and the bill", "bill.png")]
    assert await page.locator(".attached img").last.evaluate(
        "one => one.decode().then(() => one.naturalWidth)"
    )
    assert await watched.all_complaints() == []


async def test_the_quote_comes_back_and_goes_again(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    quoted, quote = page.locator(".answering bdi"), page.locator(".message.agent a.quote")
    await page.locator(".message.customer", has_text="my lamp broke").get_by_role("button").click()
    await send(page, "which one?")
    await expect(quote).to_have_text("Anna Berg my lamp broke")
    await expect(quoted).to_be_hidden()
    await undo(page, "which one?").click()
    await expect(page.locator("#words")).to_have_value("which one?")
    await expect(page.locator(".answering")).to_have_text("Anna Berg my lamp broke×")
    await watched.picture("desk-undone-quote")
    await page.press("#words", "Enter")
    await expect(quote).to_have_text("Anna Berg my lamp broke")
    await page.locator(".message.customer", has_text="my lamp broke").get_by_role("button").click()
    await page.set_input_files("#files", [BILL])
    await send(page, "this one?")
    await expect(quote).to_have_count(2)
    await undo(page, "this one?").click()
    await expect(quoted).to_have_text("my lamp broke")
    await page.press("#words", "Enter")
    await expect(quote).to_have_count(2)
    assert await said(desk, number) == [("which one?", ""), ("this one?", "bill.png")]
    assert await watched.all_complaints() == []


async def test_of_two_windows_that_undo_the_second_is_told(desk: Desk, browser: Browser) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await send(page, "wrong window")
    other = await page.context.new_page()
    await other.goto(page.url)
    held_up = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held_up.wait()
        await route.continue_()

    await other.route("**/take-back", slowly)
    async with other.expect_request("**/take-back"):
        await undo(other, "wrong window").click()
    await undo(page, "wrong window").click()
    await expect(page.locator("#words")).to_have_value("wrong window")
    held_up.set()
    await expect(other.locator("#notices")).to_contain_text("This reply was taken back already.")
    await expect(other.locator("#thread")).to_contain_text("my lamp broke")
    await expect(other.locator(".message.agent")).to_have_count(0)
    await expect(other.locator("#words")).to_have_value("")
    assert other.url == page.url
    assert await said(desk, number) == []
