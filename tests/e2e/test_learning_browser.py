"""Learning in a real browser: a reply becomes an article, a choice a phrasing, and a change is tried first."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from crm_store import conversations
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.knowledge import ArticleRow
from crm_store.models.staff import Agent
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser
DOUBT = "is there a guarantee for broken stuff"


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def _replied(desk: Desk) -> int:
    """The conversation of a customer whose question an agent has answered."""
    await desk.waiting("Hello, can you engrave a name on ring 77123456?", address="ada")
    async with desk.store.write() as session:
        [waiting] = await conversations.page(session, status=Status.QUEUED, limit=1)
        agent = await session.get_one(Agent, desk.agent_id)
        words = "Yes, Ada: engraving costs 9 euros, write to engraving@harbour.example."
        await conversations.reply(session, waiting.id, agent, words, now=desk.clock())
    return waiting.id


async def test_a_reply_becomes_an_article(desk: Desk, browser: Browser) -> None:
    number = await _replied(desk)
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    await page.get_by_role("button", name="Make an article").click()
    await expect(page.locator("textarea[name=answer]")).to_have_value(
        "Yes, Ada: engraving costs 9 euros, write to […]."
    )
    await expect(page.locator("textarea[name=phrasings]")).not_to_contain_text("77123456")
    await page.fill("textarea[name=answer]", "Yes, for 9 euros.")
    await page.get_by_role("button", name="Try on real questions").click()
    await expect(page.locator("#trial h2")).to_have_text("What this change would do")
    await watched.picture("desk-draft")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Published.")).to_be_visible()
    await expect(page.get_by_text("Answering alone")).to_be_visible()
    await page.get_by_role("button", name="Try on real questions").click()
    await expect(page.locator("#trial h2")).to_have_text("What this change would do")
    await watched.picture("desk-article-tried")
    await page.goto(f"{desk.base}/drafts")
    await expect(page.get_by_text("No drafts")).to_be_visible()
    assert await watched.all_complaints() == []


async def test_a_choice_becomes_a_phrasing(desk: Desk, browser: Browser) -> None:
    for address in ("ann", "bob"):
        said = await desk.house.say(DOUBT, address=address)
        await desk.house.press(said[-1], said[-1].choices.index("Is there a warranty?"))
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/phrasings")
    await expect(page.get_by_text(DOUBT)).to_be_visible()
    await expect(page.get_by_text("2 say so")).to_be_visible()
    await watched.picture("desk-phrasings")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Nothing is proposed")).to_be_visible()
    async with desk.store.read() as session:
        kept = await session.scalar(select(ArticleRow.phrasings).where(ArticleRow.key == "warranty"))
    assert DOUBT in (kept or [])
    assert await watched.all_complaints() == []
