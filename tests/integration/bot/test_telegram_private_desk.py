"""Agents' private chats with the bot in the place of a group: each customer stands where they are seen to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from crm_store import attendance, desk, queue, staff
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Reach
from tests.telegram_stage import GROUP, WAITING, DeskHouse, settings_for, staff_of

ELSEWHERE = "Goes on in another chat."


@dataclass
class PrivateHouse(DeskHouse):
    """Ann and Bob, each in their own chat; customers are dealt out to them in turn."""

    async def open(self) -> None:
        """Both have started the bot."""
        self.ann, self.bob = self.server.user(71, "Ann"), self.server.user(72, "Bob")
        await staff_of(self.store, ("Ann", 71), ("Bob", 72))
        for agent in (self.ann, self.bob):
            await agent.starts()
        await self.run()

    def home(self, number: int) -> tuple[Person, Person]:
        """In whose chat the customer with this number begins, and the other."""
        return (self.ann, self.bob) if number % 2 == 0 else (self.bob, self.ann)

    async def waiting(self, number: int) -> tuple[Person, Person, Person, Post]:
        """The customer, whose chat they came to, the other agent, and the card."""
        customer = self.server.user(4 + number, f"C{number}")
        await customer.says(f"my lamp {number} is broken")
        await customer.hears()
        await customer.says("/human")
        first, other = self.home(number)
        card = await first.hears(f"C{number}\nWaiting for a person")
        assert f"my lamp {number} is broken" in card.text
        return customer, first, other, card


@pytest.fixture
async def house(
    bot_api: BotApiServer, shop_store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PrivateHouse]:
    """A running house, whose cards are looked at often."""
    monkeypatch.setattr("bot.channels.telegram.desk.refreshing.LOOK_EVERY_S", 0.1)
    settings = settings_for(bot_api, telegram_more_staff_chats="71, 72")
    running = PrivateHouse(bot_api, shop_store, settings)
    await running.open()
    yield running
    await running.stop()


def name_of(agent: Person) -> str:
    return str(agent.face["first_name"])


async def test_who_is_handed_a_case_while_absent_has_its_card_in_their_own_chat(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, first, other, card = await house.waiting(1)
    assert "Number 1 in the queue" in card.text
    await first.says(f"/transfer {name_of(other)} knows lamps", reply_to=card)
    theirs = await other.hears(f"Waits for {name_of(other)} first, who is not there")
    assert theirs.buttons == WAITING
    await other.hears("my lamp 1 is broken")
    await other.hears("knows lamps")
    await bot_api.wait_for(lambda: card.buttons == [])
    assert ELSEWHERE in card.text
    assert "Number" not in card.text
    await first.hears("it waits in the queue for them first")
    await other.says("/online")
    await bot_api.wait_for(lambda: "who is not there" not in theirs.text, timeout=15)
    await other.presses(theirs, "Take")
    await zoe.hears(f"{name_of(other)} is with you now")
    await bot_api.wait_for(lambda: f"With {name_of(other)}" in card.text)


async def test_when_it_has_waited_long_enough_for_who_is_absent_the_first_can_take_it_again(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, first, other, card = await house.waiting(1)
    await first.says(f"/transfer {name_of(other)}", reply_to=card)
    theirs = await other.hears("who is not there")
    await bot_api.wait_for(lambda: card.buttons == [])
    async with house.store.write() as session:
        over = {"meant_until": house.clock() - timedelta(seconds=1)}
        await session.execute(update(Conversation).values(over))
    await bot_api.wait_for(lambda: card.buttons == WAITING, timeout=15)
    assert ELSEWHERE not in card.text
    await bot_api.wait_for(lambda: theirs.buttons == [])
    await first.presses(card, "Take")
    await zoe.hears(f"{name_of(first)} is with you now")


async def test_a_chat_that_is_blocked_is_dealt_nobody_and_what_it_had_goes_to_the_others(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, first, other, card = await house.waiting(1)
    await first.presses(card, "Take")
    await zoe.hears(f"{name_of(first)} is with you now")
    await first.blocks_bot()
    await zoe.hears("back in the queue")
    await zoe.says("are you there?")
    await other.hears("C1\nWaiting for a person")
    await other.hears("my lamp 1 is broken")
    await other.hears("are you there?")
    for number in (2, 3, 4, 5):
        customer = bot_api.user(4 + number, f"C{number}")
        await customer.says("/human")
        await other.hears(f"C{number}\nWaiting for a person")
    await first.starts()
    for number in (6, 7):
        await bot_api.user(4 + number, f"C{number}").says("/human")
        await bot_api.user(4 + number, f"C{number}").hears("in the queue")
    await first.hears("C7\nWaiting for a person")
    async with house.store.read() as session:
        known = await session.scalar(select(func.count()).select_from(Customer))
    assert known == 7, "who blocks the bot as a member of staff is no customer for that"


async def test_a_chat_that_went_without_a_word_is_left_and_looked_at_again(
    house: PrivateHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.desk.reach.TRY_AWAY_EVERY_S", 0.1)
    first, other = house.home(1)
    first.deactivates()
    await bot_api.user(5, "C1").says("/human")
    await other.hears("C1\nWaiting for a person")
    group = next(one for one in house.bot._groups if one.chat == first.id)
    assert group.is_away
    first.chat.reach = Reach.OPEN
    async with asyncio.timeout(60):
        while group.is_away:
            await asyncio.sleep(0.02)
    for number in (2, 3):
        await bot_api.user(4 + number, f"C{number}").says("/human")
        await bot_api.user(4 + number, f"C{number}").hears("in the queue")
    await first.hears("C3\nWaiting for a person")


async def test_who_comes_online_is_shown_who_waits_with_somebody_who_is_not_there(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, _, other, card = await house.waiting(1)
    await other.says("/online")
    theirs = await other.hears("C1\nWaiting for a person")
    assert theirs.buttons == WAITING
    await other.hears("my lamp 1 is broken")
    await bot_api.wait_for(lambda: card.buttons == [])
    assert ELSEWHERE in card.text
    async with house.store.write() as session:
        one = await session.get_one(Conversation, 1)
        await desk.post(session, one, "unanswered", text="10", now=house.clock())
    await other.hears("has been waiting for 10 minutes")
    customer = bot_api.user(7, "C3")
    await customer.says("/human")
    await other.hears("C3\nWaiting for a person")
    await other.presses(theirs, "Take")
    await zoe.hears(f"{name_of(other)} is with you now")


async def test_who_cannot_be_reached_is_offline_and_whom_they_had_not_answered_waits_as_before(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, first, other, card = await house.waiting(1)
    await house.waiting(2)
    yan, _, _, third = await house.waiting(3)
    for one in (card, third):
        await first.presses(one, "Take")
    await yan.hears("with you now")
    await first.says("It is blue", reply_to=third)
    await yan.hears("It is blue")
    async with house.store.write() as session:
        agent = await staff.find_by_telegram(session, first.id)
        assert agent is not None
        await attendance.set_presence(
            session, agent, "online", now=house.clock(), lasts=attendance.SHIFT_LASTS
        )
        since = (await session.get_one(Conversation, 1)).queued_at
    with capture_logs() as logs:
        first.deactivates()
        await zoe.says("are you there?")
        await other.hears("C1\nWaiting for a person")
    assert [(one["agent"], one["given_back"]) for one in logs if "agent" in one] == [(name_of(first), 1)]
    async with house.store.read() as session:
        agent = await staff.find_by_telegram(session, first.id)
        rows = {one.customer_id: one for one in await session.scalars(select(Conversation))}
    assert agent is not None
    assert agent.presence == "offline"
    assert [rows[number].status for number in (1, 2, 3)] == ["queued", "queued", "waiting_customer"]
    assert rows[1].queued_at == since


async def test_a_card_that_cannot_be_reached_any_more_holds_no_other_chat_up(
    house: PrivateHouse, bot_api: BotApiServer
) -> None:
    zoe, first, other, _ = await house.waiting(1)
    first.deactivates()
    async with house.store.write() as session:
        taker = await staff.find_by_telegram(session, other.id)
        assert taker is not None
        await queue.take(session, 1, taker, now=house.clock())
    with capture_logs() as logs:
        await other.hears(f"With {name_of(other)}")
        await zoe.says("the blue one")
        await other.hears("C1: the blue one")
    assert not [entry for entry in logs if "posted" in entry["event"] or entry["event"] == "out of order"]


async def test_an_agents_own_chat_is_left_again_for_the_group(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats="71")
    house = DeskHouse(bot_api, shop_store, settings)
    await bot_api.user(71, "Ann").starts()
    await house.open()
    for number in (1, 2):
        await bot_api.user(4 + number, f"C{number}").says("/human")
        await bot_api.user(4 + number, f"C{number}").hears("in the queue")
    card = await house.group.hears("C2\nWaiting for a person")
    topic = house.group.topic("C2")
    await house.ann.presses(card, "Take")
    theirs = await house.ann.hears("C2\nWith Ann")
    await bot_api.wait_for(lambda: card.buttons == [])
    await house.ann.presses(theirs, "Release")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await bot_api.wait_for(lambda: theirs.buttons == [])
    assert ELSEWHERE in theirs.text
    await house.bob.says("/transfer Ann", chat=house.group, thread=topic)
    await bot_api.wait_for(lambda: "Waits for Ann first, who is not there" in card.text)
    assert card.buttons == WAITING, "colleagues go on seeing in the group who waits for somebody absent"
    await house.stop()


async def test_cases_are_worked_in_an_agents_own_chat(house: PrivateHouse) -> None:
    _, first, _, card = await house.waiting(1)
    await first.says("/case refund 12.50 EUR broken", reply_to=card)
    await first.hears("Refund REF-1 · asked for")
    await first.says("/case REF-1 approved", reply_to=card)
    await first.hears("Refund REF-1 · approved")
    await first.says("/case")  # for no customer: one's own
    assert "• Refund REF-1 · approved" in (await first.hears("Open one: /case refund")).text
    await first.says("/case refund")
    await first.hears("answer a customer's message or card")
