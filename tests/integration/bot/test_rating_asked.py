"""When customers are asked for stars: after every resolve of what a person served, and by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.dispatch import Timekeeper
from crm_store import asking, bulk, conversations, customers, idling, queue, reopening
from crm_store.engine import Store
from crm_store.errors import Conflict
from crm_store.models.conversations import Message
from crm_store.models.ratings import RatingRequest
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

DAY = timedelta(days=1)


async def served(house: House) -> Agent:
    """A customer whom Ann has answered, in conversation 1."""
    await house.say("I want a human")
    agent = await house.agent()
    await replied(house, agent)
    return agent


async def replied(house: House, agent: Agent) -> None:
    async with house.store.write() as session:
        await conversations.reply(session, 1, agent, "Hello!", now=house.clock())
    await house.settle()


async def asked(house: House) -> list[tuple[int | None, str]]:
    """Whom each request is about, and how it stands."""
    await house.settle()
    async with house.store.read() as session:
        rows = await session.scalars(select(RatingRequest).order_by(RatingRequest.id))
        return [(row.agent_id, row.state) for row in rows]


async def fire(house: House, after: timedelta) -> None:
    """Let time pass and its timers fire."""
    house.clock.advance(after)
    await Timekeeper(house.store, house.clock, house.settings).fire_due()


async def test_who_was_served_before_the_conversation_went_back_is_asked_about_who_served(
    sqlite_store: Store,
) -> None:
    async with open_house(sqlite_store) as house:
        ann = await served(house)
        boss = await house.agent("Boss", "supervisor")
        async with house.store.write() as session:
            await queue.release(session, 1, ann, now=house.clock())
        async with house.store.write() as session:
            await queue.resolve(session, 1, boss, now=house.clock(), settings=house.settings)
        assert await asked(house) == [(ann.id, "asked")]


async def test_who_waited_in_vain_is_not_asked(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        await house.say("I want a human")
        agent = await house.agent()
        async with house.store.write() as session:
            await queue.resolve(session, 1, agent, now=house.clock(), settings=house.settings)
        assert await asked(house) == []


@pytest.mark.parametrize("is_served", [True, False])
async def test_an_idle_conversation_is_asked_about_only_if_a_person_served_it(
    sqlite_store: Store, is_served: bool
) -> None:
    async with open_house(sqlite_store) as house:
        if is_served:
            ann = await served(house)
            async with house.store.write() as session:
                await queue.release(session, 1, ann, now=house.clock())
            await house.say("/cancel")
        else:
            await house.say("where is my order?")
        await fire(house, timedelta(hours=24))
        await fire(house, timedelta(hours=24))
        async with house.store.read() as session:
            assert (await conversations.get(session, 1)).status == "resolved"
        assert [state for _, state in await asked(house)] == (["asked"] if is_served else [])


async def test_a_customer_silent_after_a_reply_is_told_and_asked_where_the_owner_wants_it(
    sqlite_store: Store,
) -> None:
    settings = StoreSettings(customer_silence_hours=48)
    async with open_house(sqlite_store, settings=settings) as house:
        ann = await served(house)
        timekeeper = Timekeeper(house.store, house.clock, settings)
        minute = timedelta(minutes=1)
        for after, status in (
            (2 * DAY - minute, "waiting_customer"),
            (minute, "resolved"),
            (minute, "resolved"),
        ):
            house.clock.advance(after)
            await timekeeper.fire_due()
            async with house.store.read() as session:
                assert (await conversations.get(session, 1)).status == status
        assert await asked(house) == [(ann.id, "asked")]
        told = [sent.text for sent in house.postbox.taken[-2:]]
        assert told[0].startswith("I have closed our conversation because it was quiet")
        assert told[1].startswith("How would you rate")


async def test_nobody_is_closed_for_silence_unless_the_owner_wants_it(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        await served(house)
        async with house.store.write() as session:
            assert (
                await idling.close_silent(session, now=house.clock() + 99 * DAY, settings=house.settings) == 0
            )


async def test_a_bulk_resolve_asks_once_it_cannot_be_undone(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        ann = await served(house)
        async with house.store.write() as session:
            done = await bulk.apply(session, "resolve", [1], ann, now=house.clock(), settings=house.settings)
        assert await asked(house) == []
        async with house.store.write() as session:
            await bulk.undo(
                session,
                done.id,
                ann,
                now=house.clock.advance(timedelta(minutes=1)),
                settings=house.settings,
            )
        await fire(house, asking.UNDO_FIRST)
        assert await asked(house) == []
        async with house.store.write() as session:
            await bulk.apply(session, "resolve", [1], ann, now=house.clock(), settings=house.settings)
        await fire(house, asking.UNDO_FIRST)
        assert await asked(house) == [(ann.id, "asked")]


async def test_a_bulk_resolve_of_what_is_long_ago_asks_nobody(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        ann = await served(house)
        house.clock.advance(4 * DAY)
        async with house.store.write() as session:
            await bulk.apply(session, "resolve", [1], ann, now=house.clock(), settings=house.settings)
        await fire(house, asking.UNDO_FIRST)
        assert await asked(house) == []


async def test_by_hand_once_and_not_again_at_the_resolve(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        await house.say("I want a human")
        ann = await house.agent()
        with pytest.raises(Conflict, match="nothing to rate yet"):
            await by_hand(house)
        await replied(house, ann)
        house.clock.advance(timedelta(minutes=1))
        await by_hand(house)
        with pytest.raises(Conflict, match="asked for a rating already"):
            await by_hand(house)
        async with house.store.write() as session:
            await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
        assert await asked(house) == [(ann.id, "asked")]
        async with house.store.write() as session:
            await reopening.reopen(session, 1, ann, now=house.clock.advance(DAY))
        house.clock.advance(timedelta(minutes=1))
        await replied(house, ann)
        async with house.store.write() as session:
            await queue.resolve(session, 1, ann, now=house.clock(), settings=house.settings)
        assert await asked(house) == [(ann.id, "expired"), (ann.id, "asked")]


async def by_hand(house: House) -> None:
    async with house.store.write() as session:
        await asking.by_hand(session, 1, now=house.clock(), settings=house.settings)


async def test_off_and_out_of_reach_are_said(sqlite_store: Store) -> None:
    settings = StoreSettings(rating_aspects="")
    async with open_house(sqlite_store, settings=settings) as house:
        await served(house)
        with pytest.raises(Conflict, match="What is rated"):
            await by_hand(house)
        async with house.store.write() as session:
            [identity] = (await customers.identities(session, [1]))[1]
            identity.is_reachable = False
        house.settings = StoreSettings()
        with pytest.raises(Conflict, match="cannot be reached"):
            await by_hand(house)


async def test_stars_given_while_an_agent_is_there_end_with_thanks(sqlite_store: Store) -> None:
    """What the customer writes next is for the agent, so no comment is asked for that would be lost."""
    async with open_house(sqlite_store) as house:
        await served(house)
        house.clock.advance(timedelta(minutes=1))
        await by_hand(house)
        await house.settle()
        sent = house.postbox.taken[-1]
        for _ in range(3):
            [sent] = await house.press(sent, 4)
        assert sent.text == "Thank you for your rating!"
        await house.say("one more question")
        async with house.store.read() as session:
            last = await session.scalar(select(Message).order_by(Message.id.desc()).limit(1))
            held = await conversations.get(session, 1)
        assert last is not None
        assert (last.text, held.status) == ("one more question", "assigned")
        assert [state for _, state in await asked(house)] == ["done"]
