"""The search page in a real browser: hits, ticks, the question before an act, and its undoing."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from crm_store import staff
from crm_store.engine import Store
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def two_wait(desk: Desk) -> Elsewhere:
    there = Elsewhere(desk.store, desk.clock)
    await customer_waits(there, "my lamp flickers", name="Anna Berg", address="anna")
    await customer_waits(there, "我的灯坏了", name="王伟", address="wei")
    return there


async def test_words_and_filters_together_kept_as_a_view(desk: Desk, browser: Browser) -> None:
    await two_wait(desk)
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/search")
    await page.get_by_role("searchbox").fill("flick")
    await page.get_by_label("Status").select_option("queued")
    await page.get_by_label("From").fill("2020-01-31")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.locator("mark")).to_have_text("flickers")
    await expect(page.get_by_label("Status")).to_have_value("queued")
    await expect(page.get_by_label("From")).to_have_value("2020-01-31")
    await watched.picture("desk-search-hits")
    await page.get_by_text("Save this as a view").click()
    await page.get_by_placeholder("Name", exact=True).fill("Lamps that wait")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await page.goto(f"{desk.base}/search")
    await page.get_by_role("link", name="Lamps that wait").click()
    await expect(page.get_by_role("searchbox")).to_have_value("flick")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(1)
    await page.goto(f"{desk.base}/search?status=queued&q=灯")
    await expect(rows).to_have_count(1)
    await page.goto(f"{desk.base}/search?status=queued&channel=web&until=2020-01-01")
    await expect(page.get_by_text("No conversation is like that")).to_be_visible()
    assert await watched.all_complaints() == []


async def test_tick_confirm_undo_from_another_page(desk: Desk, browser: Browser) -> None:
    there = await two_wait(desk)
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/search?status=queued")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.get_by_label("All shown").check()
    act = page.get_by_role("button", name="Do it 2")
    await expect(act).to_be_enabled()
    await watched.picture("desk-search")
    await act.click()
    await expect(page.get_by_role("heading", name="Is this meant?")).to_be_visible()
    await watched.picture("desk-bulk-confirm")
    await page.get_by_role("button", name="Yes, do it").click()
    standing = page.get_by_text("Done to 2 conversations.")
    await expect(standing).to_be_visible()
    await expect(page).to_have_url(f"{desk.base}/search?status=queued")
    for elsewhere in ("/customers", "/"):
        await page.goto(f"{desk.base}{elsewhere}")
        await expect(standing).to_be_visible()
    await customer_waits(there, "and another thing", name="Carl Dorn", address="carl")
    await page.evaluate("htmx.trigger(document.body, 'desk:changed')")
    await expect(page.get_by_role("link", name="Carl Dorn")).to_be_visible()
    await expect(standing).to_be_visible()
    await watched.picture("desk-bulk-standing")
    stale = await page.context.new_page()
    await stale.goto(f"{desk.base}/search?status=resolved")
    await expect(stale.get_by_role("button", name="Undo")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(standing).to_be_hidden()
    await expect(page).to_have_url(f"{desk.base}/")
    await expect(page.get_by_role("link", name="Anna Berg")).to_be_visible()
    await stale.get_by_role("button", name="Undo").click()
    await expect(stale.locator("#notices")).to_have_text("This was undone already.")
    await expect(stale.locator("#standing")).to_have_text("Undone: 2 conversations are as before.")
    await expect(stale).to_have_url(f"{desk.base}/search?status=resolved")
    assert await watched.all_complaints() == []


async def test_an_act_shows_only_what_it_needs_to_know(desk: Desk, browser: Browser) -> None:
    there = Elsewhere(desk.store, desk.clock)
    await customer_waits(there, "my lamp flickers", name="Anna Berg", address="anna")
    async with desk.store.write() as session:
        await staff.create_agent(session, name="Ida", role=staff.Role.AGENT, now=desk.clock(), team="night")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/search?status=queued")
    act = page.locator("#bulk select[name=action]")
    fields = to, until, value, step = [
        page.locator(f"#bulk [name={name}]") for name in ("to", "until", "value", "step")
    ]
    for action, shown in (
        ("resolve", None),
        ("priority", step),
        ("tag", value),
        ("snooze", until),
        ("assign", to),
    ):
        await act.select_option(action)
        for field in fields:
            await expect(field).to_be_visible(visible=field is shown)
    await page.get_by_label("All shown").check()
    await to.select_option(label="night")
    await watched.picture("desk-bulk-assign")
    await page.get_by_role("button", name="Do it 1").click()
    await expect(page.get_by_text("Hand 1 conversation on to night.")).to_be_visible()
    await page.get_by_role("button", name="Yes, do it").click()
    await expect(page.get_by_text("Done to 1 conversation.")).to_be_visible()
    await page.goto(f"{desk.base}/search?team=night")
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert await watched.all_complaints() == []
