"""Files of an article, the whole way in real browsers: attached on the desk, brought by the answer in the web chat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, FilePayload, expect

from crm_store import articles, publishing
from crm_store.engine import Store
from crm_store.tasks import ended
from knowledge_base.articles import Article
from tests.browser import watch
from tests.desk_stage import customer_waits
from tests.pictures import HTML, PDF, PNG
from tests.served_desk import Desk, Elsewhere, desk_of, page_of, said
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser
LABEL: FilePayload = {"name": "label.pdf", "mimeType": "application/pdf", "buffer": PDF}
WAY: FilePayload = {"name": "way.png", "mimeType": "image/png", "buffer": PNG}
PAGE: FilePayload = {"name": "page.html", "mimeType": "text/html", "buffer": HTML}
ANSWER = "Start a return in your account within 30 days."


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    """A web chat whose knowledge base follows what is published."""
    async with open_site(sqlite_store) as opened:
        await opened.house.knowledge.refresh()
        following = asyncio.create_task(opened.house.knowledge.follow())
        yield opened
        await ended(following)


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    async with desk_of(site.house) as opened:
        yield opened


async def number_of(desk: Desk, key: str) -> int:
    async with desk.store.read() as session:
        found = await articles.find(session, key, "en")
    assert found is not None
    return found.id


async def comes_with_the_answer(site: Site, browser: Browser) -> None:
    """A visitor of the web chat asks, gets both files once, and has them still after a reload."""
    visitor = await watch(await browser.new_context(locale="en-GB", reduced_motion="reduce"))
    chat = visitor.page
    await chat.goto(site.url)
    await expect(chat.locator("body")).not_to_have_class("offline")
    async with asyncio.timeout(60):
        while "Print the label." not in str(site.house.knowledge.edition.article("returns", "en")):
            await asyncio.sleep(0.05)
    await chat.locator("#text").fill("return policy")
    await chat.locator("#send").click()
    await expect(chat.get_by_text("label.pdf")).to_be_visible()
    drawn = (
        "() => [...document.querySelectorAll('.picture')].filter((one) => one.naturalWidth > 0).length === 1"
    )
    await chat.wait_for_function(drawn)
    async with chat.expect_download() as saved:
        await chat.get_by_text("label.pdf").click()
    assert (await (await saved.value).path()).read_bytes() == PDF
    await chat.reload()
    await chat.wait_for_function(drawn)
    await expect(chat.get_by_text("label.pdf")).to_have_count(1)
    await visitor.picture("web-answer-with-files")
    assert await visitor.all_complaints() == []


async def test_what_is_attached_on_the_desk_comes_with_the_answer(
    site: Site, desk: Desk, browser: Browser
) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/articles/{await number_of(desk, 'returns')}")
    files, picker = page.locator("#answer-files li"), page.get_by_label("Files with the answer")
    answer = page.locator("textarea[name=answer]")
    await answer.fill(f"{ANSWER} Print the label.")
    await picker.set_input_files([LABEL, WAY, PAGE])
    await page.get_by_role("button", name="Attach").click()
    await expect(files).to_have_count(2)
    await expect(page.locator("#notices")).to_contain_text("page.html is of a kind that does not go along")
    await expect(answer).to_have_value(f"{ANSWER} Print the label.")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Published.")).to_be_visible()
    preview = page.locator("#answer-preview .bubble")
    await expect(preview).to_have_text([f"{ANSWER} Print the label.", "label.pdf", ""])
    await watched.picture("desk-article-files")

    await comes_with_the_answer(site, browser)
    await page.get_by_role("button", name="Take label.pdf away").click()
    await expect(files).to_have_count(1)
    await expect(page.locator("#answer-preview .bubble")).to_have_count(2)
    assert [one for one in watched.complaints if "422" not in one] == []


async def test_a_file_is_not_put_over_what_a_colleague_published_meanwhile(
    desk: Desk, browser: Browser
) -> None:
    page = (await page_of(desk, browser)).page
    number = await number_of(desk, "returns")
    await page.goto(f"{desk.base}/articles/{number}")
    async with desk.store.write() as session:
        present = await articles.get(session, number)
        new = replace(present.draft, answer="By post.")
        await publishing.change(session, number, new, version=present.version, by="Ben", now=desk.clock())
    await page.get_by_label("Files with the answer").set_input_files([LABEL, WAY])
    await page.get_by_role("button", name="Attach").click()
    await expect(page.locator("#notices")).to_contain_text("changed")
    await expect(page.locator("#answer-files li")).to_have_count(0)
    async with desk.store.read() as session:
        found = await articles.get(session, number)
    assert (found.draft.answer, found.draft.attachments) == ("By post.", ())


async def test_a_suggested_answer_brings_its_files_with_one_click(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/articles/{await number_of(desk, 'returns')}")
    await page.get_by_label("Files with the answer").set_input_files([LABEL, WAY])
    await page.get_by_role("button", name="Attach").click()
    await expect(page.locator("#answer-files li")).to_have_count(2)
    async with desk.store.read() as session:
        found = await articles.find(session, "returns", "en")
    assert found is not None
    draft = found.draft
    desk.shelf.fill(
        Article(draft.key, draft.question, draft.phrasings, draft.answer, attachments=draft.attachments)
    )
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "return policy", address="anna")
    await page.goto(f"{desk.base}/conversations/{number}")
    offered = page.locator(".suggestion", has_text="Start a return")
    await expect(offered.locator(".carried")).to_have_text(["label.pdf", "way.png"])
    chosen = page.locator(".chosen-files li")
    await offered.click()
    await expect(chosen).to_have_text(["label.pdf×", "way.png×"])
    await expect(page.locator("#words")).to_have_value(ANSWER)
    await watched.picture("desk-suggestion-files")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.agent .attached")).to_have_count(2)
    await expect(chosen).to_have_count(0)
    assert await said(desk, number) == [(ANSWER, "label.pdf"), ("", "way.png")]
    assert await watched.all_complaints() == []
