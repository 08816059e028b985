"""The card: everything about the customer at a glance, and buttons for everything that is done with them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk.choices import snoozed_until
from bot.clock import system_clock
from crm_store import attendance, canned_replies, orders, scores, working_hours
from crm_store.canned_replies import CannedDraft
from crm_store.engine import Store
from crm_store.models.casework import CannedReply
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.staff import Agent
from crm_store.orders import OrderDraft
from crm_store.scores import RunDraft, ScoreRow
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, HELD, WAITING, DeskHouse, settings_for


async def test_the_card_tells_segment_value_orders_and_why_next(desk_house: DeskHouse) -> None:
    zoe = desk_house.server.user(5, "Zoe")
    await zoe.says("hi")
    await zoe.hears()
    now = system_clock()
    async with desk_house.store.write() as session:
        draft = OrderDraft("A-17", Decimal("49.50"), now - timedelta(days=3), status="shipped")
        await orders.record(session, 1, draft, now=now)
        run = RunDraft(now, timedelta(days=365), {})
        await scores.save_run(session, run, [ScoreRow(1, {"value": {"index": 80.0}}, "Loyal")], now=now)
    await zoe.says("/human")
    card = await desk_house.group.hears("Waiting for a person")
    for told in ("Segment: Loyal", "Value: 80 of 100", "#A-17 · 49.50 EUR · shipped", "Number 1 in the queue",
                 "customer value 80 of 100 (counts as +8 min)", "Not rated yet"):  # fmt: skip
        assert told in card.text
    assert card.buttons == WAITING


async def test_snooze_asks_until_when(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, topic, card = await desk_house.held()
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    await desk_house.ann.presses(card, "« Back")
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    await desk_house.ann.presses(card, "4 hours")
    await bot_api.wait_for(lambda: "Snoozed" in card.text and "Take" in card.buttons)
    async with desk_house.store.read() as session:
        until = await session.scalar(select(Conversation.snoozed_until))
    assert until is not None
    assert timedelta(hours=3.9) < until - system_clock() < timedelta(hours=4.1)
    await desk_house.ann.says("/take", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await desk_house.ann.says("/snooze whenever", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("say until when", thread=topic)


MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
OFFICE = working_hours.parse("mon-fri 10:00-18:00", "Europe/Berlin", "2026-03-03")
ALWAYS = working_hours.ALWAYS


@pytest.mark.parametrize(
    ("words", "hours", "until"),
    [
        ("30m", ALWAYS, datetime(2026, 3, 2, 15, 30, tzinfo=UTC)),
        ("2h", ALWAYS, datetime(2026, 3, 2, 17, 0, tzinfo=UTC)),
        (" 3D ", ALWAYS, datetime(2026, 3, 5, 15, 0, tzinfo=UTC)),
        ("tomorrow", ALWAYS, datetime(2026, 3, 3, 9, 0, tzinfo=UTC)),
        ("tomorrow", OFFICE, datetime(2026, 3, 4, 9, 0, tzinfo=UTC)),
        ("week", OFFICE, datetime(2026, 3, 9, 9, 0, tzinfo=UTC)),
        ("0m", ALWAYS, None),
        ("soon", ALWAYS, None),
        ("", ALWAYS, None),
    ],
)
def test_until_when(words: str, hours: working_hours.WorkingHours, until: datetime | None) -> None:
    assert snoozed_until(words, MONDAY, hours) == until


async def is_there(desk_house: DeskHouse, number: int) -> None:
    async with desk_house.store.write() as session:
        agent = await session.get_one(Agent, number)
        await attendance.set_presence(session, agent, "online", now=system_clock())


async def test_handed_on_to_who_is_not_there_it_waits_for_them(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.presses(card, "Transfer")
    await bot_api.wait_for(lambda: "⚪ Bob" in card.buttons)
    await desk_house.ann.presses(card, "⚪ Bob")
    await desk_house.group.hears("Bob is offline: it waits in the queue for them first.", thread=topic)
    await bot_api.wait_for(lambda: "Waits for Bob first" in card.text and card.buttons == WAITING)
    await zoe.hears("passed on to Bob, who is not here")
    await desk_house.bob.presses(card, "Take")
    await bot_api.wait_for(lambda: "With Bob" in card.text and "first" not in card.text)


async def test_transfer_by_button_and_by_name_with_a_note(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    async with desk_house.store.write() as session:
        (await session.get_one(Agent, 2)).team = "billing"
    await is_there(desk_house, 2)
    await desk_house.ann.presses(card, "Transfer")
    await bot_api.wait_for(lambda: "🟢 Bob" in card.buttons)
    assert "👥 billing" in card.buttons
    assert not any("Ann" in label for label in card.buttons)
    await desk_house.ann.presses(card, "🟢 Bob")
    await bot_api.wait_for(lambda: "With Bob" in card.text and card.buttons == HELD)
    await zoe.hears("Bob is with you now")
    await is_there(desk_house, 1)
    await desk_house.bob.says("/transfer ann  knows the case", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("📝 Bob: knows the case", thread=topic)
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    await desk_house.ann.says("/transfer nobody", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("called “nobody”. There are: billing, Bob", thread=topic)
    await desk_house.ann.says("/transfer billing", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: card.buttons == WAITING)


async def test_ban_and_unban(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.presses(card, "Ban")
    await bot_api.wait_for(lambda: "Spam" in card.buttons)
    await desk_house.ann.presses(card, "Spam")
    await zoe.hears("This chat has been closed")
    await bot_api.wait_for(lambda: card.buttons == ["Unban"])
    assert "🚫 Banned by Ann: Spam" in card.text
    known = len(bot_api.sent(zoe.id)), len(bot_api.sent(GROUP))
    await zoe.says("how long do refunds take?")
    await bot_api.wait_until_confirmed()
    await desk_house.ann.presses(card, "Unban")
    await bot_api.wait_for(lambda: card.buttons == ["Reopen", "Ban"])
    assert (len(bot_api.sent(zoe.id)), len(bot_api.sent(GROUP))) == known
    await desk_house.ann.says("/ban", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("say why", thread=topic)
    await desk_house.ann.says("/ban asks for card numbers", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "asks for card numbers" in card.text)
    async with desk_house.store.read() as session:
        assert await session.scalar(select(Customer.ban_reason)) == "asks for card numbers"


async def test_that_a_customer_blocked_the_bot_is_told_at_once(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await zoe.blocks_bot()
    await desk_house.group.hears("Zoe has blocked the bot", thread=topic)
    await bot_api.wait_for(lambda: "nothing reaches them" in card.text)
    await zoe.unblocks_bot()
    await desk_house.group.hears("can be reached again", thread=topic)
    await bot_api.wait_for(lambda: "nothing reaches them" not in card.text)


async def test_blocking_is_nobodys_business_while_the_bot_alone_serves(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    yan = bot_api.user(6, "Yan")
    await yan.says("how long do refunds take?")
    await yan.hears("five working days")
    await yan.blocks_bot()
    await bot_api.wait_until_confirmed()
    zoe, _, _ = await desk_house.queued()
    assert {topic.name for topic in desk_house.group.topics} == {zoe.face["first_name"]}
    assert not [post for post in bot_api.sent(GROUP) if "Yan" in post.text]


async def test_the_group_speaks_its_own_language(bot_api: BotApiServer, shop_store: Store) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_staff_language="zh")
    house = DeskHouse(bot_api, shop_store, settings)
    await house.open()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await zoe.hears("in the queue")
    card = await house.group.hears("Zoe")
    assert card.buttons == ["接待", "解决", "暂缓", "转交", "封禁"]
    scope = {"type": "chat", "chat_id": GROUP}
    menu = await house.bot.api.call("getMyCommands", scope=scope)
    assert [one["command"] for one in menu][:2] == ["take", "resolve"]
    await house.stop()


CANNED = {"refund": "Hello {customer.first_name|there}, {amount} EUR are on their way.", "bye": "Goodbye!"}


async def test_canned_replies_by_their_shortcode(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    async with desk_house.store.write() as session:
        for code, text in CANNED.items():
            await canned_replies.create(session, CannedDraft(code, text), now=system_clock())
    await desk_house.ann.says("/refund", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("For example: /refund amount=AB12", thread=topic)
    wrote = await desk_house.ann.says("/Refund 12.50", chat=desk_house.group, thread=topic)
    sent = await zoe.hears("Hello Zoe, 12.50 EUR are on their way.")
    await desk_house.group.hears("Ann → customer: Hello Zoe, 12.50 EUR", thread=topic)
    await desk_house.ann.says("/bye See you!", chat=desk_house.group, thread=topic)
    await zoe.hears("Goodbye!\n\nSee you!")
    await desk_house.ann.says("/refund amount=7", chat=desk_house.group, thread=topic)
    await zoe.hears("Hello Zoe, 7 EUR are on their way.")
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic, reply_to=wrote)
    await bot_api.wait_for(lambda: sent.deleted)
    async with desk_house.store.read() as session:
        assert list(await session.scalars(select(CannedReply.uses).order_by(CannedReply.id))) == [2, 1]


@pytest.mark.parametrize("way", ["button", "words"])
async def test_a_customer_is_banned_without_being_told(
    desk_house: DeskHouse, bot_api: BotApiServer, way: str
) -> None:
    zoe, topic, card = await desk_house.queued()
    heard = len(bot_api.sent(zoe.id))
    if way == "button":
        await desk_house.ann.presses(card, "Ban")
        await bot_api.wait_for(lambda: "🔇 Without telling them" in card.buttons)
        await desk_house.ann.presses(card, "🔇 Without telling them")
    else:
        await desk_house.ann.says("/shadowban 7d pills", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: card.buttons == ["Unban"])
    assert "🔇 Shadow-banned by Ann: " + ("Other reason" if way == "button" else "pills") in card.text
    assert ("⏳ Until" in card.text) == (way == "words")
    await zoe.says("buy my pills")
    yan, _, _ = await desk_house.queued(6, "Yan")  # by then hers has been taken in
    assert yan.id == 6
    assert len(bot_api.sent(zoe.id)) == heard
    assert not [post for post in bot_api.sent(GROUP) if "buy my pills" in post.text]
    await desk_house.ann.presses(card, "Unban")
    await bot_api.wait_for(lambda: card.buttons == ["Reopen", "Ban"])
    await zoe.says("/help")
    await zoe.hears("Type your question")
