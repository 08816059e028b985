"""Calls over our own connections: what leaves, what comes back, and what is surely not sent or in doubt."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram import connections
from bot.channels.telegram.connections import Connections
from bot.channels.telegram.direct import DirectRequest
from bot.channels.telegram.transport import NotSent, ServerAway
from tests.botapi import faults
from tests.botapi.server import TOKEN, BotApiServer

ANN = 5
SECRET = TOKEN.partition(":")[2]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def direct(bot_api: BotApiServer) -> AsyncIterator[DirectRequest]:
    await bot_api.user(ANN).starts()
    async with DirectRequest(f"{bot_api.base_url}/bot{TOKEN}/", read_timeout=0.3) as request:
        yield request


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """The url of a server that talks like this on every connection."""
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    if talks:
        await asyncio.wait(talks, timeout=5)


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


def answering(*chunks: bytes, then_close: bool = False) -> Talk:
    """Every request gets these bytes, one piece after the other."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_over = False
        while not is_over:
            await read_request(reader)
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0.002)
            is_over = then_close

    return talk


async def test_structures_travel_as_json_and_none_is_left_out(
    direct: DirectRequest, bot_api: BotApiServer
) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes & no", "callback_data": "a=b&c"}]]}
    params = {"chat_id": str(ANN), "text": "ä + 😀 & =", "reply_markup": markup, "reply_parameters": None}
    answer = await direct.call("sendMessage", params)
    assert answer["message_id"] == bot_api.sent(ANN)[-1].id
    assert bot_api.calls[-1].params.values == {k: v for k, v in params.items() if v is not None}
    assert bot_api.sent(ANN)[-1].rows == markup["inline_keyboard"]


FAULTS: list[tuple[faults.Fault, type[TelegramError], int]] = [
    # fault, error, how often the message arrived
    (faults.too_many_requests(7), RetryAfter, 0),
    (faults.forbidden(), Forbidden, 0),
    (faults.bad_request("message is not modified"), BadRequest, 0),
    (faults.server_error(502), ServerAway, 0),
    (faults.broken_json(), NetworkError, 1),
    (
        faults.Fault(status=409, takes_effect=False, body='{"ok":false,"description":"Conflict: x"}'),
        Conflict,
        0,
    ),
    (faults.Fault(status=302, takes_effect=False, body="moved"), NetworkError, 0),
    (
        faults.Fault(status=504, takes_effect=False, body=f"<html>/bot{TOKEN}/sendMessage</html>"),
        NetworkError,
        0,
    ),
    (faults.timeout(takes_effect=True), TimedOut, 1),
    (faults.dropped(takes_effect=True), NetworkError, 1),
    (faults.dropped(takes_effect=False), NetworkError, 0),
]


@pytest.mark.parametrize(("fault", "error", "arrived"), FAULTS)
async def test_failures_after_the_request_went_out_are_not_surely_unsent(
    direct: DirectRequest,
    bot_api: BotApiServer,
    fault: faults.Fault,
    error: type[TelegramError],
    arrived: int,
) -> None:
    bot_api.fail("sendMessage", fault)
    with pytest.raises(error) as caught:
        await direct.call("sendMessage", {"chat_id": ANN, "text": "hello"})
    assert not isinstance(caught.value, NotSent)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert len(bot_api.sent(ANN)) == arrived
    await direct.call("sendMessage", {"chat_id": ANN, "text": "again"})
    assert len(bot_api.sent(ANN)) == arrived + 1


@pytest.mark.parametrize(
    "root",
    ["http://127.0.0.1:1", "http://no-such-host.invalid:80", "http://127.0.0.1:99999", "nonsense", "https://[::"],
)  # fmt: skip
async def test_what_cannot_leave_is_surely_not_sent(root: str) -> None:
    async with DirectRequest(f"{root}/bot{TOKEN}/") as request:
        with pytest.raises(NotSent) as caught:
            await request.call("getMe", {})
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_server_that_does_not_speak_tls_gets_nothing() -> None:
    async with server(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as url:
        for_tls = Connections(url.replace("http:", "https:"), connect_s=0.5)
        with pytest.raises(NotSent):
            await for_tls.post("x", b"{}")


async def test_waiting_for_a_connection_in_vain_is_surely_not_sent(bot_api: BotApiServer) -> None:
    await bot_api.user(ANN).starts()
    bot_api.fail("sendMessage", faults.slow(1.5))
    one = Connections(f"{bot_api.base_url}/bot{TOKEN}", limit=1, place_s=0.1)
    body = b'{"chat_id":5,"text":"x"}'
    first = asyncio.create_task(one.post("sendMessage", body))
    await bot_api.wait_for_sent(ANN)
    with pytest.raises(NotSent):
        await one.post("sendMessage", body)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await one.post("sendMessage", body))[0] == 200
    await one.close()


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ANSWERS: list[tuple[tuple[bytes, ...], bool]] = [
    ((GOOD,), False),
    (tuple(bytes([byte]) for byte in GOOD), False),
    ((b"HTTP/1.1 100 Continue\r\n\r\n", GOOD), False),
    ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n}\r\n0\r\n\r\n"), False),
    ((b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",), True),
    ((b"HTTP/1.1 200 OK\r\n\r\n{", b"}"), True),
    ((b"HTTP/1.0 200 OK\r\n\r\n{}",), True),
]


@pytest.mark.parametrize(("chunks", "then_close"), ANSWERS)
async def test_answers_in_every_shape_http_knows(chunks: tuple[bytes, ...], then_close: bool) -> None:
    async with server(answering(*chunks, then_close=then_close)) as url:
        there = Connections(url, answer_s=5)
        for _ in range(3):
            assert await there.post("getMe", b"{}") == (200, b"{}")
        await there.close()


@pytest.mark.parametrize(
    "chunks",
    [(b"",), (b"SMTP ready\r\n",), (GOOD[:-1],), (b"HTTP/1.1 200 OK\r\nContent-Le",),
     (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 2\r\n\r\n{}",)],
)  # fmt: skip
async def test_half_an_answer_is_no_answer(chunks: tuple[bytes, ...]) -> None:
    async with server(answering(*chunks, then_close=True)) as url:
        with pytest.raises(NetworkError) as caught:
            await Connections(url, answer_s=5).post("x", b"{}")
    assert not isinstance(caught.value, NotSent)


async def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LARGEST_ANSWER", 1000)
    endless = (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", *(b"x" * 600,) * 3)
    async with server(answering(*endless)) as url:
        with pytest.raises(NetworkError, match="too large"):
            await Connections(url, answer_s=5).post("x", b"{}")


async def test_one_connection_serves_many_requests_but_none_that_has_idled_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads: list[tuple[int, bytes]] = []
    count = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        mine = count
        while True:
            heads.append((mine, (await read_request(reader))[0]))
            writer.write(GOOD)

    async with server(talk) as url:
        there = Connections(f"{url}/bot1:a b", answer_s=5)
        for _ in range(3):
            await there.post("getMe", b"{}")
        assert [number for number, _ in heads] == [1, 1, 1]
        monkeypatch.setattr(connections, "KEPT_S", -1.0)
        await there.post("getMe", b"{}")
        assert heads[-1][0] == 2
        assert heads[0][1].startswith(b"POST /bot1:a%20b/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
        await there.close()


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async with server(answering(GOOD + GOOD)) as url:
        there = Connections(url, answer_s=5)
        assert await there.post("x", b"{}") == (200, b"{}")
        await asyncio.sleep(0.02)
        assert await there.post("x", b"{}") == (200, b"{}")
        await there.close()
