"""Agents' private chats in the place of a group: what is for one agent alone comes in their own, and in no other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_store import attendance, bulk, desk, handing_on, queue, snoozing, waking
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskTopic
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.integration.bot.test_telegram_private_desk import PrivateHouse
from tests.telegram_stage import at_rest, settings_for

RULES = StoreSettings()


@pytest.fixture
async def house(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[PrivateHouse]:
    """Ann, who leads, and Bob, both online; Zoe came to Bob's chat and Yan to Ann's, and Bob has them both."""
    settings = settings_for(bot_api, telegram_more_staff_chats="71, 72")
    running = PrivateHouse(bot_api, shop_store, settings)
    await running.open()
    for user, name in ((5, "Zoe"), (6, "Yan")):
        customer = bot_api.user(user, name)
        await customer.says("/human")
        await customer.hears("in the queue")
    await at_rest(running.store)
    async with running.store.write() as session:
        ann, bob = await people(session)
        ann.role = "supervisor"
        for agent in (ann, bob):
            await attendance.set_presence(session, agent, "online", now=running.clock())
        for number in (1, 2):
            await queue.take(session, number, bob, now=running.clock())
    await at_rest(running.store)
    yield running
    await running.stop()


async def people(session: Session) -> tuple[Agent, Agent]:
    ann, bob = [
        (await session.scalars(select(Agent).where(Agent.name == name))).one() for name in ("Ann", "Bob")
    ]
    return ann, bob


def heard(house: PrivateHouse, words: str) -> dict[int, list[str]]:
    """By chat, what was posted with these words."""
    found = {chat: [one.text for one in house.server.sent(chat) if words in one.text] for chat in (71, 72)}
    return {chat: texts for chat, texts in found.items() if texts}


async def test_who_had_it_hears_that_it_was_taken_over(house: PrivateHouse) -> None:
    async with house.store.write() as session:
        ann, bob = await people(session)
        now = house.clock()
        await handing_on.take_over(session, 2, ann, held_by=bob.id, now=now, settings=RULES)
    await at_rest(house.store)
    assert heard(house, "from you") == {72: ["👉 Bob, Ann has taken Yan over from you."]}


async def test_several_that_were_taken_over_are_named_there_in_one_post(house: PrivateHouse) -> None:
    async with house.store.write() as session:
        ann, _ = await people(session)
        to_ann = f"agent:{ann.id}"
        await bulk.apply(session, "assign", [1, 2], ann, now=house.clock(), settings=RULES, value=to_ann)
    await at_rest(house.store)
    told = "👉 Bob, Ann has taken 2 conversations over from you:\n• Zoe\n• Yan"
    assert heard(house, "from you") == {72: [told]}


async def test_several_given_are_named_in_the_holders_chat(house: PrivateHouse) -> None:
    async with house.store.write() as session:
        ann, bob = await people(session)
        for agent in (ann, bob):
            agent.capacity = 5
        to_ann = f"agent:{ann.id}"
        await bulk.apply(session, "assign", [1, 2], bob, now=house.clock(), settings=RULES, value=to_ann)
    await at_rest(house.store)
    assert heard(house, "yours now") == {71: ["👉 Ann, 2 conversations are yours now:\n• Zoe\n• Yan"]}


async def test_whose_snooze_is_over_hears_of_it_though_the_customer_waits_in_another_chat(
    house: PrivateHouse,
) -> None:
    async with house.store.write() as session:
        _, bob = await people(session)
        now = house.clock()
        await snoozing.snooze(session, 2, bob, until=now + timedelta(hours=1), now=now)
        await attendance.set_presence(session, bob, "away", now=now)
        await waking.wake(session, 2, now=now)
    await at_rest(house.store)
    [told] = heard(house, "snooze is over")[72]
    assert told.startswith("⏰ Bob, the snooze is over: Yan is in the queue again. To have them back, answer")
    assert list(heard(house, "snooze is over")) == [72]
    card = next(one for one in house.server.sent(72) if one.text.partition("\n")[0].endswith("Yan"))
    await house.bob.says("/take", reply_to=card)
    await house.server.user(6, "Yan").hears("Bob is with you")


async def test_who_was_set_away_reads_so_in_their_own_chat_where_it_makes_no_card(
    house: PrivateHouse,
) -> None:
    async with house.store.write() as session:
        ann, bob = await people(session)
        await queue.release(session, 1, bob, now=house.clock())
        one = await session.get_one(Conversation, 1)
        await desk.call(session, one, desk.RELIEVED, ann, now=house.clock(), minutes=5)
    await at_rest(house.store)
    [told] = heard(house, "and wrote nothing for 5 minutes")[71]
    assert told.startswith("⏸ Ann, you were given Zoe")
    assert list(heard(house, "and wrote nothing for 5 minutes")) == [71]
    async with house.store.read() as session:
        cards = await session.scalars(select(DeskTopic.chat).where(DeskTopic.customer_id == one.customer_id))
        assert list(cards) == ["72"]
