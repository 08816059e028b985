"""A reply comes to nothing once its conversation is in the queue again: the customer has waited all the time."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.channels.base import DeliveryFailed, Outcome, Outgoing
from crm_store import conversations, queue
from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.house import Postbox, open_house

RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)
MINUTES = timedelta(minutes=1)
LAST = "It is on its way."


@dataclass
class Picky(Postbox):
    """Its platform refuses these words, once it is asked to decide."""

    decides: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, outgoing: Outgoing) -> str | None:
        if outgoing.text == LAST:
            await self.decides.wait()
            raise DeliveryFailed(Outcome.REFUSED, "message is too long")
        return await super().send(outgoing)


@pytest.mark.parametrize("was_answered", [True, False])
async def test_who_was_given_back_meanwhile_keeps_the_wait_they_had(store: Store, was_answered: bool) -> None:
    async with open_house(store, {"terminal": (platform := Picky())}, settings=RULES) as house:
        ann, asked = await house.agent(), house.clock()
        await house.say("/human")
        if was_answered:
            async with store.write() as session:
                await conversations.reply(session, 1, ann, "Which one is it?", now=house.clock())
            house.clock.advance(5 * MINUTES)
            asked = house.clock()
            await house.say("the black one")
        house.clock.advance(20 * MINUTES)
        async with store.write() as session:
            await conversations.reply(session, 1, ann, LAST, now=house.clock())
        house.clock.advance(MINUTES)
        async with store.write() as session:
            await queue.release(session, 1, ann, now=house.clock())
        platform.decides.set()
        await house.settle()
        async with store.read() as session:
            [entry] = await queue.listing(session, now=house.clock())
        assert (entry.conversation.queued_at, entry.waited) == (asked, 21 * MINUTES)
        assert entry.conversation.ranked_at is not None
        assert entry.conversation.ranked_at <= asked
