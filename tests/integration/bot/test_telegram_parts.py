"""A long answer in several messages that is broken off in between: what stands in the chat does not come again."""

import asyncio

import pytest

from crm_store import conversations, links, staff
from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse, at_rest

LONG = "a" + "😀" * 2040 + " b" + "😀" * 2040
"""Telegram counts each of these faces twice."""
PARTS = ["a", "b"]


async def reply(house: DeskHouse, text: str) -> int:
    """The number of Ann's reply from the web desk."""
    async with house.store.write() as session:
        ann = await staff.get_agent(session, 1)
        message = await conversations.reply(session, 1, ann, text, now=house.clock())
        return message.id


def begun(bot_api: BotApiServer, zoe: Person, before: int) -> list[str]:
    """The first letter of each message since then."""
    return [post.text[:1] for post in bot_api.sent(zoe.id)[before:]]


async def until_sent(store: Store, number: int) -> None:
    """Returns once it is written down that the message arrived."""
    async with asyncio.timeout(60):
        while True:
            async with store.read() as session:
                if (await session.get_one(Message, number)).delivery == "sent":
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", [faults.too_many_requests(2), faults.server_error(502)])
@pytest.mark.parametrize("is_killed", [True, False])
async def test_a_restart_amid_a_long_answer_sends_what_is_missing(
    desk_house: DeskHouse, bot_api: BotApiServer, fault: faults.Fault, is_killed: bool
) -> None:
    zoe, _, _ = await desk_house.held()
    await at_rest(desk_house.store)
    before = len(bot_api.sent(zoe.id))
    bot_api.fail("sendMessage", faults.slow(0), chat=zoe.id)
    bot_api.fail("sendMessage", fault, chat=zoe.id, times=1000)
    number = await reply(desk_house, LONG)
    await bot_api.wait_for(lambda: begun(bot_api, zoe, before) == ["a"] and bot_api.refusals)
    await (desk_house.kill() if is_killed else desk_house.stop())
    bot_api.faults.clear()
    await desk_house.run()
    await zoe.hears("b😀")
    assert begun(bot_api, zoe, before) == PARTS
    await until_sent(desk_house.store, number)
    async with desk_house.store.read() as session:
        parts = await links.copies(session, number, side="customer", chat=str(zoe.id))
    assert parts == [str(post.id) for post in bot_api.sent(zoe.id)[before:-1]]
