"""Putting aside, labelling and taking back in a real browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store import queue, staff
from crm_store.engine import Store
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_labels_undo_and_snooze_by_keyboard(desk: Desk, browser: Browser) -> None:
    async with desk.store.write() as session:
        await staff.change_agent(session, desk.agent_id, now=desk.clock(), undo_s=15)
    await desk.waiting("it is broken", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await expect(page.locator("#thread .badge.assigned")).to_be_visible()
    await page.keyboard.press("l")
    menu = page.locator("#labels")
    await menu.get_by_label("Tags").fill("lamp, broken")
    await menu.get_by_label("Priority").select_option("3")
    await watched.picture("desk-labels")
    await menu.get_by_role("button", name="Save").click()
    await expect(page.locator(".badge.tag")).to_have_text(["lamp", "broken"])
    await expect(page.locator(".badge.priority")).to_have_text("urgent")

    await page.fill("#words", "Sorry, wrong window")
    await page.press("#words", "Enter")
    undo = page.get_by_role("button", name="Undo")
    await expect(undo).to_be_visible()
    await watched.picture("desk-undo")
    await undo.click()
    await expect(page.locator(".message.agent")).to_have_count(0)
    await expect(page.locator("#words")).to_have_value("Sorry, wrong window")
    assert all(outgoing.text != "Sorry, wrong window" for outgoing in desk.house.postbox.taken)

    await page.keyboard.press("Escape")
    await page.locator("#words").fill("")
    await page.locator("#words").blur()
    await page.keyboard.press("s")
    await expect(page.get_by_role("button", name="Tomorrow morning")).to_be_visible()
    await watched.picture("desk-snooze")
    await page.get_by_role("button", name="Tomorrow morning").click()
    await expect(page.locator("#lists", has_text="Snoozed")).to_be_visible()
    assert await watched.all_complaints() == []


async def test_who_does_not_hold_it_may_leave_a_note_there(desk: Desk, browser: Browser) -> None:
    await desk.waiting("it is broken", address="anna")
    async with desk.store.write() as session:
        bob = await staff.create_agent(session, name="Bob", role=staff.Role.AGENT, now=desk.clock())
        taken = await queue.take_next(session, bob, now=desk.clock())
        assert taken is not None
        await staff.create_agent(session, name="Ada", role=staff.Role.ADMIN, now=desk.clock())
        await staff.change_agent(session, desk.agent_id, now=desk.clock(), role=staff.Role.AGENT)
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{taken.id}")
    await expect(page.locator(".closed")).to_contain_text("Bob")
    await expect(page.locator("#composer .switch label").first).to_be_hidden()
    await page.fill("#words", "she called, too")
    await watched.picture("desk-note-to-colleague")
    await page.press("#words", "Enter")
    await expect(page.locator(".message.note")).to_contain_text("she called, too")
    await expect(page.locator("#words")).to_have_value("")
    assert all("called" not in outgoing.text for outgoing in desk.house.postbox.taken)
    assert await watched.all_complaints() == []
