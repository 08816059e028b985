"""Who is put aside while they wait: what they were told becomes true, and they may still wait no more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind, Press
from bot.dispatch import Timekeeper
from bot.places import Places
from bot.texts import render
from crm_store import bulk, snoozing
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

RULES = StoreSettings(rating_aspects="", handoff_notice_minutes=0)
HOUR = timedelta(hours=1)


async def waits(house: House, address: str = "1", language: str = "en") -> Message:
    """They ask for a person; the message that tells them their place."""
    words = Inbound("telegram", address, "telegram", address, Kind.TEXT, "/human", language=language)
    await house.reception.receive([words])
    await house.settle()
    (told,) = await messages_to(house.store, address)
    return told


async def put_aside(house: House, number: int) -> Agent:
    """For an hour, by somebody who leads, which is who."""
    ann = await house.agent(role="supervisor")
    async with house.store.write() as session:
        await snoozing.snooze(session, number, ann, until=house.clock() + HOUR, now=house.clock())
    await Timekeeper(house.store, house.clock, RULES).fire_due()
    return ann


async def status(store: Store) -> str:
    """Who holds the only conversation."""
    async with store.read() as session:
        return (await session.scalars(select(Conversation.status))).one()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_message_that_told_a_place_says_until_when(store: Store, language: str) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        before = await waits(house, language=language)
        await put_aside(house, before.conversation_id)
        (told,) = await messages_to(store, "1")
        at = f"{house.clock() + HOUR:%H:%M}"
        assert at in told.text
        assert told.text.startswith(render(language, "put_aside", when="|").split("|")[0])
        assert [one["action"]["do"] for one in (told.intent or {})["choices"]] == ["cancel"]
        async with store.read() as session:
            assert list(await session.scalars(select(MessageEdit.old_text))) == [before.text]
            assert "reword" in list(await session.scalars(select(DeskPost.kind)))
        assert await Places(store, house.clock, RULES).tell_all() == 0


async def test_their_next_word_brings_them_back_into_the_queue(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await put_aside(house, (await waits(house)).conversation_id)
        await house.reception.receive(
            [Inbound("telegram", "w", "telegram", "1", Kind.TEXT, "anybody?", language="en")]
        )
        assert await status(store) == Status.QUEUED
        await Places(store, house.clock, RULES).tell_all()
        assert "number 1 in the queue" in (await messages_to(store, "1"))[0].text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_who_is_put_aside_may_wait_no_more(store: Store, language: str) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        told = await waits(house, language=language)
        await put_aside(house, told.conversation_id)
        pressed = Inbound(
            "telegram", "p", "telegram", "1", Kind.PRESSED, press=Press(told.id, 0), language=language
        )
        await house.reception.receive([pressed])
        await Timekeeper(store, house.clock, RULES).fire_due()
        assert await status(store) == Status.BOT
        words = [one.text for one in await messages_to(store, "1")]
        assert words == [render(language, "wait_over_left"), render(language, "wait_cancelled")]
        house.clock.advance(HOUR)
        await Timekeeper(store, house.clock, RULES).fire_due()
        assert await status(store) == Status.BOT


async def test_an_undone_resolve_of_who_is_put_aside_says_the_time_again(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        number = (await waits(house)).conversation_id
        ann = await put_aside(house, number)
        (aside,) = await messages_to(store, "1")
        timekeeper = Timekeeper(store, house.clock, RULES)
        async with store.write() as session:
            done = await bulk.apply(session, "resolve", [number], ann, now=house.clock(), settings=RULES)
        await timekeeper.fire_due()
        async with store.write() as session:
            await bulk.undo(session, done.id, ann, now=house.clock(), settings=RULES)
        await timekeeper.fire_due()
        (again,) = await messages_to(store, "1")
        assert again.text == aside.text
