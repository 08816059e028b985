"""The box of the desk in a real browser: canned replies by / and files."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Route, expect

from crm_store import canned_replies, conversations, staff
from crm_store.canned_replies import CannedDraft
from crm_store.engine import Store
from knowledge_base.articles import Article
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


CANNED = {
    "refund": "Your money is back within 5 days.",
    "return": "Hello {customer.first_name|there}, the label for {parcel} is in your mail. {agent.first_name}",
    "hours": "Open from 9 to 18.",
}


async def test_a_stroke_opens_the_list_and_the_keyboard_chooses(desk: Desk, browser: Browser) -> None:
    async with desk.store.write() as session:
        for code, text in CANNED.items():
            await canned_replies.create(session, CannedDraft(code, text), now=desk.clock())
    await desk.waiting("how do I send it back?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await page.locator("#words").press_sequentially("Good morning! /re")
    options = page.locator("#picker [role=option]")
    await expect(options).to_have_count(2)
    await watched.picture("desk-canned-picker")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    asked = page.locator("#blanks")
    await expect(asked).to_be_visible()
    await watched.picture("desk-canned-blanks")
    await asked.get_by_label("parcel").fill("lamp $& 1")
    await page.keyboard.press("Enter")
    words = "Good morning! Hello there, the label for lamp $& 1 is in your mail. Mara"
    await expect(page.locator("#words")).to_have_value(words)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.agent .bubble")).to_have_text(words)
    async with desk.store.read() as session:
        used = await canned_replies.find(session, None, "return")
    assert used is not None
    assert used.uses == 1
    await page.locator("#words").press_sequentially("// /no")
    await expect(page.locator("#picker")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#picker")).to_be_hidden()
    await expect(page.locator("#words")).to_be_focused()
    assert await watched.all_complaints() == []


async def test_a_canned_reply_whose_blanks_were_left_does_not_go(desk: Desk, browser: Browser) -> None:
    async with desk.store.write() as session:
        await canned_replies.create(
            session, CannedDraft("hi", "Order {order.number}, ref {parcel}"), now=desk.clock()
        )
    await desk.waiting("hello?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await page.locator("#words").press_sequentially("/hi")
    await expect(page.locator("#picker [role=option]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#blanks")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".unfilled")).to_contain_text("{order.number}, {parcel}")
    await watched.picture("desk-canned-unfilled")
    await page.fill("#words", "Order {order.number}")
    await page.evaluate("sessionStorage.clear()")  # as if it had been typed: the server knows the name
    await page.keyboard.press("Enter")
    await expect(page.locator("#notices")).to_contain_text("still open: {order.number}")
    await expect(page.locator("#words")).to_have_value("Order {order.number}")
    await expect(page.locator(".message.agent")).to_have_count(0)
    await page.fill("#words", "Order A-1")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.agent .bubble")).to_have_text("Order A-1")


async def test_files_are_chosen_shown_and_sent_with_words(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    bill = tmp_path / "bill.txt"
    bill.write_text("12 euros")
    await desk.waiting("my bill?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await expect(page.locator("#words")).to_be_visible()
    film = tmp_path / "film.mov"
    film.write_bytes(b"x" * (2**20 + 1))
    await page.set_input_files("#files", [film, *[bill] * 12])
    too_large = "film.mov: too large. Files may have up to 1 MB."
    too_many = "At most 10 files go at once; left out: bill.txt, bill.txt."
    await expect(page.locator("#notices")).to_have_text(f"{too_large} {too_many}")
    await expect(page.locator(".chosen-files li")).to_have_text(["bill.txt×"] * 10)
    for _ in range(8):
        await page.get_by_role("button", name="Remove bill.txt").first.click()
    await expect(page.locator(".chosen-files li")).to_have_count(2)
    await page.get_by_role("button", name="Remove bill.txt").first.click()
    await expect(page.locator(".chosen-files li")).to_have_count(1)
    await page.fill("#words", "Here it is")
    await page.keyboard.press("Enter")
    sent = page.locator(".message.agent", has_text="Here it is")
    await expect(sent.locator(".attached")).to_have_text("bill.txt")
    await expect(page.locator("#words")).to_have_value("")
    await expect(page.locator(".chosen-files")).to_be_hidden()
    await watched.picture("desk-file-sent")
    assert await watched.all_complaints() == []


async def test_files_stay_with_the_conversation_they_were_chosen_for(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    bill, terms = tmp_path / "bill.txt", tmp_path / "terms.txt"
    for file in (bill, terms):
        file.write_text("12 euros")
    there = Elsewhere(desk.store, desk.clock)
    anna = await customer_waits(there, "my bill?", address="anna")
    ben = await customer_waits(there, "hello", address="ben")
    watched = await page_of(desk, browser)
    page = watched.page
    files, sent = page.locator(".chosen-files li"), page.locator(".message.agent")
    await page.goto(f"{desk.base}/conversations/{anna}")
    await page.get_by_role("button", name="Take", exact=True).click()
    await page.set_input_files("#files", [bill, terms])
    await page.fill("#words", "// she has waited for long")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.note")).to_contain_text("she has waited for long")
    await expect(files).to_have_count(2)

    await page.click(f'#lists .line[href$="/{ben}"]')
    await page.get_by_role("button", name="Take", exact=True).click()
    await expect(page.locator("#thread")).to_contain_text("hello")
    await expect(files).to_have_count(0)
    await page.fill("#words", "Good morning, Ben")
    await page.keyboard.press("Enter")
    await expect(sent).to_have_text(re.compile("Good morning, Ben"))
    await expect(page.locator(".attached")).to_have_count(0)

    await page.click(f'#lists .line[href$="/{anna}"]')
    await expect(files).to_have_count(2)
    held_up = asyncio.Event()

    async def slowly(route: Route) -> None:
        await held_up.wait()
        await route.continue_()

    await page.route("**/attachments", slowly)
    async with page.expect_request("**/attachments"):
        await page.locator("#words").press("Enter")  # files need no words
    await page.click(f'#lists .line[href$="/{ben}"]')
    await expect(page.locator("#thread")).to_contain_text("hello")
    await page.fill("#words", "not sent yet")
    held_up.set()
    async with page.expect_response("**/attachments"):
        pass
    await expect(page.locator("#words")).to_have_value("not sent yet")
    await page.click(f'#lists .line[href$="/{anna}"]')
    await expect(page.locator(".message.agent .attached")).to_have_text(["bill.txt", "terms.txt"])
    await expect(files).to_have_count(0)
    await expect(sent.filter(has_text="not sent yet")).to_have_count(0)
    assert await watched.all_complaints() == []


async def test_the_page_of_canned_replies(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/canned")
    await page.get_by_label("Shortcode").fill("hours")
    await page.get_by_label("Words").fill("We are there from 9 to 18, {customer.first_name|dear customer}.")
    film: FilePayload = {"name": "film.mov", "mimeType": "video/quicktime", "buffer": b"x" * (2**20 + 1)}
    await page.get_by_label("File").set_input_files(film)
    await expect(page.locator("#notices")).to_have_text("film.mov: too large. Files may have up to 1 MB.")
    await expect(page.get_by_label("File")).to_have_value("")
    await page.get_by_label("File").set_input_files({**film, "name": "way.txt", "buffer": b"to the left"})
    await watched.picture("desk-canned-new")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="/hours")).to_be_visible()
    await expect(page.get_by_text("way.txt")).to_be_visible()
    await page.get_by_label("Another file instead").set_input_files(
        {**film, "name": "map.txt", "buffer": b"here"}
    )
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("map.txt")).to_be_visible()
    await expect(page.get_by_text("way.txt")).to_have_count(0)
    await watched.picture("desk-canned-file")
    await page.get_by_role("link", name="Canned replies").click()
    await expect(page.locator(".cards")).to_contain_text("We are there from 9 to 18")
    await watched.picture("desk-canned")
    assert await watched.all_complaints() == []


async def test_a_suggestion_goes_into_the_box_with_one_click(desk: Desk, browser: Browser) -> None:
    there = Elsewhere(desk.store, desk.clock)
    before = await customer_waits(there, "my lamp flickers all evening", address="ben")
    async with desk.store.write() as session:
        agent = await staff.get_agent(session, desk.agent_id)
        await conversations.reply(session, before, agent, "Please tighten the bulb.", now=desk.clock())
    number = await customer_waits(there, "the lamp flickers in the evening", address="anna")
    told = "Dear {customer.first_name|customer}, we take it back: {refund.amount}."
    desk.shelf.fill(Article("lamp", "My lamp flickers", ("the lamp flickers", "it flickers"), told))
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    suggested = page.locator(".suggestion", has_text="Please tighten the bulb.")
    await expect(suggested).to_contain_text("said so before")
    await watched.picture("desk-suggestion")
    await suggested.click()
    box = page.locator("#words")
    await expect(box).to_have_value("Please tighten the bulb.")
    await box.fill("")
    await page.locator(".suggestion", has_text="we take it back").click()
    await page.get_by_label("refund.amount").fill("12 EUR")
    await page.get_by_label("refund.amount").press("Enter")
    await expect(box).to_have_value(re.compile(r"^Dear [^{]+, we take it back: 12 EUR\.$"))
    assert await watched.all_complaints() == []
