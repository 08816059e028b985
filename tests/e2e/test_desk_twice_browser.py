"""A double click is one wish."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import func, select

from crm_store.engine import Store
from crm_store.models.casework import ServiceCase
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_one_case_is_opened(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke")
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.locator("summary", has_text="Open a case").click()
    await page.locator("#panel").get_by_label("Reason").fill("flickers")
    await page.get_by_role("button", name="Open a case").dblclick()
    await expect(page.locator(".page-head h1")).to_be_visible()
    await page.goto(f"{desk.base}/cases")  # after all that was asked before
    async with desk.store.read() as session:
        of_it = select(func.count()).select_from(ServiceCase).where(ServiceCase.reason == "flickers")
        opened = await session.scalar(of_it)
    assert opened == 1


async def test_what_is_done_to_many_is_done_once_and_can_be_undone(desk: Desk, browser: Browser) -> None:
    for address in ("ada", "ben"):
        await customer_waits(Elsewhere(desk.store, desk.clock), "hello", address=address)
    page = (await page_of(desk, browser)).page
    await page.goto(f"{desk.base}/search?status=queued")
    await page.get_by_label("All shown").check()
    await page.get_by_role("button", name="Do it 2").click()
    await page.get_by_role("button", name="Yes, do it").dblclick()
    await expect(page.get_by_text("Done to 2 conversations.")).to_be_visible()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
