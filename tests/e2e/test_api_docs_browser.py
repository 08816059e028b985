"""The API's page in a browser: every operation opens, and files go in and come out."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from crm_store.engine import Store
from tests.pictures import PNG
from tests.served_desk import Desk, open_desk, page_of, said, taken

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_every_operation_opens(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/api/v1/docs")
    await expect(page.locator("details").first).to_be_visible()
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    without = "details:not(:has(.inside > button))"
    await expect(page.locator(without)).to_have_count(0)
    assert await watched.all_complaints() == []


async def opened(page: Page, name: str) -> None:
    await page.locator(f"#{name}").evaluate("operation => { operation.open = true; }")
    await expect(page.locator(f"#{name} .inside > button")).to_be_visible()


async def test_a_file_is_sent_and_fetched(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    await page.goto(f"{desk.base}/api/v1/docs")
    await opened(page, "attachments_create")
    form = page.locator("#attachments_create .inside")
    bill: FilePayload = {"name": "bill.png", "mimeType": "image/png", "buffer": PNG}
    await form.locator("input[name=id]").fill(str(number))
    await form.locator("input[type=file]").set_input_files([bill])
    await form.locator("input[name=text][data-place=form]").fill("here it is")
    await form.get_by_role("button", name="Send").click()
    await expect(form.locator("pre")).to_contain_text("201 Created")
    assert await said(desk, number) == [("here it is", "bill.png")]
    await watched.picture("api-docs-file")

    message = (await form.locator("pre").inner_text()).partition('"id": ')[2].partition(",")[0]
    await opened(page, "attachments_read")
    fetched = page.locator("#attachments_read .inside")
    await fetched.locator("input[name=id]").fill(message)
    await fetched.get_by_role("button", name="Send").click()
    await expect(fetched.locator("pre")).to_have_text(f"200 OK\n\nimage/png, {len(PNG)} bytes")
    assert await watched.all_complaints() == []
