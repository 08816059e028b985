"""A staff group that Telegram fails at: its owner reads that it cannot be written to, since when, and why."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.clock import system_clock
from bot.doctor import check_store
from bot.findings import Level
from crm_store import privacy
from crm_store.engine import Store
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.house import FakeClock
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for

PART = "staff group"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def failed_posts(store: Store) -> list[str]:
    """What the doctor tells of posts that failed."""
    found = [one for one in await check_store(store) if "staff group" in one.what]
    assert {one.level for one in found} <= {Level.ERROR}
    return [one.what for one in found]


async def test_a_group_that_cannot_be_written_to_is_told_until_it_can(
    desk_house: DeskHouse, bot_api: BotApiServer, shop_store: Store
) -> None:
    zoe, topic, _ = await desk_house.held()
    await at_rest(shop_store)
    condition = desk_house.bot._condition
    bot_api.fail("*", faults.server_error(502), chat=GROUP, times=100_000)
    await zoe.says("are you there?")
    await until(lambda: condition.is_out_of_order(PART))
    (trouble,) = condition.troubles
    assert "502" in trouble.what
    (told,) = await failed_posts(shop_store)
    assert told.startswith("1 post to the staff group failed, the oldest is of 20")
    assert told.endswith("The server answered 502")
    bot_api.faults.clear()
    await desk_house.group.hears("are you there?", thread=topic)
    await until(lambda: not condition.troubles)
    await at_rest(shop_store)
    assert await failed_posts(shop_store) == []


async def test_one_failure_that_passes_is_no_trouble(
    desk_house: DeskHouse, bot_api: BotApiServer, shop_store: Store
) -> None:
    zoe, topic, _ = await desk_house.held()
    await at_rest(shop_store)
    bot_api.fail("*", faults.server_error(502), chat=GROUP)
    await zoe.says("are you there?")
    await desk_house.group.hears("are you there?", thread=topic)
    assert desk_house.bot._condition.troubles == []


async def test_a_group_that_nothing_is_left_to_be_posted_to_is_no_trouble(
    desk_house: DeskHouse, bot_api: BotApiServer, shop_store: Store
) -> None:
    """Only a post can prove that it works again, and there may be none for days."""
    zoe, _, _ = await desk_house.held()
    await at_rest(shop_store)
    condition = desk_house.bot._condition
    bot_api.fail("*", faults.server_error(502), chat=GROUP, times=100_000)
    await zoe.says("are you there?")
    await until(lambda: condition.is_out_of_order(PART))
    async with shop_store.write() as session:
        await privacy.erase_person(session, 1, now=system_clock(), erased_by="test")
    await until(lambda: not condition.troubles)


async def test_a_group_is_left_alone_as_long_as_telegram_asked_also_by_the_next_process(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    """Also for who was not about to be posted when it was asked."""
    clock, asked = FakeClock(system_clock()), timedelta(hours=5)
    house = DeskHouse(bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP), clock)
    await house.open()
    zoe, _, _ = await house.held()
    await at_rest(shop_store)
    bot_api.fail("*", faults.too_many_requests(int(asked.total_seconds())), chat=GROUP)
    await zoe.says("are you there?")
    await bot_api.wait_for(lambda: len(bot_api.refusals) > 0)
    (group,) = house.bot._groups
    await until(lambda: group.pace.delay() > 50)
    await house.kill()
    before = len(bot_api.calls)
    clock.advance(asked - timedelta(minutes=1))
    await house.run()
    (group,) = house.bot._groups
    await until(lambda: group.pace.delay() > 50)
    yan = bot_api.user(6, "Yan")
    await yan.says("/human")
    await yan.hears()
    posts = [call for call in bot_api.calls[before:] if call.method in ("sendMessage", "createForumTopic")]
    assert all(call.params.find_integer("chat_id") == 6 for call in posts)
    await house.kill()
    clock.advance(timedelta(minutes=1))
    await house.run()
    await house.group.hears("are you there?")
    await house.stop()
