"""What is open elsewhere: counted in full, and without the staff's own chats with the bot."""

import re

from sqlalchemy import update

from admin_api.desk.listing import SHOWN_ELSEWHERE
from crm_store import customers, queue, staff
from crm_store.models.staff import Agent
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import Seen, agent_browser
from tests.query_counter import counted_queries

BOBS = 4711
LINE = re.compile(r'id="line-(\d+)"')
COUNT = re.compile(r'<h2>Elsewhere <span class="count">(\d+)</span>')


def shown(seen: Seen) -> tuple[int, set[int]]:
    """What the list's heading counts, and the conversations on the page."""
    [counted] = COUNT.findall(seen.text)
    return int(counted), {int(number) for number in LINE.findall(seen.text)}


async def bob_writes(stage: Stage, *, queued: bool = False) -> int:
    """A conversation of Bob's, who is on the staff, with the bot in Telegram."""
    now = stage.clock()
    async with stage.store.write() as session:
        bob = await staff.create_agent(session, name="Bob", role=Role.AGENT, now=now)
        bob.telegram_user_id = BOBS
        customer, _ = await customers.for_identity(session, "telegram", str(BOBS), now=now)
    return await conversation(stage.store, now, customer_id=customer.id, queued=queued)


async def test_all_are_counted_where_not_all_are_shown(stage: Stage) -> None:
    for _ in range(SHOWN_ELSEWHERE + 7):
        await conversation(stage.store, stage.clock(), queued=False)
    browser = await agent_browser(stage)
    with counted_queries(stage.store) as sent:
        seen = await browser.visit("/")
    assert sum("NOT IN (SELECT identity.id" in " ".join(one.split()) for one in sent) == 1, (
        "all that is open is gone through once"
    )
    counted, lines = shown(seen)
    assert (counted, len(lines)) == (SHOWN_ELSEWHERE + 7, SHOWN_ELSEWHERE)
    assert "7 more are open" in seen.text
    zh = await browser.visit("/", **{"Accept-Language": "zh"})
    assert "还有 7 个进行中的对话" in zh.text


async def test_where_all_are_shown_there_are_no_more(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock(), queued=False)
    seen = await (await agent_browser(stage)).visit("/")
    assert shown(seen) == (1, {number})
    assert "more are open" not in seen.text


async def test_whoever_is_on_the_staff_is_no_customer_while_they_talk_with_the_bot(stage: Stage) -> None:
    own, theirs = await bob_writes(stage), await conversation(stage.store, stage.clock(), queued=False)
    seen = await (await agent_browser(stage)).visit("/")
    assert shown(seen) == (1, {theirs})
    async with stage.store.write() as session:
        await session.execute(update(Agent).where(Agent.name == "Bob").values(disabled_at=stage.clock()))
    seen = await (await agent_browser(stage)).visit("/")
    assert shown(seen) == (2, {own, theirs}), "who left is a customer like all others"


async def test_who_is_on_the_staff_and_is_served_by_a_colleague_is_seen(stage: Stage) -> None:
    own = await bob_writes(stage, queued=True)
    async with stage.store.write() as session:
        carla = await staff.create_agent(session, name="Carla", role=Role.AGENT, now=stage.clock())
        await queue.take(session, own, carla, now=stage.clock())
    seen = await (await agent_browser(stage)).visit("/")
    assert shown(seen) == (1, {own})


async def test_the_same_number_on_another_channel_is_somebody_else(stage: Stage) -> None:
    await bob_writes(stage)
    async with stage.store.write() as session:
        other, _ = await customers.for_identity(session, "web", str(BOBS), now=stage.clock())
    number = await conversation(stage.store, stage.clock(), customer_id=other.id, queued=False)
    seen = await (await agent_browser(stage)).visit("/")
    assert shown(seen) == (1, {number})
