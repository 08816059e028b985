"""A card that fell behind is drawn once, as it is now: the group takes 20 messages a minute, edits among them."""

import asyncio

from crm_store import desk_posts, queue
from crm_store.models.staff import Agent
from tests.botapi.server import BotApiServer
from tests.telegram_stage import WAITING, DeskHouse


def edits(server: BotApiServer, card_id: int) -> int:
    return sum(
        call.method == "editMessageText" and call.params.find_integer("message_id") == card_id
        for call in server.calls
    )


async def waiting(house: DeskHouse) -> int:
    async with house.store.read() as session:
        return await desk_posts.unsent(session)


async def test_many_changes_that_waited_are_one_edit(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, _, card = await desk_house.held()
    before, now = edits(bot_api, card.id), desk_house.clock()
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        for _ in range(6):
            await queue.release(session, 1, ann, now=now)
            await queue.take(session, 1, ann, now=now)
        await queue.release(session, 1, ann, now=now)
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    async with asyncio.timeout(20):
        while await waiting(desk_house):
            await asyncio.sleep(0.02)
    assert edits(bot_api, card.id) - before == 1
