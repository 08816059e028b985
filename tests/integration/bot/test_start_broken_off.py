"""A server that is stopped while it starts leaves nothing running."""

import asyncio

from bot.app import Bot
from bot.settings import BotSettings
from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.house import FakeClock
from tests.knowledge_stage import DRAFTS, publish


async def test_what_it_began_to_learn_is_ended(sqlite_store: Store) -> None:
    await publish(sqlite_store, DRAFTS)
    before = asyncio.all_tasks()
    house = Bot(sqlite_store, BotSettings(), StoreSettings(), FakeClock(), only_server=True)
    starting = asyncio.create_task(house.start())
    async with asyncio.timeout(60):
        while house.knowledge.edition.publication < 0:
            await asyncio.sleep(0.001)
    assert not starting.done()  # it waits for its first index
    starting.cancel()
    await asyncio.wait([starting])
    await house.stop()
    assert asyncio.all_tasks() <= before
