"""axe-core finds no serious fault on any page (large, dark, narrow, in Chinese), and none is too wide."""

from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_store import canned_replies, drafts, service_cases
from crm_store.articles import ArticleDraft
from crm_store.canned_replies import CannedDraft
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.customers import Customer
from crm_store.service_cases import CaseDraft
from crm_store.settings import StoreSettings
from tests.browser import PHONE
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # every page, thrice; each is looked at whole
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}"""
PAGES = (
    "/sign-in", "/password", "/", "/conversations/5", "/search", "/search?q=lamp", "/search?status=queued",
    "/customers", "/customers/1", "/customers/duplicates", "/cases", "/cases/1", "/articles", "/articles/new",
    "/articles/1", "/gaps", "/articles/confidence", "/drafts", "/drafts/1", "/phrasings", "/canned", "/canned/1",
    "/insights", "/insights/queue", "/team", "/staff", "/preferences", "/settings", "/settings/hours", "/audit",
    "/nothing-here",
)  # fmt: skip
MENUS = (("/conversations/5", ("labels", "snooze", "transfer")), ("/customers/1", ("ban",)))


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        number = await customer_waits(Elsewhere(opened.store, opened.clock), "my lamp flickers")
        async with opened.store.write() as session:
            await canned_replies.create(session, CannedDraft("hours", "From 9 to 18."), now=opened.clock())
            case = CaseDraft(CaseKind.REPAIR, conversation_id=number, reason="flickers")
            await service_cases.open_case(
                session, case, actor="agent:1", now=opened.clock(), settings=StoreSettings()
            )
            one, twin = await session.get_one(Customer, 1), await session.get_one(Customer, 2)
            twin.email = one.email
            unfinished = ArticleDraft("lamp", "Why does my lamp flicker?", (), "It is loose.", "en")
            await drafts.begin(session, unfinished, [], by="agent:1", now=opened.clock())
        yield opened


async def faults(page: Page) -> list[str]:
    """The serious faults of the page as it is now; axe runs outside of the page's own policy of scripts."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN)
    return found


WIDER = """() => [...document.querySelectorAll("html, #main")].filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => `wider than the window: ${one.tagName} ${one.scrollWidth}`)"""

NAMELESS = """() => [
  ...[...document.querySelectorAll("th")].filter((one) => !one.textContent.trim()).map(() => "a header without words"),
  ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
]"""
"""axe calls neither serious."""


async def faults_by_page(desk: Desk, browser: Browser, **options: Any) -> dict[str, list[str]]:
    watched = await page_of(desk, browser, **options)
    page, found = watched.page, dict[str, list[str]]()
    async with desk.store.read() as session:
        asked = await session.scalar(select(Message.id).where(Message.text == "my lamp flickers"))
    for path in (*PAGES, f"/messages/{asked}/correction?text=a"):
        await page.goto(desk.base + path)
        found[path] = await faults(page) + await page.evaluate(WIDER) + await page.evaluate(NAMELESS)
    for path, menus in MENUS:
        await page.goto(desk.base + path)
        for menu in menus:
            await page.evaluate(f"document.getElementById('{menu}').showPopover()")
            await expect(page.locator(f"#{menu}")).to_be_visible()
            found[f"#{menu}"] = await faults(page)
            await page.evaluate(f"document.getElementById('{menu}').hidePopover()")
    await page.context.close()
    return {path: some for path, some in found.items() if some}


async def test_no_page_has_a_serious_fault_in_the_dark(desk: Desk, browser: Browser) -> None:
    assert await faults_by_page(desk, browser, color_scheme="dark") == {}


async def test_no_page_is_wider_than_the_narrowest_phone(desk: Desk, browser: Browser) -> None:
    narrow = PHONE | {"viewport": {"width": 360, "height": 740}}
    assert await faults_by_page(desk, browser, color_scheme="dark", **narrow) == {}


async def test_no_page_has_a_serious_fault_on_a_phone_in_chinese(desk: Desk, browser: Browser) -> None:
    assert await faults_by_page(desk, browser, locale="zh-CN", color_scheme="light", **PHONE) == {}
