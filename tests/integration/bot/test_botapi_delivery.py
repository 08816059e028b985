"""How the own Bot API server hands out updates: polling, webhook, repeats, faults and limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict, RetryAfter

from bot.channels.telegram.transport import build_bot
from tests.botapi.clock import ManualClock
from tests.botapi.server import BotApiServer
from tests.botapi.webhook import SECRET_HEADER

ANN, BOB = 5, 6


@pytest.fixture
async def bot(bot_api: BotApiServer) -> AsyncIterator[Bot]:
    async with build_bot(bot_api.token, bot_api.base_url) as bot:
        yield bot


async def test_an_update_stays_until_a_higher_offset_confirms_it(bot: Bot, bot_api: BotApiServer) -> None:
    bot_api.pour([(ANN, str(number)) for number in range(5)])
    first = await bot.get_updates(limit=2)
    assert [update.message.text for update in first] == ["0", "1"]
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [one.update_id for one in first]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [update.message.text for update in rest] == ["2", "3", "4"]
    assert [update.message.text for update in await bot.get_updates(offset=-1)] == ["4"]
    assert len(bot_api.world.updates.pending) == 1
    born = bot_api.updates
    assert all(update.delivered_at and update.delivered_at >= update.born_at for update in born)
    assert [update.deliveries for update in born] == [2, 2, 1, 1, 2]
    numbers = [update.id - born[0].id for update in bot_api.delivered(ANN)]
    assert numbers == [0, 1, 0, 1, 2, 3, 4, 4]


async def test_the_older_of_two_pollers_is_ended(bot: Bot, bot_api: BotApiServer) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=5))
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    second = asyncio.create_task(bot.get_updates(timeout=5))
    with pytest.raises(Conflict, match="other getUpdates"):
        await waiting
    await bot_api.user(ANN).says("hello")
    assert len(await second) == 1


async def test_kinds_not_asked_for_are_not_kept(bot: Bot, bot_api: BotApiServer) -> None:
    ann = bot_api.user(ANN)
    post = await ann.says("one")
    await ann.reacts(post)
    assert len(await bot.get_updates(allowed_updates=["edited_message"])) == 1
    await ann.edits(post, "two")
    await ann.says("three")
    assert [one.update_id for one in await bot.get_updates()] == [1000, 1001]


async def test_raw_and_repeated_updates(bot_api: BotApiServer) -> None:
    odd = bot_api.inject({"something_new": {"chat": "not a chat"}})
    first = bot_api.inject({"update_id": 5000, "message": {"chat": {"id": 2**60}, "text": 7}})
    bot_api.repeat(first)
    assert [one.id for one in bot_api.world.updates.pending] == [odd.id, 5000, 5000]
    assert first.key == ("chat", 2**60)


Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Receiver:
    """A webhook's end: keeps what came and answers with the next status on order, 200 otherwise."""

    def __init__(self) -> None:
        self.seen: list[tuple[str | None, str]] = []
        self.statuses: list[int] = []
        self.answer: dict[str, object] = {}

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        update = await request.json()
        self.seen.append((request.headers.get(SECRET_HEADER), update["message"]["text"]))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.json_response(self.answer if status == 200 else {}, status=status)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_a_webhook_gets_each_chat_in_order_and_again_until_it_says_yes(
    bot: Bot, bot_api: BotApiServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    bot_api.pour([(ANN, "before")])
    await bot.set_webhook(url, secret_token="s3cret", max_connections=10)
    await bot_api.wait_until_confirmed()
    hook.statuses = [500, 403]
    bot_api.pour([(ANN, "a1"), (ANN, "a2")])
    await bot_api.wait_until_confirmed()
    assert [text for _, text in hook.seen] == ["before", "a1", "a1", "a1", "a2"]
    assert {secret for secret, _ in hook.seen} == {"s3cret"}
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (url, 0)
    assert "403" in str(info.last_error_message)


async def test_a_webhook_and_polling_exclude_each_other(
    bot: Bot, bot_api: BotApiServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    waiting = asyncio.create_task(bot.get_updates(timeout=5))
    await bot_api.wait_for(lambda: bot_api.world.updates.is_polled)
    await bot.set_webhook(url)
    with pytest.raises(Conflict, match="webhook is active"):
        await waiting
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    hook.statuses = [500] * 1000
    bot_api.pour([(ANN, "refused")])
    await bot_api.wait_for(lambda: bot_api.webhook.last_error)
    await bot.delete_webhook()
    assert [update.message.text for update in await bot.get_updates()] == ["refused"]


async def test_a_webhooks_answer_may_carry_a_call(
    bot: Bot, bot_api: BotApiServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    hook.answer = {"method": "sendMessage", "chat_id": ANN, "text": "by return"}
    await bot.set_webhook(url)
    bot_api.pour([(ANN, "hello")])
    (post,) = await bot_api.wait_for_sent(ANN)
    assert post.text == "by return"


BAD_WEBHOOKS = [
    ("http://example.org/hook", "ok", "https url"),
    ("https://example.org/hook", "not ok!", "unallowed characters"),
]


@pytest.mark.parametrize(("url", "secret", "reason"), BAD_WEBHOOKS)
async def test_webhooks_telegram_refuses(bot: Bot, url: str, secret: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        await bot.set_webhook(url, secret_token=secret)


async def test_limits_are_noted_and_enforced_on_the_given_clock() -> None:
    clock = ManualClock()
    async with BotApiServer(clock=clock) as server, build_bot(server.token, server.base_url) as bot:
        server.pour([(ANN, "hi"), (BOB, "hi")])
        for _ in range(2):
            await bot.send_message(ANN, "noted")
        assert [(one.limit, one.chat_id) for one in server.rates.breaches] == [("chat", ANN)]
        server.rates.enforced = True
        with pytest.raises(RetryAfter):
            await bot.send_message(ANN, "refused")
        await bot.send_message(BOB, "another chat")
        clock.advance(1)
        await bot.send_message(ANN, "in time")
        desk = server.group(-1007)
        for _ in range(20):
            clock.advance(1)
            await bot.send_message(desk.id, "relayed")
        clock.advance(1)
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(desk.id, "the 21st in a minute")
        assert caught.value.retry_after == timedelta(seconds=40)


async def test_a_press_goes_stale_on_the_clock() -> None:
    clock = ManualClock()
    async with BotApiServer(clock=clock) as server, build_bot(server.token, server.base_url) as bot:
        ann = server.user(ANN)
        press = await ann.presses_data(await ann.says("x"), "old")
        clock.advance(151)
        with pytest.raises(BadRequest, match="too old"):
            await bot.answer_callback_query(press.id)
        clock.advance(48 * 3600)
        with pytest.raises(BadRequest, match=r"(?i)can't be deleted"):
            await bot.delete_message(ANN, 1)


async def test_the_server_can_go_away_and_come_back() -> None:
    server = BotApiServer()
    await server.start()
    port = int(server.base_url.rpartition(":")[2])
    server.pour([(ANN, "kept")])
    await server.stop()
    await server.start(port)
    async with build_bot(server.token, server.base_url) as bot:
        assert [update.message.text for update in await bot.get_updates()] == ["kept"]
    await server.stop()
