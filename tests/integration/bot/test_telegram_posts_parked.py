"""What cannot be posted to the staff group is parked alone: every other customer's news go on."""

import asyncio

from sqlalchemy import select

from bot.clock import system_clock
from bot.replaying import Replayer
from crm_store import joining, parking, privacy
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.plumbing import DeskPost, ParkedUpdate
from crm_store.models.staff import Agent
from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse, at_rest


async def test_a_merge_is_told_on_the_card_and_stops_nothing(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.says("Here you are", chat=desk_house.group, thread=topic)
    await zoe.hears("Here you are")
    await desk_house.ann.presses(card, "Resolve")
    await zoe.hears("has closed this matter")
    await zoe.says("/human")
    await bot_api.wait_for(lambda: "Waiting for a person" in card.text)
    await desk_house.ann.presses(card, "Take")
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await joining.merge(session, kept_id=2, merged_id=1, by=ann, now=system_clock())
    await desk_house.ann.says("/snooze 1h", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "Snoozed" in card.text)
    assert "📝 Ann merged conversation #1 into this one" in card.text
    await desk_house.queued(6, "Yan")


async def note_without_words(store: Store) -> int:
    """The id of a note whose meaning no locale knows, as a later version may have left it."""
    async with store.write() as session:
        found = await session.get_one(Conversation, 1)
        note = Message(
            conversation_id=1,
            customer_id=found.customer_id,
            author="system",
            is_note=True,
            intent={"say": "of_another_version", "params": {}},
            created_at=system_clock(),
        )
        session.add(note)
    return note.id


async def parked(store: Store) -> list[ParkedUpdate]:
    async with store.read() as session:
        return await parking.page(session)


async def until_parked(store: Store) -> list[ParkedUpdate]:
    """What is parked, once anything is."""
    async with asyncio.timeout(60):
        while not (rows := await parked(store)):
            await asyncio.sleep(0.02)
    return rows


async def test_a_card_that_cannot_be_drawn_is_parked_and_the_others_go_on(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await at_rest(desk_house.store)
    number = await note_without_words(desk_house.store)
    await desk_house.ann.presses(card, "Release")
    await until_parked(desk_house.store)
    await zoe.says("Are you there?")
    await desk_house.group.hears("Are you there?", thread=topic)
    await desk_house.queued(6, "Yan")
    await at_rest(desk_house.store)
    rows = await parked(desk_house.store)
    assert all(row.error == "KeyError: 'of_another_version'" for row in rows)
    async with desk_house.store.write() as session:
        assert set(await session.scalars(select(DeskPost.delivery))) == {"sent", "dead"}
        await session.delete(await session.get_one(Message, number))
        await parking.ask_replay_of_all(session, now=system_clock())
    replayer = Replayer(desk_house.store, desk_house.reception, system_clock)
    replayer.platforms[desk_house.bot.api.source] = desk_house.bot.replay
    assert await replayer.replay_asked() == len(rows)
    await bot_api.wait_for(lambda: "Waiting for a person" in card.text)
    assert await parked(desk_house.store) == []


async def test_an_errand_that_cannot_be_done_is_parked_and_told(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    said = await desk_house.ann.says("Here you are", chat=desk_house.group, thread=topic)
    await zoe.hears("Here you are")
    async with desk_house.store.write() as session:
        message = await session.scalar(select(Message).where(Message.text == "Here you are"))
        assert message is not None
        message.intent = {"choices": [{"of": "another version"}]}
    await desk_house.ann.edits(said, "Here you go")
    await desk_house.group.hears("Not delivered: KeyError", thread=topic)
    rows = await until_parked(desk_house.store)
    assert [row.error for row in rows] == ["KeyError: 'label'"]
    async with desk_house.store.write() as session:
        await privacy.erase_person(session, 1, now=system_clock(), erased_by="Ann")
    assert await parked(desk_house.store) == []
