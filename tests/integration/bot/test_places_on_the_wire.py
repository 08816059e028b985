"""What becomes of a customer's wait while the words that told it are on their way to the platform."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.channels.base import Inbound, Kind, Outgoing
from bot.dispatch import Timekeeper
from bot.texts import render
from crm_store import conversations, queue
from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.house import Postbox, open_house
from tests.waiting_stage import messages_to

RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


@dataclass
class Slow(Postbox):
    """Keeps some words on the way until they may arrive."""

    held: str = ""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    arrive: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, outgoing: Outgoing) -> str | None:
        if outgoing.text == self.held:
            self.began.set()
            await self.arrive.wait()
        return await super().send(outgoing)


@pytest.mark.parametrize("arrives_first", [True, False])
async def test_a_wait_that_ends_while_it_is_told_is_told_as_over(store: Store, arrives_first: bool) -> None:
    """Whoever is first: the words as sent are only kept where nobody has put others in their place."""
    platform = Slow("telegram", held=render("en", "back_in_queue"))
    async with open_house(store, settings=RULES, channels={"telegram": platform}) as house:
        ann = await house.agent()
        await house.reception.receive(
            [Inbound("telegram", "1", "telegram", "1", Kind.TEXT, "/human", language="en")]
        )
        async with store.write() as session:
            taken = await queue.take_next(session, ann, now=house.clock())
            assert taken is not None
            await conversations.reply(session, taken.id, ann, "I am looking.", now=house.clock())
        await house.settle()
        house.clock.advance(timedelta(minutes=1))
        async with store.write() as session:
            await queue.release(session, taken.id, ann, now=house.clock())
        await platform.began.wait()
        if arrives_first:
            platform.arrive.set()
            await house.settle()
            assert (await messages_to(store, "1"))[-1].text == platform.held
        async with store.write() as session:
            await queue.take(session, taken.id, ann, now=house.clock())
        await Timekeeper(store, house.clock, RULES).fire_due()
        platform.arrive.set()
        await house.settle()
        (told,) = [one for one in await messages_to(store, "1") if "over" in (one.intent or {})][-1:]
        assert (told.text, told.delivery) == (render("en", "wait_over_taken"), "sent")
