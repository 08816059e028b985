"""A response target near its end, or broken, is told on the open desk by itself: once, until it is settled."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from bot.dispatch import Timekeeper
from crm_store import conversations, queue, staff
from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.browser import Watched
from tests.served_desk import Desk, open_desk, page_of

pytestmark = pytest.mark.browser
RULES = StoreSettings(
    _env_file=None, response_targets="first 20m", first_reply_minutes=0, handoff_notice_minutes=0
)
AWAY = """window.told = [];
window.Notification = class { static permission = "granted";
  constructor(title, options) { window.told.push(options.body); }
  addEventListener() {} close() {} };
localStorage.setItem("frontdesk-notify", "yes");
Object.defineProperty(document, "hidden", { get: () => window.isAway === true });"""


@dataclass
class Promising:
    """A desk that promises a first reply within 20 minutes."""

    desk: Desk
    keeper: Timekeeper

    async def pass_minutes(self, count: int) -> None:
        self.desk.clock.advance(timedelta(minutes=count))
        await self.keeper.fire_due()

    async def waiting(self, address: str) -> int:
        """The conversation of a customer who waits from now on."""
        await self.desk.waiting("my lamp broke", address=address)
        await self.keeper.fire_due()
        async with self.desk.store.read() as session:
            return (await queue.listing(session, now=self.desk.clock()))[-1].conversation.id


@pytest.fixture
async def promising(sqlite_store: Store) -> AsyncIterator[Promising]:
    async with open_desk(sqlite_store, targets=RULES.response_targets) as desk:
        yield Promising(desk, Timekeeper(desk.store, desk.clock, RULES))


async def opened(promising: Promising, browser: Browser, path: str = "/") -> tuple[Watched, Page]:
    watched = await page_of(promising.desk, browser)
    await watched.page.add_init_script(AWAY)
    await watched.page.goto(f"{promising.desk.base}{path}")
    return watched, watched.page


REFRESH = "htmx.trigger(document.body, 'desk:changed')"


async def test_a_breach_is_told_once_and_until_it_is_settled(promising: Promising, browser: Browser) -> None:
    number = await promising.waiting("anna")
    watched, page = await opened(promising, browser)
    bar = page.locator("#alerts")
    await expect(page.locator("#lists .line")).to_have_count(1)
    await expect(bar).to_be_hidden()
    await page.evaluate("window.isAway = true")
    await promising.pass_minutes(16)
    await expect(bar).to_contain_text("First reply is due at")
    await expect(page).to_have_title("(1) Desk · Frontdesk")
    await promising.pass_minutes(5)
    await expect(bar).to_contain_text("First reply was due at")
    await expect(page).to_have_title("❗ (1) Desk · Frontdesk")
    badge = page.locator(f"#line-{number} .badge.overdue")
    await expect(badge).to_have_text("First reply overdue for 1 min")
    right = "badge => badge.getBoundingClientRect().right - badge.parentElement.getBoundingClientRect().right"
    assert await badge.evaluate(right) <= 0, "it is not cut off with what does not fit beside it"
    await watched.picture("desk-alerts")
    for _ in range(2):
        await promising.pass_minutes(5)
        async with page.expect_response("**/desk/lists*"):
            await page.evaluate(REFRESH)
    told = await page.evaluate("window.told")
    assert [one.partition(" at ")[0] for one in told] == ["First reply is due", "First reply was due"]
    assert all(one.endswith(f"· #{number}") for one in told), "and no name, for whoever passes"
    async with promising.desk.store.write() as session:
        agent = await staff.get_agent(session, promising.desk.agent_id)
        await conversations.reply(session, number, agent, "Here I am.", now=promising.desk.clock())
    await expect(bar).to_be_hidden()
    await expect(page).to_have_title("Desk · Frontdesk")
    assert await watched.all_complaints() == []


async def test_what_was_closed_stays_closed_and_the_next_one_is_told(
    promising: Promising, browser: Browser
) -> None:
    first = await promising.waiting("anna")
    await promising.pass_minutes(1)
    await promising.waiting("ben")
    watched, page = await opened(promising, browser)
    bar = page.locator("#alerts")
    await promising.pass_minutes(19)
    await expect(bar.locator("li")).to_have_count(2)
    await bar.get_by_role("button", name="Close").click()
    await expect(bar).to_be_hidden()
    await expect(page).to_have_title("(2) Desk · Frontdesk")
    await page.reload()
    await expect(page).to_have_title("(2) Desk · Frontdesk")
    await expect(bar).to_be_hidden()
    await promising.pass_minutes(1)
    await expect(bar.locator("li")).to_have_count(1)
    await expect(page).to_have_title("❗ (2) Desk · Frontdesk")
    await page.goto(f"{promising.desk.base}/customers")
    await expect(page).to_have_title("❗ (2) Customers · Frontdesk")
    await bar.get_by_role("link").click()
    await expect(page.locator("#thread")).to_contain_text("my lamp broke")
    assert page.url.rpartition("/")[2] != str(first)
    await expect(bar).to_be_hidden()
    assert await watched.all_complaints() == []


async def test_of_many_a_few_are_named(promising: Promising, browser: Browser) -> None:
    for n in range(5):
        await promising.waiting(f"nr-{n}")
    watched, page = await opened(promising, browser)
    await promising.pass_minutes(25)
    bar = page.locator("#alerts")
    await expect(bar.locator("li")).to_have_count(3)
    await expect(bar).to_contain_text("and 2 more")
    assert await watched.all_complaints() == []


NOTES = """window.notes = [];
window.Notification = class extends EventTarget { static permission = "granted";
  constructor() { super(); window.notes.push(this); }
  close() {} };
