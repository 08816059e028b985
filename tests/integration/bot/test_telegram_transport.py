"""The aiohttp transport: what it sends, what it makes of failures, and that the token stays out of sight."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, ReplyParameters
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.transport import AiohttpRequest, NotSent, build_bot
from tests.botapi import faults
from tests.botapi.server import TOKEN, BotApiServer

ANN = 5
SECRET = TOKEN.partition(":")[2]


@pytest.fixture
async def bot(bot_api: BotApiServer) -> AsyncIterator[Bot]:
    await bot_api.user(ANN).starts()
    async with build_bot(bot_api.token, bot_api.base_url, read_timeout=0.3, connect_timeout=0.3) as bot:
        yield bot


async def test_structures_travel_as_form_fields_of_json(bot: Bot, bot_api: BotApiServer) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes & no", callback_data="a=b&c")]])
    await bot.send_message(ANN, "ä + 😀 & =", reply_markup=markup, reply_parameters=ReplyParameters(1))
    values = bot_api.calls[-1].params.values
    assert values["text"] == "ä + 😀 & ="
    assert all(isinstance(value, str) for value in values.values())
    assert bot_api.sent(ANN)[-1].rows == [[{"text": "Yes & no", "callback_data": "a=b&c"}]]


async def test_files_travel_as_multipart_with_name_and_type(bot: Bot, bot_api: BotApiServer) -> None:
    await bot.send_document(ANN, b"\x00\xff bytes", filename='Rechnung "ä" 1.pdf')
    (upload,) = bot_api.calls[-1].params.uploads.values()
    assert (upload.filename, upload.content, upload.mime_type) == (
        'Rechnung "ä" 1.pdf',
        b"\x00\xff bytes",
        "application/pdf",
    )
    await bot.send_media_group(ANN, [InputMediaPhoto(b"1"), InputMediaPhoto(b"2")])
    assert len(bot_api.calls[-1].params.uploads) == 2


REFUSALS: list[tuple[faults.Fault, type[TelegramError]]] = [
    (faults.too_many_requests(7), RetryAfter),
    (faults.forbidden(), Forbidden),
    (faults.bad_request("message is not modified"), BadRequest),
    (faults.server_error(502), NetworkError),
    (faults.server_error(500), NetworkError),
    (faults.broken_json(), NetworkError),
    (faults.Fault(status=409, body='{"ok":false,"description":"Conflict: x"}'), Conflict),
    (faults.Fault(status=200, body="[1]"), NetworkError),
    (faults.Fault(status=302, body="moved"), NetworkError),
]


@pytest.mark.parametrize(("fault", "error"), REFUSALS)
async def test_refusals_become_the_librarys_errors(
    bot: Bot, bot_api: BotApiServer, fault: faults.Fault, error: type[TelegramError]
) -> None:
    bot_api.fail("sendMessage", fault)
    with pytest.raises(error) as caught:
        await bot.send_message(ANN, "hello")
    assert not isinstance(caught.value, NotSent)
    await bot.send_message(ANN, "again")


AMBIGUOUS: list[tuple[faults.Fault, type[TelegramError], int]] = [
    (faults.timeout(takes_effect=True), TimedOut, 1),
    (faults.timeout(takes_effect=False), TimedOut, 0),
    (faults.dropped(takes_effect=True), NetworkError, 1),
    (faults.dropped(takes_effect=False), NetworkError, 0),
]


@pytest.mark.parametrize(("fault", "error", "delivered"), AMBIGUOUS)
async def test_a_failure_after_the_request_went_out_is_ambiguous(
    bot: Bot, bot_api: BotApiServer, fault: faults.Fault, error: type[TelegramError], delivered: int
) -> None:
    bot_api.fail("sendMessage", fault)
    with pytest.raises(error) as caught:
        await bot.send_message(ANN, "hello")
    assert not isinstance(caught.value, NotSent)
    assert len(bot_api.sent(ANN)) == delivered


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:1", "http://no-such-host.invalid:80", "http://127.0.0.1:99999", "nonsense"]
)
async def test_what_cannot_leave_is_surely_not_sent(base_url: str) -> None:
    bot = build_bot(TOKEN, base_url, connect_timeout=2)
    with pytest.raises(NotSent) as caught:
        async with bot:
            pass
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_waiting_for_a_connection_in_vain_is_surely_not_sent(bot_api: BotApiServer) -> None:
    await bot_api.user(ANN).starts()
    bot_api.fail("sendMessage", faults.slow(1.5))
    request = AiohttpRequest(connection_pool_size=1, pool_timeout=0.1, connect_timeout=0.1)
    async with request:
        url = f"{bot_api.base_url}/bot{TOKEN}/sendMessage"
        data = RequestData([RequestParameter("chat_id", ANN, None), RequestParameter("text", "x", None)])
        first = asyncio.create_task(request.do_request(url, "POST", data))
        await bot_api.wait_for_sent(ANN)
        with pytest.raises(NotSent):
            await request.do_request(url, "POST", data)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert len(bot_api.sent(ANN)) == 1


async def test_a_page_that_quotes_the_address_shows_no_token(bot: Bot, bot_api: BotApiServer) -> None:
    page = f"<html>Not found: /bot{TOKEN}/sendMessage</html>"
    bot_api.fail("sendMessage", faults.Fault(status=504, body=page))
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(ANN, "hello")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_no_log_line_carries_the_token(
    bot: Bot, bot_api: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in (faults.server_error(), faults.broken_json(), faults.dropped(takes_effect=False)):
        bot_api.fail("sendMessage", fault)
        with pytest.raises(NetworkError):
            await bot.send_message(ANN, "hello")
    assert SECRET not in re.sub(r"\s", "", caplog.text)


async def test_a_long_poll_outlasts_the_read_timeout_of_sends(bot: Bot, bot_api: BotApiServer) -> None:
    (start,) = await bot.get_updates()
    waiting = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=5))
    await asyncio.sleep(0.5)
    await bot_api.user(ANN).says("late")
    (update,) = await waiting
    assert update.message is not None
    assert update.message.text == "late"


async def test_an_unopened_transport_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="initialize"):
        await AiohttpRequest().do_request("http://127.0.0.1:1", "POST")


async def test_it_can_be_opened_again_after_a_shutdown(bot_api: BotApiServer) -> None:
    request = AiohttpRequest()
    for _ in range(2):
        async with request:
            status, _body = await request.do_request(f"{bot_api.base_url}/bot{TOKEN}/getMe", "POST")
            assert status == 200
    assert request.read_timeout == 10.0


async def test_redirects_are_not_followed() -> None:
    """A redirect would carry the token, part of the path, to another host."""
    seen: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with AiohttpRequest() as request:
            port = runner.addresses[0][1]
            status, _body = await request.do_request(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe", "POST")
            assert status == 302
    finally:
        await runner.cleanup()
    assert len(seen) == 1
