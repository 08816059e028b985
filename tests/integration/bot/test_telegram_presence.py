"""Agents say in Telegram whether they are there; a customer who writes the same is a customer."""

from sqlalchemy import select

from bot.clock import system_clock
from bot.dispatch import Dispatcher
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
