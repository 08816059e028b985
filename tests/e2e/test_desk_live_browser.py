"""Two people at the desk at once, and one person on two devices, in a real browser."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from admin_api.desk.work import SHOWN_MESSAGES
from crm_store import sign_in, staff
from crm_store.engine import Store
from tests.browser import watch as watch_page
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_store) as opened:
        yield opened


async def test_who_is_replying_is_seen_by_the_other(desk: Desk, browser: Browser) -> None:
    await desk.waiting("hello?", address="anna")
    async with desk.store.write() as session:
        other = await staff.create_agent(session, name="Noor Haddad", role=staff.Role.AGENT, now=desk.clock())
        started = await sign_in.start_session(session, other.id, now=desk.clock())
    mara = await page_of(desk, browser)
    context = await browser.new_context(locale="en-GB")
    await context.add_cookies([{"name": "frontdesk_staff", "value": started.token, "url": desk.base}])
    noor = await watch_page(context)
    for watched in (mara, noor):
        await watched.page.goto(desk.base)
        await watched.page.click("#lists .line")
        await expect(watched.page.locator("#words")).to_be_visible()
    await mara.page.locator("#words").press_sequentially("One moment")
    typing = noor.page.locator(".typing")
    await expect(typing).to_have_text("Mara Lindqvist is replying")
    await noor.picture("desk-typing")
    await mara.page.locator("#words").fill("")
    await expect(typing).to_have_count(0)
    for watched in (mara, noor):
        assert await watched.all_complaints() == []


async def test_what_was_read_on_one_device_is_read_on_the_other(desk: Desk, browser: Browser) -> None:
    await desk.waiting("first", address="anna")
    one, two = await page_of(desk, browser), await page_of(desk, browser)
    await one.page.goto(desk.base)
    await one.page.keyboard.press("n")
    await expect(one.page.locator("#words")).to_be_visible()
    await one.page.get_by_role("link", name="Desk", exact=True).click()
    await two.page.goto(desk.base)
    await desk.house.say("and this", address="anna")
    await expect(two.page.locator("#lists .line .unread")).to_have_text("1")
    async with one.page.expect_response("**/desk/seen"):
        await one.page.click("#lists .line")
    await two.page.reload()
    await expect(two.page.locator("#lists .line")).to_be_visible()
    await expect(two.page.locator("#lists .line .unread")).to_be_hidden()
    await expect(two.page).to_have_title("Desk · Frontdesk")
    for watched in (one, two):
        assert await watched.all_complaints() == []


async def test_notifications_come_only_to_who_turned_them_on(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser, permissions=["notifications"])
    page = watched.page
    await page.add_init_script(
        """window.told = [];
        window.Notification = class { static permission = "granted";
          static requestPermission() { return Promise.resolve("granted"); }
          constructor(title, options) { window.told.push(options.body); }
          addEventListener(event, act) { window.press = act; }
          close() {} };
        Object.defineProperty(document, "hidden", { get: () => window.isAway === true });"""
    )
    for turned_on in (False, True):
        if turned_on:
            await page.goto(f"{desk.base}/preferences")
            await page.get_by_role("button", name="Turn on").click()
            await watched.picture("desk-preferences")
        await page.goto(desk.base)
        await expect(page.locator("#lists")).to_be_visible()
        await page.evaluate("window.isAway = true")
        await desk.waiting("hello", address=f"somebody-{turned_on}")
        await expect(page).to_have_title(f"({1 + turned_on}) Desk · Frontdesk")
        if turned_on:
            await page.wait_for_function("window.told.length > 0")
            await page.evaluate("window.isAway = false, window.press()")
            await expect(page.locator("#thread")).to_contain_text("hello")
        else:
            assert await page.evaluate("window.told") == []
    assert await watched.all_complaints() == []


async def test_the_team_page_follows_the_queue_by_itself(desk: Desk, browser: Browser) -> None:
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/team")
    waiting = page.locator("#team .figure .value").first
    await expect(waiting).to_have_text("0")
    await desk.waiting("hello?", address="anna")
    await expect(waiting).to_have_text("1")
    await watched.picture("desk-team")
    assert await watched.all_complaints() == []


async def test_the_title_counts_on_every_page(desk: Desk, browser: Browser) -> None:
    await desk.waiting("first", address="anna")
    watched = await page_of(desk, browser)
    page = watched.page
    await page.clock.install()
    await page.goto(f"{desk.base}/customers")
    await expect(page).to_have_title("(1) Customers · Frontdesk")
    await desk.waiting("hello", address="ben")
    await page.clock.fast_forward(10_000)
    await expect(page).to_have_title("(2) Customers · Frontdesk")
    await page.goto(desk.base)
    await expect(page).to_have_title("(2) Desk · Frontdesk")
    for words in ("first", "hello"):
        await page.keyboard.press("n")
        await expect(page.locator("#thread")).to_contain_text(words)
        await expect(page.locator("#thread[data-last]")).to_be_visible()
    await expect(page).to_have_title(re.compile(r"^[^(].*Desk · Frontdesk$"))
    await desk.house.say("and this", address="anna")
    await desk.house.say("and that", address="ben")
    await page.goto(f"{desk.base}/preferences")
    await expect(page).to_have_title("(2) Preferences · Frontdesk")
    assert await watched.all_complaints() == []


async def test_earlier_messages_come_above_and_the_place_is_kept(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(
        Elsewhere(desk.store, desk.clock), *(f"word {n}." for n in range(SHOWN_MESSAGES + 20))
    )
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    first = page.locator(".message", has_text="word 20.")
    link = page.get_by_role("link", name="Show earlier messages")
    await link.scroll_into_view_if_needed()
    before = await first.bounding_box()
    await link.click()
    await expect(page.locator(".message")).to_have_count(SHOWN_MESSAGES + 20)
    await expect(link).to_have_count(0)
    after = await first.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 60, "only the link and the day above it are gone"
    async with page.expect_response("**/thread?since=*"):
        await page.evaluate("htmx.trigger(document.body, 'desk:changed')")
    await expect(page.locator(".message")).to_have_count(SHOWN_MESSAGES + 20)
    assert await watched.all_complaints() == []


async def test_who_has_just_scrolled_up_is_not_taken_back_down(desk: Desk, browser: Browser) -> None:
    number = await customer_waits(
        Elsewhere(desk.store, desk.clock), *(f"word {n}." for n in range(SHOWN_MESSAGES))
    )
    watched = await page_of(desk, browser)
    page = watched.page
    await page.goto(f"{desk.base}/conversations/{number}")
    # In one go, as the event that tells of scrolling comes only with the next frame.
    scrolled_and_refreshed = """to => {
        const list = document.querySelector("#messages");
        list.scrollTop = to;
        document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { ctx: {} } }));
        return [list.scrollTop, list.scrollHeight - list.clientHeight];
    }"""
    place, end = await page.evaluate(scrolled_and_refreshed, 1e6)
    assert place == pytest.approx(end, abs=1), "the reader was at the end and stays there"
    place, end = await page.evaluate(scrolled_and_refreshed, 100)
    assert (place, end > 1000) == (100, True)
    assert await watched.all_complaints() == []
