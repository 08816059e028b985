"""The desk in a real browser: a morning's work live, hostile words, a phone, the dark, two languages."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from crm_store import conversations, staff
from crm_store.engine import Store, open_store, watch
from tests.browser import PHONE, Watched
from tests.browser import watch as watch_page
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"
PAGES = (
    "/",
    "OPEN",
    "/customers",
    "/customers/1",
    "/articles",
    "/articles/1",
    "/gaps",
    "/phrasings",
    "/drafts",
    "/insights",
    "/staff",
    "/search",
    "/search?status=queued",
    "/cases",
    "/canned",
    "/preferences",
    "/settings",
    "/audit",
)


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def assert_clean(watched: Watched) -> None:
    assert await watched.page.evaluate("window.hit") is None
    assert await watched.all_complaints() == []


async def write(page: Page, words: str) -> None:
    await page.fill("#words", words)
    await page.press("#words", "Enter")
    await expect(page.locator("#words")).to_have_value("")


async def arrive(desk: Desk, watched: Watched) -> None:
    """Sign in by the printed address and say that one is there."""
    page, code = watched.page, await desk.code()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    await page.goto(f"{desk.base}/sign-in#{code}")
    await expect(page.locator("#code")).to_have_value(code)
    assert not any(code in one for one in asked), "what follows # reaches no server and no log"
    assert code not in page.url
    await watched.picture("desk-sign-in")
    await page.click("#by-code button")
    await page.get_by_role("link", name="Not now").click()
    await expect(page.get_by_text("Nobody is waiting").first).to_be_visible()
    await page.get_by_role("button", name="Online").click()


async def test_a_morning_from_the_code_to_the_stars(desk: Desk, browser: Browser) -> None:
    watched = await watch_page(await browser.new_context(timezone_id="Europe/Berlin", locale="en-GB"))
    page = watched.page
    await arrive(desk, watched)
    await desk.waiting("my lamp broke on the second day", address="anna")
    queued = page.locator("#lists .line", has_text="my lamp broke")
    await expect(queued).to_be_visible()
    await expect(page).to_have_title("(1) Desk · Frontdesk")
    await watched.picture("desk-queue")

    await page.keyboard.press("n")
    await expect(page.locator("#thread .badge.assigned")).to_be_visible()
    await write(page, "I am sorry! A new one leaves today.")
    sent = page.locator(".message.agent", has_text="A new one leaves today.")
    await expect(sent.locator(".tick")).to_have_text("Delivered")
    assert desk.house.postbox.taken[-1].text == "I am sorry! A new one leaves today."
    await write(page, "// third lamp of this batch")
    await expect(page.locator(".message.note")).to_contain_text("third lamp of this batch")

    await desk.house.say("thank you so much", address="anna")
    await expect(page.locator(".message.customer .bubble").last).to_have_text("thank you so much")
    await expect(page.locator(".message").last).to_be_in_viewport()
    await watched.picture("desk-thread")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await expect(page.locator("#thread .badge.resolved")).to_be_visible()
    await expect(page.locator("#composer")).to_be_hidden()
    await desk.house.settle()
    said = [outgoing.text for outgoing in desk.house.postbox.taken]
    assert not any("third lamp" in text for text in said), "a note reaches no customer"
    assert any(outgoing.is_rating for outgoing in desk.house.postbox.taken), said
    await assert_clean(watched)


async def test_what_is_being_written_survives_what_comes_in(desk: Desk, browser: Browser) -> None:
    await desk.waiting("hello?", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.click("#lists .line")
    await page.get_by_role("button", name="Take", exact=True).click()
    await page.fill("#words", "I am just loo")
    for words in ("are you there?", "hello??"):
        await desk.house.say(words, address="anna")
        await expect(page.locator(".message.customer .bubble").last).to_have_text(words)
    await page.keyboard.type("king")
    await expect(page.locator("#words")).to_have_value("I am just looking")
    await page.reload()
    await expect(page.locator("#words")).to_have_value("I am just looking")
    await assert_clean(watched)


async def test_unread_marks_count_until_the_conversation_was_open(desk: Desk, browser: Browser) -> None:
    await desk.waiting("first", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await write(page, "One moment.")
    await page.get_by_role("link", name="Desk", exact=True).click()
    for words in ("and also", "this"):
        await desk.house.say(words, address="anna")
    mark = page.locator("#lists .line .unread")
    await expect(mark).to_have_text("2")
    await expect(page).to_have_title("(2) Desk · Frontdesk")
    await page.click("#lists .line")
    await expect(mark).to_be_hidden()
    await assert_clean(watched)


async def test_what_another_process_writes_is_seen(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    watching = asyncio.create_task(watch(desk.store))
    other = open_store(desk.store.url.render_as_string(hide_password=False))
    try:
        await watched.page.goto(desk.base)
        await expect(watched.page.get_by_text("Nobody is waiting").first).to_be_visible()
        await asyncio.sleep(0.5)  # the watch has looked once
        await customer_waits(Elsewhere(other, desk.clock), "written elsewhere")
        await expect(watched.page.locator("#lists .line", has_text="written elsewhere")).to_be_visible()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await other.close()


async def test_hostile_words_run_nowhere(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(Elsewhere(desk.store, desk.clock), HOSTILE, name=HOSTILE, address=HOSTILE)
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    await expect(page.locator(".message.customer .bubble")).to_have_text(HOSTILE)
    await page.get_by_role("button", name="Take", exact=True).click()
    await write(page, f"// {HOSTILE}")
    await expect(page.locator(".message.note .bubble")).to_have_text(HOSTILE)
    async with desk.store.read() as session:
        customer_id = (await conversations.get(session, number)).customer_id
    for path in ("/", f"/customers/{customer_id}", "/customers", f"/conversations/{number}"):
        await page.goto(desk.base + path)
        await expect(page.get_by_text("<script>window.hit=1").first).to_be_visible()
    await assert_clean(watched)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_fits_a_phone_in_chinese_and_in_the_dark(
    desk: Desk, browser: Browser, path: str
) -> None:
    await desk.waiting("我的灯坏了 " + "很" * 60, address="wei")
    number = 5 if path == "OPEN" else 0
    address = f"/conversations/{number}" if number else path
    for scheme in ("light", "dark"):
        watched = await page_of(desk, browser, locale="zh-CN", color_scheme=scheme, **PHONE)
        page = watched.page
        await page.goto(desk.base + address)
        await expect(page.locator("html")).to_have_attribute("lang", "zh")
        for part in ("html", "#main"):
            widths = await page.locator(part).evaluate("(part) => [part.scrollWidth, part.clientWidth]")
            assert widths[0] <= widths[1], (part, widths)
        name = address.strip("/").replace("/", "-") or "desk"
        await watched.picture(f"desk-phone-{scheme}-{name}")
        await assert_clean(watched)
        await page.context.close()


async def test_the_keyboard_is_enough(desk: Desk, browser: Browser) -> None:
    await desk.waiting("one", address="anna")
    await desk.waiting("two", address="ben")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("?")
    await expect(page.locator("#shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread")).to_be_visible()
    await page.keyboard.press("t")
    await expect(page.locator("#thread .badge.assigned")).to_be_visible()
    await page.keyboard.press("m")
    await page.keyboard.type("written without a mouse")
    await expect(page.locator("#composer")).to_have_class("composer is-note")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.note .bubble")).to_have_text("written without a mouse")
    await assert_clean(watched)


async def test_handing_on_needs_no_mouse_and_survives_what_comes_in(desk: Desk, browser: Browser) -> None:
    async with desk.store.write() as session:
        await staff.create_agent(session, name="Ida", role=staff.Role.AGENT, now=desk.clock(), team="night")
    await desk.waiting("one", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(desk.base)
    await page.keyboard.press("n")
    await expect(page.locator("#words")).to_be_visible()
    await page.keyboard.press("h")
    menu = page.locator("#transfer")
    await expect(menu.locator("select")).to_be_focused()
    await page.keyboard.type("night")
    await desk.house.say("and this", address="anna")
    await expect(page.locator(".message.customer").last).to_contain_text("and this")
    await expect(menu.locator("select")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("lamps, please")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread .badge.queued")).to_be_visible()
    await expect(page.locator(".message.note")).to_contain_text("lamps, please")
    await expect(menu).to_be_hidden()
    await assert_clean(watched)


async def test_scores_are_computed_and_plotted(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/insights")
    await expect(page.locator("#ratings-plot canvas")).to_be_visible()
    await page.get_by_role("button", name="Compute scores now").click()
    await expect(page.get_by_text("Scores and segments are computed.")).to_be_visible()
    await expect(page.locator(".segment-row").first).to_be_visible()
    await expect(page.locator("#ratings-plot canvas")).to_be_visible()
    await expect(page.locator("#segments-plot canvas")).to_be_visible()
    await watched.picture("desk-insights")
    await page.goto(f"{desk.base}/customers/1")
    await expect(page.locator(".score")).to_have_count(5)
    await watched.picture("desk-customer")
    await assert_clean(watched)


async def test_a_refused_form_keeps_what_was_typed(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/staff")
    form = page.locator("form[action^='/staff?']")
    await form.get_by_label("Name").fill("Mara Lindqvist")
    await form.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Somebody else has “Mara Lindqvist” already")
    await expect(form.get_by_label("Name")).to_have_value("Mara Lindqvist")
    await form.get_by_label("Name").fill("Noor Haddad")
    await form.get_by_role("button").click()
    await expect(page.locator(".secret")).to_be_visible()
    assert page.url == f"{desk.base}/staff"
    await watched.picture("desk-staff")