window.open = (address) => { window.wentTo = address; };
localStorage.setItem("frontdesk-notify", "yes");
Object.defineProperty(document, "hidden", { get: () => true });"""


async def test_a_click_on_a_notification_opens_a_conversation_from_any_page(
    promising: Promising, browser: Browser
) -> None:
    watched = await page_of(promising.desk, browser)
    page = watched.page
    await page.add_init_script(NOTES)
    await page.clock.install()
    await page.goto(f"{promising.desk.base}/customers")
    async with page.expect_response("**/desk/unread"):
        await page.clock.run_for(11_000)  # the page looks by itself
    first = await promising.waiting("anna")
    await page.clock.run_for(11_000)
    await expect(page).to_have_title(re.compile("^[(]1[)] Customers"))
    await page.evaluate("window.notes.at(-1).dispatchEvent(new Event('click'))")
    address = await page.evaluate("window.wentTo")
    await page.goto(f"{promising.desk.base}{address}")
    await expect(page.locator("#thread")).to_have_attribute("data-conversation", str(first))
    assert await watched.all_complaints() == []


async def test_that_a_reply_was_due_and_is_not_any_more_is_told_until_it_is_read(
    promising: Promising, browser: Browser
) -> None:
    desk, rules = promising.desk, StoreSettings(_env_file=None, handoff_notice_minutes=0)
    keeper = Timekeeper(desk.store, desk.clock, rules)
    number = await promising.waiting("anna")
    async with desk.store.write() as session:
        agent = await staff.get_agent(session, desk.agent_id)
        await queue.take(session, number, agent, now=desk.clock())
    watched, page = await opened(promising, browser)
    bar = page.locator("#alerts")
    assert await bar.get_attribute("role") == "status"
    desk.clock.advance(timedelta(minutes=31))
    await keeper.fire_due()
    told = bar.get_by_role("link", name="was with you for 30 min without a reply and is back in the queue")
    await expect(told).to_be_visible()
    await watched.picture("desk-ran-out")
    await page.goto(f"{desk.base}/customers")
    await expect(told).to_be_visible()
    await told.click()
    await expect(page.locator("#thread")).to_contain_text("my lamp broke")
    await page.reload()
    await expect(page.locator("#lists .line")).to_have_count(1)
    await expect(told).to_have_count(0)
    assert await watched.all_complaints() == []
