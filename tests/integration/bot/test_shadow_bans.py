"""Shadow-banned customers: what they write is kept and marked, nobody is told, and nothing comes back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Kind
from bot.dispatch import Timekeeper
from crm_store import audit, bans, customers, merging
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskPost
from tests.house import House, open_house


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with open_house(store, has_desk=True) as opened:
        yield opened


async def shadow_ban(house: House, customer_id: int = 1, **how: timedelta) -> Customer:
    ann = await house.agent()
    until = house.clock() + how["length"] if how else None
    async with house.store.write() as session:
        return await bans.ban(
            session, customer_id, ann, "spam", now=house.clock(), until=until, is_shadow=True
        )


async def unheard(house: House) -> list[tuple[int, str, str]]:
    query = select(Message).where(Message.decision == "shadowed").order_by(Message.id)
    async with house.store.read() as session:
        return [(one.conversation_id, one.kind, one.text) for one in await session.scalars(query)]


async def posts(house: House) -> int:
    async with house.store.read() as session:
        return len(list(await session.scalars(select(DeskPost.id))))


async def test_their_words_are_kept_and_nobody_hears_of_them(house: House) -> None:
    asked = await house.say("/human")
    banned = await shadow_ban(house)
    assert (banned.ban_is_shadow, banned.banned_by, banned.ban_reason) == (True, "Ann", "spam")
    before = await posts(house)
    assert await house.say("buy my pills") == []
    assert await house.say("", kind=Kind.PHOTO) == []
    assert await house.say("/human") == []
    assert await house.press(asked[-1], 0) == []
    assert await unheard(house) == [(1, "text", "buy my pills"), (1, "photo", ""), (1, "text", "/human")]
    assert await posts(house) == before
    async with house.store.read() as session:
        assert [one.status for one in await session.scalars(select(Conversation))] == ["resolved"]
        [entry] = await audit.page(session, subject="customer:1")
    assert entry.action == "bans.shadow_ban"


async def test_they_are_served_again_once_it_is_lifted_or_over(house: House) -> None:
    await house.say("hello")
    before = len(house.postbox.taken)
    await shadow_ban(house, length=timedelta(days=1))
    await house.settle()
    assert len(house.postbox.taken) == before, "they are not told"
    assert await house.say("where is my parcel?") == []
    house.clock.advance(timedelta(days=1, seconds=1))
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    assert "tracking link" in (await house.say("where is my parcel?"))[0].text
    async with house.store.read() as session:
        assert (await session.get_one(Customer, 1)).ban_is_shadow is None


async def test_words_from_an_address_without_a_conversation_get_one_the_bot_holds(house: House) -> None:
    await house.say("hello", address="first")
    await house.say("hello", address="second")
    await shadow_ban(house)
    async with house.store.write() as session:
        await merging.merge(session, kept_id=1, merged_id=2, now=house.clock(), merged_by="Ann")
    assert await house.say("again", address="second") == []
    assert [text for _, _, text in await unheard(house)] == ["again"]


async def test_the_shadow_comes_and_goes_with_a_merge(house: House) -> None:
    await house.say("hello")
    await shadow_ban(house)
    async with house.store.write() as session:
        other = await customers.create(session, {"name": "Zoe"}, now=house.clock())
        done = await merging.merge(session, kept_id=other.id, merged_id=1, now=house.clock(), merged_by="Ann")
    assert await house.say("hello again") == []
    async with house.store.write() as session:
        await merging.undo(session, done.merge_id, now=house.clock())
        assert (await customers.get(session, other.id)).ban_is_shadow is None
    assert await house.say("and again") == []
    assert [text for _, _, text in await unheard(house)] == ["hello again", "and again"]
