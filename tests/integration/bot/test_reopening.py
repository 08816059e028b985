"""A matter opened again after its customer has said something to the bot meanwhile: a word of thanks bars no way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_store import attendance, conversations, joining, queue, reopening
from crm_store.engine import Store
from crm_store.errors import Conflict
from crm_store.lifecycle import Status
from crm_store.models.conversations import Handoff
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


async def _resolved(house: House, ann: Agent) -> None:
    """Conversation 1, served by Ann and closed."""
    await house.say("/human")
    async with house.store.write() as session:
        await conversations.reply(session, 1, ann, "It leaves today.", now=house.clock())
        await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
    await house.settle()


async def _reopen(house: House, number: int, ann: Agent) -> None:
    async with house.store.write() as session:
        await reopening.reopen(session, number, ann, now=house.clock())
    await house.settle()


async def test_who_said_thanks_since_can_be_written_to_again(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        ann = await house.agent()
        await _resolved(house, ann)
        assert [said.text for said in await house.say("thanks!")]
        await _reopen(house, 1, ann)
        async with store.write() as session:
            kept, passed = [await conversations.get(session, number) for number in (1, 2)]
            assert (kept.status, passed.status) == (Status.QUEUED, Status.RESOLVED)
            words = [row.text for row in await conversations.messages(session, 1)]
            assert words.index("It leaves today.") < words.index("thanks!")
            await conversations.reply(session, 1, ann, "One more thing.", now=house.clock())
        await house.settle()
        assert house.postbox.taken[-1].text == "One more thing."
        await house.say("yes?")
        async with store.read() as session:
            assert (await conversations.messages(session, 1))[-1].text == "yes?"
            assert (await conversations.get(session, 1)).status == Status.ASSIGNED


async def test_who_waits_for_a_person_anew_is_served_there(store: Store) -> None:
    """Somebody may hold it already; it is named."""
    async with open_house(store, settings=RULES) as house:
        ann = await house.agent()
        await _resolved(house, ann)
        await house.say("/human")
        with pytest.raises(Conflict, match="open conversation already: 2"):
            await _reopen(house, 1, ann)


@pytest.mark.parametrize(("minutes", "is_kept"), [(1, True), (11, False)])
async def test_who_was_closed_by_mistake_keeps_the_wait_they_had(
    store: Store, minutes: int, is_kept: bool
) -> None:
    async with open_house(store, settings=RULES) as house:
        ann, asked = await house.agent(), house.clock()
        await house.say("/human")
        house.clock.advance(timedelta(minutes=30))
        async with store.write() as session:
            await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
        house.clock.advance(timedelta(minutes=minutes))
        await _reopen(house, 1, ann)
        async with store.read() as session:
            found = await conversations.get(session, 1)
        assert (found.status, found.queued_at) == (Status.QUEUED, asked if is_kept else house.clock())


async def test_taken_apart_again_each_has_its_own_words(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        ann = await house.agent()
        await _resolved(house, ann)
        await house.say("thanks!")
        await _reopen(house, 1, ann)
        async with store.write() as session:
            [merge] = await joining.of_conversation(session, 1)
            await joining.undo(session, merge.id, by=ann, now=house.clock(), settings=house.settings)
            words = [row.text for row in await conversations.messages(session, 2)]
            assert words[0] == "thanks!"
            assert (await conversations.get(session, 1)).status == Status.QUEUED
            assert (await conversations.get(session, 2)).status == Status.RESOLVED


async def test_who_opens_it_again_while_online_has_it_and_no_place_is_told(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        ann = await house.agent()
        await _resolved(house, ann)
        async with store.write() as session:
            await attendance.set_presence(session, ann, "online", now=house.clock())
        told = len(house.postbox.taken)
        await _reopen(house, 1, ann)
        async with store.read() as session:
            found = await conversations.get(session, 1)
            waiting = list(await session.scalars(select(Handoff.id).where(Handoff.ended_at.is_(None))))
        assert waiting == []
        assert (found.status, found.agent_id) == (Status.ASSIGNED, ann.id)
        assert [said.text for said in house.postbox.taken[told:]] == ["Ann is with you now."]


async def test_who_has_no_room_opens_it_for_the_queue(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        ann = await house.agent()
        await _resolved(house, ann)
        async with store.write() as session:
            await attendance.set_presence(session, ann, "online", now=house.clock())
            (await session.get_one(Agent, ann.id)).capacity = 0
        await _reopen(house, 1, ann)
        async with store.read() as session:
            assert (await conversations.get(session, 1)).status == Status.QUEUED
