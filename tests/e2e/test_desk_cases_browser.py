"""After-sales cases in a real browser."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from bot.dispatch import Timekeeper
from crm_store import service_cases
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.service_cases import CaseDraft
from crm_store.settings import StoreSettings
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_a_case_is_opened_beside_a_conversation_and_moved_on(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.locator("summary", has_text="Open a case").click()
    await page.locator("#panel").get_by_label("Kind").select_option("repair")
    await page.locator("#panel").get_by_label("Reason").fill("flickers")
    await watched.picture("desk-case-new")
    await page.get_by_role("button", name="Open a case").click()
    await expect(page.get_by_role("heading", name="Repair REP-1")).to_be_visible()
    await page.get_by_label("Next step").select_option("approved")
    await page.get_by_label("What the customer is told").fill("Send it to us.")
    await page.get_by_label("Amount").fill("1,234")
    await page.get_by_label("Currency").fill("eur")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#notices")).to_contain_text("“1,234” is no amount")
    await page.get_by_label("Amount").fill("1.234,50")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".page-head .badge")).to_have_text("approved")
    await expect(page.get_by_label("Amount")).to_have_value("1234.50")
    await expect(page.get_by_label("Currency")).to_have_value("EUR")
    await expect(page.get_by_label("Next step")).to_have_value("")
    await watched.picture("desk-case")
    await page.get_by_role("link", name="Cases").first.click()
    await expect(page.locator("tbody")).to_contain_text("REP-1")
    await watched.picture("desk-cases")
    [refused] = await watched.all_complaints()
    assert "422" in refused  # the browser's own word on the amount above


async def test_a_refused_step_leaves_the_page_and_its_words_as_they_are(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.locator("summary", has_text="Open a case").click()
    await page.locator("#panel").get_by_label("Kind").select_option("follow_up")
    await page.get_by_role("button", name="Open a case").click()
    done = page.get_by_role("button", name="Done", exact=True)
    await expect(done).to_be_visible()
    late = await page.context.new_page()
    await late.goto(page.url)
    for each in (page, late):
        await each.get_by_label("What came of it").fill("called her")
    await done.click()
    await expect(page.locator(".page-head .badge")).to_have_text("done")
    address = late.url
    await late.get_by_role("button", name="Done", exact=True).click()
    await expect(late.locator("#notices")).to_contain_text("changed")
    await expect(late.get_by_label("What came of it")).to_have_value("called her")
    assert late.url == address


async def test_an_open_desk_is_told_once_that_ones_own_case_is_overdue(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    settings = StoreSettings()
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    mine = page.locator("#lists .cases .line")
    await expect(page.locator("#lists")).to_be_visible()
    async with desk.store.write() as session:
        draft = CaseDraft(
            CaseKind.REFUND,
            conversation_id=number,
            owner_id=desk.agent_id,
            reason="flickers",
            due_at=desk.clock() + timedelta(hours=1),
        )
        await service_cases.open_case(session, draft, actor="system", now=desk.clock(), settings=settings)
    await expect(mine).to_contain_text("Refund REF-1: flickers")
    await expect(mine.locator(".badge")).to_have_count(0)
    desk.clock.advance(timedelta(hours=1, seconds=1))
    await Timekeeper(desk.store, desk.clock, settings).fire_due()
    told = page.locator("#alerts a", has_text="Anna Berg · Refund REF-1 was due at")
    await expect(told).to_be_visible()
    await expect(told).to_have_attribute("href", "/cases/1")
    await expect(mine.locator(".badge")).to_have_text("overdue")
    await watched.picture("desk-my-cases")
    await page.locator("#alerts .close").click()
    await page.reload()
    await expect(mine.locator(".badge")).to_have_text("overdue")
    await expect(told).to_be_hidden()
    assert await watched.all_complaints() == []
