"""A note half written stays a note, whatever happens to the page before it is saved: no customer reads it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from crm_store import attendance, handing_on, staff
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.settings import StoreSettings
from tests.served_desk import Desk, open_desk, page_of, taken

pytestmark = pytest.mark.browser
NOTE = "rude on the phone; no goodwill"
TELL = "document.body.dispatchEvent(new CustomEvent('desk:changed'))"


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def open_box(page: Page, number: int) -> None:
    await page.click(f"#line-{number}")
    await page.locator(f"#composer[data-conversation='{number}']").wait_for()


async def shown(page: Page, words: str, *, note: bool) -> None:
    """Waits until the box shows these words, and that they are a note or a reply."""
    await expect(page.locator("#words")).to_have_value(words)
    kind = "Note" if note else "Reply"
    await expect(page.locator("#composer").get_by_label(kind, exact=True)).to_be_checked()
    await expect(page.locator("#composer.is-note")).to_have_count(int(note))


async def written(desk: Desk, number: int) -> list[tuple[str, bool]]:
    """What the agent wrote, and whether it is a note."""
    of_agents = select(Message).where(Message.conversation_id == number, Message.author == "agent")
    async with desk.store.read() as session:
        return [(row.text, row.is_note) for row in await session.scalars(of_agents.order_by(Message.id))]


async def test_a_note_is_one_after_a_reload_another_page_and_another_session(
    desk: Desk, browser: Browser
) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    number = await taken(desk, page)
    await page.keyboard.press("m")
    await page.keyboard.insert_text(NOTE)
    await page.reload()
    await shown(page, NOTE, note=True)
    await watched.picture("desk-note-reloaded")
    await page.goto(f"{desk.base}/customers")
    await page.goto(f"{desk.base}/conversations/{number}")
    await shown(page, NOTE, note=True)
    await page.go_back()
    await page.go_forward()
    await shown(page, NOTE, note=True)
    await page.context.clear_cookies()
    await page.goto(f"{desk.base}/conversations/{number}")
    await expect(page.locator("#by-password")).to_be_visible()
    await page.context.add_cookies([await desk.cookie()])
    await page.goto(f"{desk.base}/conversations/{number}")
    await shown(page, NOTE, note=True)
    await page.press("#words", "Enter")
    await shown(page, "", note=False)
    assert await written(desk, number) == [(NOTE, True)]


async def test_words_keep_their_kind_while_another_conversation_is_open(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    ben = await taken(desk, page, "ben")
    anna = await taken(desk, page)
    await page.keyboard.press("m")
    await page.keyboard.insert_text(NOTE)
    await open_box(page, ben)
    await shown(page, "", note=False)
    await page.fill("#words", "a new one leaves today")
    await open_box(page, anna)
    await shown(page, NOTE, note=True)
    await open_box(page, ben)
    await shown(page, "a new one leaves today", note=False)
    await page.press("#words", "Enter")
    await shown(page, "", note=False)
    await page.go_back()
    await page.locator(f"#composer[data-conversation='{anna}']").wait_for()
    await shown(page, NOTE, note=True)
    await page.press("#words", "Enter")
    await shown(page, "", note=False)
    assert await written(desk, ben) == [("a new one leaves today", False)]
    assert await written(desk, anna) == [(NOTE, True)]
    assert await watched.all_complaints() == []


async def test_words_of_unknown_kind_are_a_note_until_somebody_says_otherwise(
    desk: Desk, browser: Browser
) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.evaluate(f"sessionStorage.setItem('frontdesk-draft-{number}', '{NOTE}')")
    await page.reload()
    await shown(page, NOTE, note=True)
    await page.locator("#composer").get_by_text("Reply", exact=True).click()
    await page.reload()
    await shown(page, NOTE, note=False)


async def test_a_note_to_a_colleague_stays_one_when_the_conversation_comes_over(
    desk: Desk, browser: Browser
) -> None:
    page = (await page_of(desk, browser)).page
    number = await taken(desk, page)
    await page.fill("#words", "it leaves today")
    async with desk.store.write() as session:
        tom = await staff.create_agent(session, name="Tom", role=staff.Role.ADMIN, now=desk.clock())

    async def held_by(agent: int, before: int) -> None:
        async with desk.store.write() as session:
            by, now = await staff.get_agent(session, agent), desk.clock()
            await attendance.set_presence(session, by, "online", now=now)
            await handing_on.take_over(
                session, number, by, held_by=before, now=now, settings=StoreSettings(_env_file=None)
            )
        await page.evaluate(TELL)
        writable = "yes" if agent == desk.agent_id else "note"
        await expect(page.locator("#thread")).to_have_attribute("data-writable", writable)

    await held_by(tom.id, desk.agent_id)
    await shown(page, "it leaves today", note=True)
    await held_by(desk.agent_id, tom.id)
    await shown(page, "it leaves today", note=False)  # as it was begun
    await held_by(tom.id, desk.agent_id)
    await page.fill("#words", NOTE)
    await held_by(desk.agent_id, tom.id)
    await shown(page, NOTE, note=True)
    await page.press("#words", "Enter")
    await shown(page, "", note=False)
    assert await written(desk, number) == [(NOTE, True)]
