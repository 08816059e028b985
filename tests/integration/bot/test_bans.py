"""Banned customers: told once, then neither kept nor answered, until the ban is lifted."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.dispatch import Timekeeper
from crm_store import audit, bans, conversations, customers, merging, queue, reopening
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.ratings import RatingRequest
from crm_store.models.staff import Agent
from tests.house import House, open_house


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with open_house(store) as opened:
        yield opened


async def ban(house: House, agent: Agent, reason: str = "spam") -> Customer:
    async with house.store.write() as session:
        return await bans.ban(session, 1, agent, reason, now=house.clock())


async def kept(house: House) -> int:
    async with house.store.read() as session:
        query = select(func.count()).select_from(Message).where(Message.author == "customer")
        return int(await session.scalar(query) or 0)


async def test_told_once_then_neither_kept_nor_answered_until_unbanned(house: House) -> None:
    ann = await house.agent()
    await house.say("/human")
    before = len(house.postbox.taken)
    customer = await ban(house, ann)
    await house.settle()
    (told,) = house.postbox.taken[before:]
    assert "closed" in told.text
    assert (customer.banned_by, customer.ban_reason) == ("Ann", "spam")
    known = await kept(house)
    assert await house.say("why?") == []
    assert await house.say("where is my parcel?") == []
    assert await kept(house) == known
    async with house.store.write() as session:
        await bans.unban(session, 1, ann, now=house.clock())
    assert "tracking link" in (await house.say("where is my parcel?"))[0].text


async def test_a_ban_with_an_end_is_over_by_itself(house: House) -> None:
    ann = await house.agent()
    await house.say("/human")
    before, until = len(house.postbox.taken), house.clock() + timedelta(days=7)
    async with house.store.write() as session:
        banned = await bans.ban(session, 1, ann, "shouting", now=house.clock(), until=until)
    assert banned.banned_until == until
    await house.settle()
    assert "closed until 2026-03-09 12:00 UTC" in house.postbox.taken[before].text
    keeper = Timekeeper(house.store, house.clock, house.settings)
    house.clock.advance(timedelta(days=6))
    await keeper.fire_due()
    assert await house.say("why?") == []
    house.clock.advance(timedelta(days=1, seconds=1))
    await keeper.fire_due()
    assert "tracking link" in (await house.say("where is my parcel?"))[0].text
    async with house.store.read() as session:
        entries = await audit.page(session, subject="customer:1")
        customer = await session.get_one(Customer, 1)
    assert (entries[0].action, entries[0].actor) == ("bans.unban", "system")
    assert (customer.banned_at, customer.banned_until, customer.ban_reason) == (None, None, None)


async def test_the_end_counts_for_a_merged_record_too(house: House) -> None:
    ann = await house.agent()
    await house.say("/human", address="a")
    await house.say("hello", address="b")
    async with house.store.write() as session:
        until = house.clock() + timedelta(days=1)
        await bans.ban(session, 1, ann, "shouting", now=house.clock(), until=until)
    async with house.store.write() as session:
        merged = await merging.merge(session, kept_id=2, merged_id=1, now=house.clock(), merged_by="Ann")
    house.clock.advance(timedelta(days=2))
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    async with house.store.write() as session:
        assert (await session.get_one(Customer, 2)).banned_at is None
        await merging.undo(session, merged.merge_id, now=house.clock())
        assert (await session.get_one(Customer, 1)).banned_at is None


async def test_only_the_newest_end_counts(house: House) -> None:
    ann = await house.agent()
    await house.say("/human")
    keeper = Timekeeper(house.store, house.clock, house.settings)
    for days in (1, None):
        until = house.clock() + timedelta(days=days) if days else None
        async with house.store.write() as session:
            await bans.ban(session, 1, ann, "shouting", now=house.clock(), until=until)
        if days:
            async with house.store.write() as session:
                await bans.unban(session, 1, ann, now=house.clock())
    await house.settle()
    house.clock.advance(timedelta(days=400))
    await keeper.fire_due()
    assert await house.say("why?") == []
    async with house.store.write() as session:
        await bans.unban(session, 1, ann, now=house.clock())
        for wrong in (house.clock(), house.clock() + timedelta(days=4000)):
            with pytest.raises(InvalidValue, match="in the future, within ten years"):
                await bans.ban(session, 1, ann, "x", now=house.clock(), until=wrong)


async def test_the_open_conversation_ends_and_nobody_asks_for_stars(house: House) -> None:
    ann = await house.agent()
    await house.say("/human")
    async with house.store.write() as session:
        await queue.take(session, 1, ann, now=house.clock())
        await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
        await reopening.reopen(session, 1, ann, now=house.clock())
        await conversations.reply(session, 1, ann, "hello", now=house.clock())
    await ban(house, ann)
    async with house.store.read() as session:
        assert await session.scalar(select(Conversation.status)) == "resolved"
        assert await session.scalar(select(RatingRequest.state)) == "expired"


async def test_the_audit_names_the_agent_as_it_does_a_signed_in_one(house: House) -> None:
    ann = await house.agent()
    await house.say("hello")
    await ban(house, ann)
    async with house.store.write() as session:
        await bans.unban(session, 1, ann, now=house.clock())
    async with house.store.read() as session:
        entries = await audit.page(session, subject="customer:1")
    assert [(one.action, one.actor) for one in entries] == [
        ("bans.unban", f"agent:{ann.id} Ann"),
        ("bans.ban", f"agent:{ann.id} Ann"),
    ]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 257])
async def test_a_ban_needs_a_reason(house: House, reason: str) -> None:
    ann = await house.agent()
    await house.say("hello")
    with pytest.raises(InvalidValue):
        await ban(house, ann, reason)


async def test_a_colleagues_customer_is_theirs_to_ban(house: House) -> None:
    ann, bob, sue = await house.agent(), await house.agent("Bob"), await house.agent("Sue", "supervisor")
    await house.say("/human")
    async with house.store.write() as session:
        await queue.take(session, 1, ann, now=house.clock())
    with pytest.raises(Conflict, match="Ann has this conversation"):
        await ban(house, bob)
    await ban(house, sue)
    with pytest.raises(Conflict, match="banned already, by Sue: spam"):
        await ban(house, ann)


async def test_a_ban_holds_for_the_whole_person_and_comes_apart_with_a_merge(house: House) -> None:
    ann = await house.agent()
    await house.say("hello")
    await ban(house, ann)
    await house.settle()
    async with house.store.write() as session:
        other = await customers.create(session, {"name": "Zoe"}, now=house.clock())
        done = await merging.merge(session, kept_id=other.id, merged_id=1, now=house.clock(), merged_by="Ann")
    assert await house.say("hello again") == []
    async with house.store.write() as session:
        await merging.undo(session, done.merge_id, now=house.clock())
        assert (await customers.get(session, other.id)).banned_at is None
        assert (await customers.get(session, 1)).banned_at is not None
    assert await house.say("hello again") == []
