"""One contract, two servers: the own Bot API server and lo-bot-api-emulator agree where both can play.

The peer knows no usernames, topics, copies or users, so the contract is plain HTTP and what both play.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import aiohttp
import pytest
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator

from tests.botapi.server import TOKEN, BotApiServer

ANN = 5
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
Json = dict[str, Any]


class Peer(Protocol):
    """A running server of either make."""

    url: str

    async def inject(self, update: Json) -> None: ...


class Own:
    def __init__(self, server: BotApiServer) -> None:
        self.url = server.base_url
        self._server = server

    async def inject(self, update: Json) -> None:
        self._server.inject(update)


class Emulator:
    def __init__(self, emulator: LoBotApiEmulator, url: str) -> None:
        self.url = url
        self._emulator = emulator

    async def inject(self, update: Json) -> None:
        await self._emulator.enqueue_update(update, token=TOKEN)


async def _serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture(params=["own", "emulator"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    if request.param == "own":
        # Some calls below are wrong on purpose.
        async with BotApiServer(checks=False) as server:
            await server.user(ANN).starts()
            server.world.updates.drop()
            yield Own(server)
        return
    emulator = LoBotApiEmulator(allow_insecure_loopback_webhooks=True)
    runner, url = await _serve(emulator.app())
    yield Emulator(emulator, url)
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def update(number: int) -> Json:
    chat = {"id": ANN, "type": "private", "first_name": "Ann"}
    sender = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": f"text {number}"}
    return {"update_id": number, "message": message}


async def call(session: aiohttp.ClientSession, peer: Peer, method: str, **fields: Any) -> tuple[int, Any]:
    """Status and result (description when refused); numbers travel as form text, as bots send them."""
    form = {name: str(value) for name, value in fields.items()}
    async with session.post(f"{peer.url}/bot{TOKEN}/{method}", data=form) as response:
        body = await response.json()
        assert body["ok"] == (response.status == 200)
        if not body["ok"]:
            assert body["error_code"] == response.status
        return response.status, body.get("result", body.get("description"))


async def ids(session: aiohttp.ClientSession, peer: Peer, **fields: Any) -> list[int]:
    _, result = await call(session, peer, "getUpdates", **fields)
    return [one["update_id"] for one in result]


async def test_it_says_who_it_is(peer: Peer, session: aiohttp.ClientSession) -> None:
    status, me = await call(session, peer, "getMe")
    assert status == 200
    assert me["is_bot"] is True
    assert me["can_join_groups"] is True


async def test_offsets_confirm_and_limits_limit(peer: Peer, session: aiohttp.ClientSession) -> None:
    for number in range(2001, 2006):
        await peer.inject(update(number))
    assert await ids(session, peer, limit=2) == [2001, 2002]
    assert await ids(session, peer, limit=2) == [2001, 2002]
    assert await ids(session, peer, offset=2003) == [2003, 2004, 2005]
    assert await ids(session, peer, offset=-1) == [2005]
    assert await ids(session, peer) == [2005]
    assert await ids(session, peer, offset=2006) == []


async def test_a_long_poll_wakes_for_an_update(peer: Peer, session: aiohttp.ClientSession) -> None:
    waiting = asyncio.create_task(ids(session, peer, timeout=5))
    await asyncio.sleep(0.05)
    await peer.inject(update(2001))
    assert await waiting == [2001]


async def test_one_of_two_pollers_gets_a_conflict(peer: Peer, session: aiohttp.ClientSession) -> None:
    polls = [asyncio.create_task(call(session, peer, "getUpdates", timeout=5)) for _ in range(2)]
    await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    await peer.inject(update(2001))
    results = await asyncio.gather(*polls)
    assert sorted(status for status, _ in results) == [200, 409]


REFUSED = [
    ("sendMessage", {"chat_id": ANN, "text": ""}, "message text is empty"),
    ("sendMessage", {"chat_id": ANN, "text": "x" * 4097}, "message is too long"),
    ("sendMessage", {"chat_id": ANN, "text": "😀" * 2049}, "message is too long"),
    ("getFile", {"file_id": "unknown"}, "file_id"),
]


@pytest.mark.parametrize(("method", "fields", "reason"), REFUSED)
async def test_what_is_refused(
    peer: Peer, session: aiohttp.ClientSession, method: str, fields: Json, reason: str
) -> None:
    status, description = await call(session, peer, method, **fields)
    assert status == 400
    assert reason in description


async def test_messages_get_rising_ids_and_keep_their_keyboard(
    peer: Peer, session: aiohttp.ClientSession
) -> None:
    markup = '{"inline_keyboard":[[{"text":"Yes","callback_data":"yes"}]]}'
    _, first = await call(session, peer, "sendMessage", chat_id=ANN, text="😀" * 2048, reply_markup=markup)
    _, second = await call(session, peer, "sendMessage", chat_id=ANN, text="two")
    assert second["message_id"] > first["message_id"]
    assert first["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "yes"
    status, edited = await call(
        session, peer, "editMessageText", chat_id=ANN, message_id=second["message_id"], text="three"
    )
    assert (status, edited["text"], edited["message_id"]) == (200, "three", second["message_id"])
    gone = await call(session, peer, "deleteMessage", chat_id=ANN, message_id=second["message_id"])
    assert gone == (200, True)


async def test_an_uploaded_file_can_be_downloaded(peer: Peer, session: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(ANN))
    form.add_field("document", b"content", filename="a.txt", content_type="text/plain")
    async with session.post(f"{peer.url}/bot{TOKEN}/sendDocument", data=form) as response:
        sent = (await response.json())["result"]
    _, found = await call(session, peer, "getFile", file_id=sent["document"]["file_id"])
    async with session.get(f"{peer.url}/file/bot{TOKEN}/{found['file_path']}") as response:
        assert await response.read() == b"content"


class Hook:
    """A webhook's end that refuses the first update once."""

    def __init__(self) -> None:
        self.seen: list[tuple[str | None, int]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append((request.headers.get(SECRET_HEADER), (await request.json())["update_id"]))
        return web.Response(status=500 if len(self.seen) == 1 else 200)


async def test_a_webhook_redelivers_what_was_refused(peer: Peer, session: aiohttp.ClientSession) -> None:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner, url = await _serve(app)
    try:
        await call(session, peer, "setWebhook", url=f"{url}/hook", secret_token="s3cret")
        await peer.inject(update(2001))
        await peer.inject(update(2002))
        for _ in range(500):
            if not (await call(session, peer, "getWebhookInfo"))[1]["pending_update_count"]:
                break
            await asyncio.sleep(0.01)
        assert hook.seen == [("s3cret", 2001), ("s3cret", 2001), ("s3cret", 2002)]
        assert (await call(session, peer, "getUpdates"))[0] == 409
        await call(session, peer, "deleteWebhook")
        assert await ids(session, peer) == []
    finally:
        await runner.cleanup()
