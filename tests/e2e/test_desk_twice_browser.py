"""A double click is one wish, and so is a key that is held; also where the answer came between."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
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


async def morning(desk: Desk, browser: Browser) -> tuple[Page, list[str]]:
    """The desk while three wait, and what it asks for whoever is next."""
    for address in ("ada", "ben", "cem"):
        await customer_waits(Elsewhere(desk.store, desk.clock), "hello", address=address)
    page = (await page_of(desk, browser)).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/desk/next" in request.url else None)
    await page.goto(desk.base)
    await expect(page.locator("#lists .queue .count")).to_have_text("3")
    return page, asked


async def has_taken(page: Page, number: int) -> None:
    await expect(page.locator("#lists section:first-child .count")).to_have_text(str(number))
    await expect(page.locator("#thread .badge.assigned")).to_be_visible()


async def click(page: Page, nth: int) -> None:
    """The first or second click on the button that takes the next, wherever it has moved."""
    box = await page.get_by_role("button", name="Take next").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down(click_count=nth)
    await page.mouse.up(click_count=nth)


async def test_a_second_click_after_the_answer_takes_nobody(desk: Desk, browser: Browser) -> None:
    page, asked = await morning(desk, browser)
    await click(page, 1)
    await has_taken(page, 1)
    await click(page, 2)
    await page.goto(desk.base)  # after all that was asked before
    await expect(page.locator("#lists .queue .count")).to_have_text("2")
    assert len(asked) == 1
    await click(page, 1)
    await has_taken(page, 2)


async def test_a_key_that_is_held_takes_one(desk: Desk, browser: Browser) -> None:
    page, asked = await morning(desk, browser)
    await page.keyboard.down("n")
    await has_taken(page, 1)
    await page.keyboard.down("n")  # down already: it is repeated
    await page.keyboard.up("n")
    await page.goto(desk.base)  # after all that was asked before
    await expect(page.locator("#lists .queue .count")).to_have_text("2")
    assert len(asked) == 1
    await page.keyboard.press("n")
    await has_taken(page, 2)
