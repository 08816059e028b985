"""The control surface of the own Bot API server, and the command that runs it."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.botapi.control import ACTS, ControlledServer

ROOT = Path(__file__).parents[3]
DESK = -1001


async def act(session: aiohttp.ClientSession, base_url: str, name: str, **body: Any) -> Any:
    async with session.post(f"{base_url}/control/{name}", json=body) as response:
        answer = await response.json()
        assert answer["ok"] == (response.status == 200), answer
        return answer.get("result", answer.get("description"))


async def test_a_conversation_by_hand() -> None:
    async with ControlledServer() as server, aiohttp.ClientSession() as session:
        url = server.base_url
        api = f"{url}/bot{server.token}"
        assert (await act(session, url, "starts", user=5, payload="abc"))["text"] == "/start abc"
        markup = '{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}'
        await session.post(f"{api}/sendMessage", data={"chat_id": "5", "text": "ok?", "reply_markup": markup})
        (sent,) = await act(session, url, "sent", chat_id=5)
        assert (sent["text"], sent["buttons"]) == ("ok?", ["Yes"])
        await act(session, url, "presses", user=5, message_id=sent["message_id"], button="Yes")
        await act(session, url, "group", chat_id=DESK, members=[5])
        await act(session, url, "says", user=5, chat=DESK, text="in the group")
        await act(session, url, "sends", user=5, kind="photo", caption="look")
        await act(session, url, "edits", user=5, message_id=1, text="/start changed")
        await act(session, url, "update", message={"odd": True})
        kinds = [update.kind for update in server.updates]
        assert kinds == ["message", "callback_query", "message", "message", "edited_message", "message"]
        await act(session, url, "blocks", user=5)
        await act(session, url, "fault", method="getMe", fault="429")
        async with session.get(f"{api}/getMe") as response:
            assert response.status == 429
        assert (await act(session, url, "calls"))[-1]["status"] == 429
        assert await act(session, url, "violations") == []


BAD_ACTS: list[tuple[str, dict[str, Any], str]] = [
    ("nonsense", {}, "there are"),
    ("says", {"text": "who?"}, "user id"),
    ("presses", {"user": 5, "message_id": 99, "button": "x"}, "99"),
    ("fault", {"method": "*", "fault": "earthquake"}, "earthquake"),
]


@pytest.mark.parametrize(("name", "body", "reason"), BAD_ACTS)
async def test_acts_that_cannot_be(name: str, body: dict[str, Any], reason: str) -> None:
    async with ControlledServer() as server, aiohttp.ClientSession() as session:
        server.user(5)
        assert reason in await act(session, server.base_url, name, **body)
        assert "says" in ACTS


async def test_the_command_serves_and_ends_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.botapi", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip().partition("=")[2]
    async with aiohttp.ClientSession() as session:
        assert (await act(session, url, "says", user=5, text="hi"))["message_id"] == 1
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode == 0
