"""A stranger presses a button before anybody answers; what they wrote before is answered then."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Kind
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.settings import StoreSettings
from tests.house import House, open_house


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    settings = StoreSettings(_env_file=None, first_contact_check=True)
    async with open_house(store, settings=settings) as opened:
        yield opened


async def status(house: House) -> str:
    async with house.store.read() as session:
        return str(await session.scalar(select(Conversation.status)))


async def test_the_question_is_answered_after_the_press(house: House) -> None:
    [check] = await house.say("where is my parcel?")
    assert "not a program" in check.text
    assert check.choices == ("I'm a person",)
    [answer] = await house.press(check, 0)
    assert "tracking link" in answer.text
    assert "2 to 4 working days" in (await house.say("how long does delivery take?"))[0].text
    assert await house.press(check, 0) == [], "pressed again, it asks nothing"
    async with house.store.read() as session:
        marks = list(await session.scalars(select(Message.decision).where(Message.author == "customer")))
        assert await session.scalar(select(Identity.unchecked_since)) is None
    assert marks[0] == "unchecked"


async def test_until_then_nothing_is_answered_and_nobody_fetched(house: House) -> None:
    [check] = await house.say("/start")
    for words in ("hello", "where is my parcel?", "I'm a person", "where is my parcel?", "/human"):
        assert await house.say(words) == []
    assert await status(house) == "bot"
    [queued] = await house.press(check, 0)
    assert "in the queue" in queued.text
    assert await status(house) == "queued"


async def test_a_file_alone_is_greeted_once_the_button_is_pressed(house: House) -> None:
    [check] = await house.say("", kind=Kind.PHOTO)
    [greeting] = await house.press(check, 0)
    assert "What can I help you with" in greeting.text


async def test_what_concerns_the_person_is_answered_to_strangers_too(house: House) -> None:
    assert "kept" in (await house.say("/privacy"))[0].text
    assert "not a program" in (await house.say("where is my parcel?"))[0].text


async def test_a_stranger_who_never_pressed_is_asked_again_next_time(house: House) -> None:
    [first] = await house.say("hello")
    async with house.store.write() as session:
        found = (await session.scalars(select(Conversation))).one()
        found.status, found.resolved_at = "resolved", house.clock()
    house.clock.advance(timedelta(days=2))
    [again] = await house.say("你好")
    assert "不是程序" in again.text
    [greeting] = await house.press(first, 0)
    assert "您好" in greeting.text or "你好" in greeting.text


async def test_whoever_was_known_before_is_asked_nothing(store: Store) -> None:
    async with open_house(store) as house:
        assert "tracking link" in (await house.say("where is my parcel?"))[0].text
        house.reception._settings = StoreSettings(_env_file=None, first_contact_check=True)
        assert "tracking link" in (await house.say("where is my parcel?"))[0].text
        [check] = await house.say("where is my parcel?", address="new")
        house.reception._settings = StoreSettings(_env_file=None)
        assert "tracking link" in (await house.press(check, 0))[0].text
