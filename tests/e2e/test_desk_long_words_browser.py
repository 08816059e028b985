"""One very long word of a customer's makes no page of the desk wider than its window, at any width."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser

from crm_store import conversations, drafts, queue, service_cases, staff
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.knowledge import Gap
from crm_store.service_cases import CaseDraft
from crm_store.settings import StoreSettings
from knowledge_base.articles import Article
from tests.desk_stage import customer_waits
from tests.served_desk import Desk, Elsewhere, open_desk, page_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LONG = "Donaudampfschifffahrt" * 5
ASKED = f"where is my {LONG} lamp"
NEAR = "Where is my lamp that was sent with the first parcel of the week before?"
WIDER = """() => [...document.querySelectorAll("html, #main, .box-card, .panel, .messages, .composer")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`)"""


@dataclass
class Told:
    """What a customer of long words left behind."""

    desk: Desk
    conversation: int
    customer: int
    draft: int
    case: int

    @property
    def pages(self) -> list[str]:
        """Every page on which the words of customers stand."""
        return [
            "/", f"/conversations/{self.conversation}", f"/customers/{self.customer}", "/customers", "/gaps",
            "/drafts", f"/drafts/{self.draft}", "/phrasings", "/articles", "/articles/1", "/cases",
            f"/cases/{self.case}", "/search?q=lamp", "/customers/duplicates", "/team", "/insights", "/audit",
        ]  # fmt: skip


@pytest.fixture
async def told(sqlite_store: Store) -> AsyncIterator[Told]:
    async with open_desk(sqlite_store) as desk:
        desk.shelf.fill(Article("warranty", NEAR, (), "On its way.", "en"))
        number = await customer_waits(Elsewhere(desk.store, desk.clock), ASKED, name=LONG)
        now = datetime.now(UTC)
        async with desk.store.write() as session:
            me = await staff.get_agent(session, desk.agent_id)
            await queue.take(session, number, me, now=now)
            reply = await conversations.reply(session, number, me, f"On its way, {LONG}.", now=now)
            row = await session.get_one(Conversation, number)
            session.add(
                Gap(conversation_id=number, question=ASKED, language="en", reason="unknown", created_at=now)
            )
            draft = await drafts.from_reply(session, reply.id, lambda _: "en", by="agent:1", now=now)
            wish = CaseDraft(CaseKind.REPAIR, conversation_id=number, reason=LONG)
            case = await service_cases.open_case(
                session, wish, actor="agent:1", now=now, settings=StoreSettings(_env_file=None)
            )
            twin = await session.get_one(Customer, 1)
            mine = await session.get_one(Customer, row.customer_id)
            mine.email = twin.email
            yielded = Told(desk, number, row.customer_id, draft.id, case.id)
        yield yielded


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_no_page_is_made_wider_by_a_long_word(
    told: Told, browser: Browser, width: int, locale: str
) -> None:
    watched = await page_of(told.desk, browser, locale=locale, viewport={"width": width, "height": 800})
    page, found = watched.page, dict[str, list[str]]()
    for path in told.pages:
        await page.goto(told.desk.base + path)
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found[path] = await page.evaluate(WIDER)
        await watched.picture(f"wide{path.replace('/', '-').replace('?', '-')}-{width}-{locale}")
    assert {path: some for path, some in found.items() if some} == {}
