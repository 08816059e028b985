"""Long polling: nothing is confirmed before it is committed, nothing lost, nothing twice, and errors say what to do."""

import asyncio
from collections.abc import Sequence

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import ALLOWED_UPDATES
from bot.channels.telegram.polling import Poller, next_offset
from bot.channels.telegram.service import TelegramBot, TelegramUnusable
from bot.clock import system_clock
from crm_store.engine import Store
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse, settings_for


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


class Taker:
    """Takes updates, once it may."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    async def take(self, updates: Sequence[object]) -> None:
        await self.may_commit.wait()
        self.taken += [update["update_id"] for update in updates if isinstance(update, dict)]


async def poll(server: BotApiServer, taker: Taker) -> tuple[Api, asyncio.Task[None]]:
    api = Api(server.token, server.base_url)
    await api.open()
    return api, asyncio.create_task(Poller(api, taker.take, timeout=1, sleep=no_pause).run())


async def end(api: Api, task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    await api.close()


async def test_updates_are_confirmed_after_they_are_committed(bot_api: BotApiServer) -> None:
    taker = Taker()
    taker.may_commit.clear()
    bot_api.pour((user, "hello") for user in range(5, 25))
    api, task = await poll(bot_api, taker)
    await bot_api.wait_for(lambda: all(update.delivered_at for update in bot_api.updates))
    await asyncio.sleep(0.05)
    assert [update.confirmed_at for update in bot_api.updates] == [None] * 20
    taker.may_commit.set()
    await bot_api.wait_until_confirmed()
    assert len(taker.taken) == 20
    await end(api, task)


async def test_killed_before_the_commit_they_come_again(bot_api: BotApiServer) -> None:
    first, second = Taker(), Taker()
    first.may_commit.clear()
    bot_api.pour((user, "hello") for user in range(5, 25))
    api, task = await poll(bot_api, first)
    await bot_api.wait_for(lambda: all(update.delivered_at for update in bot_api.updates))
    await end(api, task)
    api, task = await poll(bot_api, second)
    await bot_api.wait_until_confirmed()
    await end(api, task)
    assert (len(first.taken), len(second.taken)) == (0, 20)


async def test_the_list_of_kinds_is_sent(bot_api: BotApiServer) -> None:
    api, task = await poll(bot_api, Taker())
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    assert bot_api.world.updates.allowed == frozenset(ALLOWED_UPDATES)
    await end(api, task)


async def test_after_a_quiet_time_any_number_is_accepted(bot_api: BotApiServer) -> None:
    """Numbers start anew after a week without updates (Bot API, Update.update_id)."""
    taker = Taker()
    bot_api.inject({"update_id": 900_000, "message": {}})
    api, task = await poll(bot_api, taker)
    await bot_api.wait_until_confirmed()
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    await asyncio.sleep(1.1)  # one empty answer
    bot_api.inject({"update_id": 17, "message": {}})
    await bot_api.wait_until_confirmed()
    await end(api, task)
    assert taker.taken == [900_000, 17]


def test_next_offset() -> None:
    assert next_offset([{"update_id": 4}, {"update_id": 9}, {}, None]) == 10
    assert next_offset([]) is None


TROUBLES = {
    "no answer": (faults.dropped(takes_effect=False), "cannot be reached"),
    "bad gateway": (faults.server_error(502), "cannot be reached"),
    "broken body": (faults.broken_json(), "cannot be reached"),
    "flood": (faults.too_many_requests(3), "cannot be reached"),
    "other poller": (
        faults.Fault(
            status=409, body='{"ok":false,"description":"Conflict: terminated by other getUpdates"}'
        ),
        "another program polls",
    ),
    "refused token": (
        faults.Fault(status=401, body='{"ok":false,"description":"Unauthorized"}'),
        "get a valid one from @BotFather",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_troubles_are_told_and_outlived(bot_api: BotApiServer, trouble: str) -> None:
    fault, told = TROUBLES[trouble]
    bot_api.fail("getUpdates", fault, times=3)
    bot_api.pour([(5, "hello")])
    taker = Taker()
    with capture_logs() as logs:
        api, task = await poll(bot_api, taker)
        await bot_api.wait_until_confirmed()
    await end(api, task)
    assert len(taker.taken) == 1
    begun, ended = (
        [entry for entry in logs if entry["event"] == event] for event in ("out of order", "in order again")
    )
    assert [told in entry["what"] for entry in begun] == [True], "said once, however often it fails"
    untold = int(trouble == "other poller")
    assert [entry["failures"] for entry in ended] == [3 - untold]
    assert bot_api.token not in str(logs)


async def test_one_refusal_is_no_other_program(bot_api: BotApiServer) -> None:
    """A poll that a killed process left open, or a server that stops, ends ours once."""
    bot_api.fail("getUpdates", TROUBLES["other poller"][0])
    bot_api.pour([(5, "hello")])
    taker = Taker()
    with capture_logs() as logs:
        api, task = await poll(bot_api, taker)
        await bot_api.wait_until_confirmed()
    await end(api, task)
    assert len(taker.taken) == 1
    assert not [entry for entry in logs if entry["event"] == "out of order"]


async def test_a_webhook_set_meanwhile_is_removed(bot_api: BotApiServer) -> None:
    api, task = await poll(bot_api, Taker())
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    await api.call("setWebhook", url="http://127.0.0.1:1/x")
    await bot_api.wait_for(lambda: bot_api.webhook.target is None)
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    await end(api, task)


async def test_a_webhook_left_behind_is_removed_first(bot_api: BotApiServer, shop_store: Store) -> None:
    api = Api(bot_api.token, bot_api.base_url)
    await api.open()
    await api.call("setWebhook", url="http://127.0.0.1:1/x")
    await api.close()
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    assert bot_api.webhook.target is None
    await bot_api.user(5, "Zoe").says("hi")
    await bot_api.user(5).hears("Hello Zoe!")
    await house.stop()


async def test_a_wrong_token_is_told_at_the_start(bot_api: BotApiServer, shop_store: Store) -> None:
    for token in ("42:wrong", "no token", "", "123:"):
        settings = settings_for(bot_api, telegram_token=SecretStr(token))
        with pytest.raises(TelegramUnusable, match="BotFather") as caught:
            await TelegramBot(settings, shop_store, Nobody(), system_clock).start()
        assert "wrong" not in str(caught.value)


class Nobody:
    async def receive(self, inbounds: Sequence[object]) -> None:
        raise AssertionError("nothing should arrive")


async def test_the_network_may_come_later(bot_api: BotApiServer, shop_store: Store) -> None:
    bot_api.fail("getMe", faults.dropped(takes_effect=False), times=2)
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    await bot_api.user(5, "Zoe").says("hi")
    await bot_api.user(5).hears("Hello Zoe!")
    await house.stop()
