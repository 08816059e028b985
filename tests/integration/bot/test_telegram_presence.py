"""Agents say in Telegram whether they are there; a customer who writes the same is a customer."""

from datetime import timedelta

from sqlalchemy import select

from bot.clock import system_clock
from bot.dispatch import Dispatcher, Timekeeper
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.telegram_stage import DeskHouse


async def presence(house: DeskHouse, name: str) -> str:
    async with house.store.read() as session:
        found = await session.scalar(select(Agent.presence).where(Agent.name == name))
    return str(found)


async def test_an_agent_is_online_by_a_word_and_is_given_what_waits(desk_house: DeskHouse) -> None:
    zoe, _, _ = await desk_house.queued()
    await desk_house.ann.says("/online")
    await desk_house.ann.hears("You are online for 8 hours")
    dispatcher = Dispatcher(desk_house.store, system_clock, StoreSettings())
    assert await dispatcher.give_all() == 1
    await zoe.hears("Ann is with you now")
    await desk_house.ann.says("/away@frontdesk_bot", chat=desk_house.group)
    await desk_house.ann.hears("You are away")
    assert await presence(desk_house, "Ann") == "away"
    await desk_house.ann.says("/offline")
    await desk_house.ann.hears("You are offline")


async def test_who_is_no_agent_is_answered_as_a_customer(desk_house: DeskHouse) -> None:
    zoe = desk_house.server.user(5, "Zoe")
    await zoe.says("/online")
    assert "command" in (await zoe.hears()).text
    await desk_house.carl.says("/online", chat=desk_house.group)
    assert await presence(desk_house, "Ann") == "offline"


async def test_who_is_set_away_for_not_answering_is_told_so_and_how_to_come_back(
    desk_house: DeskHouse,
) -> None:
    rules = StoreSettings(first_reply_minutes=30)
    await desk_house.queued()
    await desk_house.ann.says("/online")
    await desk_house.ann.hears("You are online")
    assert await Dispatcher(desk_house.store, system_clock, rules).give_all() == 1
    later = system_clock() + timedelta(minutes=31)
    assert await Timekeeper(desk_house.store, lambda: later, rules).fire_due() > 0
    assert await presence(desk_house, "Ann") == "away"
    said = "Ann was given Zoe and wrote nothing for 30 minutes"
    await desk_house.server.wait_for(lambda: any(said in post.text for post in desk_house.server.sent()))
    (told,) = [post for post in desk_house.server.sent() if said in post.text]
    assert "/online" in told.text
    (mention,) = [one for one in told.body["entities"] if one["type"] == "text_mention"]
    assert mention["user"]["id"] == 71  # Ann's account
