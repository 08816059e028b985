"""The desk on a narrow telephone: what stands over a thread leaves the height to its words."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator
from sqlalchemy import update

from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from tests.browser import PHONE
from tests.served_desk import Desk, open_desk, page_of, taken

pytestmark = pytest.mark.browser
NARROW = PHONE | {"viewport": {"width": 360, "height": 740}}
LONG_NAME = "Maximiliane-Alexandra von Hohenstein-Oberlahnstein"


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def edges(part: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what it shows."""
    box = await part.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("name", ["Anna Berg", LONG_NAME])
async def test_the_head_of_a_thread_has_one_row_of_what_can_be_done(
    desk: Desk, browser: Browser, locale: str, name: str
) -> None:
    watched = await page_of(desk, browser, locale=locale, **NARROW)
    page = watched.page
    number = await taken(desk, page)
    async with desk.store.write() as session:
        await session.execute(update(Customer).where(Customer.name == "Anna Berg").values(name=name))
        known = {"tags": ["vip-customer", "waiting-for-carrier"], "priority": 2, "team": "returns"}
        await session.execute(update(Conversation).where(Conversation.id == number).values(**known))
    await page.reload()
    head = page.locator(".thread-head")
    acts = [head.locator(f'[data-key="{key}"]') for key in ("h", "s", "e")]
    places = [
        await edges(one)
        for one in (*acts, head.locator('form[action$="/release"] button, form[action*="/release?"] button'))
    ]
    _, name_top, _, name_bottom = await edges(head.locator("h1"))
    assert len({top for _, top, _, _ in places}) == 1, places
    for part in (head.locator(".to-panel"), head.locator('[popovertarget="labels"]')):
        _, top, right, bottom = await edges(part)
        assert top < name_bottom
        assert bottom > name_top
        assert right <= 360
    assert max(right for _, _, right, _ in places) <= 360
    assert await head.evaluate("(head) => head.scrollWidth <= head.clientWidth")
    await watched.picture(f"desk-narrow-{locale}-{len(name)}")
    assert await watched.all_complaints() == []
