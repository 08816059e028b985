"""Files in the web chat, in a real browser: chosen, pasted, dropped, shown, saved, refused."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect
from sqlalchemy import select

from crm_store import conversations, stored_files
from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.browser import PHONE, Watched, watch
from tests.pictures import HTML, PDF, PNG
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def visit(browser: Browser, site: Site, **context: object) -> Watched:
    options = {"locale": "en-GB", "reduced_motion": "reduce", **context}
    watched = await watch(await browser.new_context(**options))  # type: ignore[arg-type]
    await watched.page.goto(site.url)
    await expect(watched.page.locator("body")).not_to_have_class("offline")
    return watched


async def choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": mime, "buffer": content} for name, mime, content in files
    ]
    await page.locator("#file").set_input_files(payloads)


async def is_drawn(page: Page, count: int = 1) -> None:
    """So many pictures are there, decoded."""
    await page.wait_for_function(
        "count => [...document.querySelectorAll('.picture')].filter((one) => one.naturalWidth > 0).length === count",
        arg=count,
    )


async def attachments(site: Site) -> list[tuple[str, str, str]]:
    async with site.house.store.read() as session:
        rows = await session.scalars(
            select(Message).where(Message.attachment.is_not(None)).order_by(Message.id)
        )
        return [(row.kind, row.text, row.attachment["name"]) for row in rows]  # type: ignore[index]


async def test_a_photo_with_words_is_sent_and_is_there_after_a_reload(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site, **PHONE)
    page = watched.page
    await choose(page, ("lamp.png", "image/png", PNG))
    await expect(page.locator("#tray")).to_contain_text("lamp.png")
    await page.locator("#text").fill("my broken lamp")
    await watched.picture("web-phone-tray")
    await page.locator("#send").tap()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    await expect(page.locator("#tray")).to_be_hidden()
    await is_drawn(page)
    await page.reload()
    await is_drawn(page)
    await expect(page.locator(".line.customer .text")).to_have_text("my broken lamp")
    await watched.picture("web-phone-photo")
    assert await attachments(site) == [("photo", "my broken lamp", "lamp.png")]
    assert await watched.all_complaints() == []


async def test_an_agents_picture_is_shown_and_a_file_saved(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await page.locator("#person").click()
    await expect(page.locator(".line.bot:not(.hello)")).to_be_visible()
    ann = await site.house.agent()
    now = site.house.clock()
    for content, name in ((PNG, "plan.png"), (PDF, "bill.pdf")):
        taken = await site.lobby.files.keep(content, name)
        async with site.house.store.write() as session:
            lane = await stored_files.lane_of(session, await conversations.get(session, 1))
            row = await stored_files.add(session, taken, lane=lane, now=now, claimed_by="agent:1")
            told = stored_files.attachment(row)
            await conversations.reply(session, 1, ann, "", now=now, attachment=told, kind=told["type"])
    await is_drawn(page)
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download bill.pdf").click()
    download = await downloading.value
    await download.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == PDF
    assert download.suggested_filename == "bill.pdf"
    assert await watched.all_complaints() == []


async def test_a_page_that_calls_itself_a_picture_runs_nowhere(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await choose(
        page, ("cat.png", "image/png", HTML), ("<img src=x onerror=alert(1)>.txt", "text/html", HTML)
    )
    await page.locator("#send").click()
    await expect(page.locator(".line.customer")).to_have_count(2)
    await expect(page.locator(".line.bot:not(.hello)")).to_have_count(2)
    await page.reload()
    await expect(page.get_by_role("button", name="Download cat.png")).to_be_visible()
    await expect(page.locator(".picture")).to_have_count(0)
    assert await page.evaluate("window.hacked") is None
    assert await watched.all_complaints() == []


async def test_pasted_and_dropped_files_wait_in_the_tray(site: Site, browser: Browser) -> None:
    page = (await visit(browser, site)).page
    encoded = base64.b64encode(PNG).decode()
    for kind, carrier in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        await page.evaluate(
            """([kind, carrier, encoded]) => {
              const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
              const data = new DataTransfer();
              data.items.add(new File([bytes], `${kind}.png`, { type: "image/png" }));
              const make = { paste: ClipboardEvent, drop: DragEvent }[kind];
              document.body.dispatchEvent(new make(kind, { [carrier]: data, bubbles: true, cancelable: true }));
            }""",
            [kind, carrier, encoded],
        )
    await expect(page.locator("#tray li")).to_have_count(2)
    await page.get_by_role("button", name="Remove paste.png").click()
    await page.locator("#send").click()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    await is_drawn(page)
    assert await attachments(site) == [("photo", "", "drop.png")]


async def test_a_file_that_is_too_large_is_told_at_once(site: Site, browser: Browser) -> None:
    page = (await visit(browser, site)).page
    await choose(page, ("film.mov", "video/quicktime", b"x" * (1024 * 1024 + 1)))
    await expect(page.locator("#notice")).to_have_text("film.mov is too large. Files may have up to 1 MB.")
    await expect(page.locator("#tray")).to_be_hidden()
    await expect(page.locator("#send")).to_be_disabled()


async def test_an_empty_file_is_told_at_once(site: Site, browser: Browser) -> None:
    watched = await visit(browser, site)
    page = watched.page
    await choose(page, ("zero.txt", "text/plain", b""), ("bill.pdf", "application/pdf", PDF))
    await expect(page.locator("#notice")).to_have_text("zero.txt is empty; choose another file.")
    await watched.picture("web-empty-file")
    await expect(page.locator("#tray li")).to_have_count(1)
    await page.locator("#send").click()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    assert await attachments(site) == [("file", "", "bill.pdf")]


async def test_a_broken_line_fails_visibly_and_a_new_try_sends_it_once(site: Site, browser: Browser) -> None:
    page = (await visit(browser, site)).page
    await page.route("**/upload", lambda route: route.abort())
    await choose(page, ("bill.pdf", "application/pdf", PDF))
    await page.locator("#send").click()
    again = page.get_by_role("button", name="Try again")
    await expect(again).to_be_visible()
    await expect(page.locator("#notice")).to_have_text("bill.pdf could not be sent.")
    await page.unroute("**/upload")
    await again.click()
    await expect(page.get_by_role("img", name="Sent")).to_be_visible()
    assert not await page.locator("#notice").is_visible(), "what is sent is no longer told of as failed"
    assert await attachments(site) == [("file", "", "bill.pdf")]
