"""A customer's page of the web chat: its protocol, spoken as the page speaks it."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp

from benchmarks.morning.phones import HEARS_WITHIN_S, Heard
from benchmarks.morning.record import Diary
from tests.pictures import PNG

ACCEPTED_WITHIN_S = 60.0
T = TypeVar("T")


class WebPhone:
    """One visitor. They come through a proxy that tells where from: else all of them would share one allowance."""

    def __init__(
        self, http: aiohttp.ClientSession, public: str, number: int, name: str, language: str
    ) -> None:
        self.diary = Diary()
        self._http, self._public = http, public
        self._headers = {"Origin": public, "X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"}
        self._hello = {"type": "hello", "language": language, "name": name}
        self._token: str | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._frames: list[Heard] = []
        self._standing: dict[int, Heard] = {}
        self._heard = 0
        self._accepted: set[str] = set()
        self._bell = asyncio.Event()

    async def open(self) -> None:
        """Connect, and be welcomed."""
        self._socket = await self._http.ws_connect(f"{self._public}/ws", headers=self._headers)
        since = max(self.diary.shown, default=0)
        await self._socket.send_json({**self._hello, "token": self._token, "since": since})
        early: list[dict[str, Any]] = []  # what was sent while the history was read
        while (frame := await self._socket.receive_json(timeout=ACCEPTED_WITHIN_S))["type"] == "message":
            early.append(frame)
        if frame["type"] != "welcome":
            raise RuntimeError(f"not welcomed: {frame['type']} {frame.get('code')}")
        self._token = frame["token"]
        for message in (*frame["history"], *early):
            if message["id"] not in self.diary.shown:
                self._show(message)
        self._reading = asyncio.create_task(self._read(self._socket, frozenset(self.diary.shown)))

    async def say(self, text: str) -> None:
        """Write a text, and wait until it is accepted."""
        self.diary.said.append(text)
        await self._send({"type": "say", "text": text})

    async def send_photo(self, caption: str) -> None:
        """Upload a picture, then send it."""
        self.diary.said.append(caption)
        headers = {**self._headers, "X-Frontdesk-Session": self._token or "", "X-File-Name": "lamp.png"}
        async with self._http.post(f"{self._public}/upload", data=PNG, headers=headers) as response:
            response.raise_for_status()
            uploaded = await response.json()
        await self._send({"type": "say", "text": caption, "upload": uploaded["file"]})

    async def edit(self, text: str) -> None:
        """The web chat has no edits."""
        raise NotImplementedError(text)

    async def press(self, heard: Heard, label: str) -> None:
        """Press a button."""
        assert self._socket is not None
        index = heard.choices.index(label)
        await self._socket.send_json({"type": "press", "message_id": heard.number, "index": index})

    async def hear(self, is_it: Callable[[Heard], bool], what: str) -> Heard:
        """The next message that is it."""

        def look() -> Heard | None:
            while self._heard < len(self._frames):
                self._heard += 1
                if is_it(found := self._frames[self._heard - 1]):
                    return found
            return None

        return await self._until(look, HEARS_WITHIN_S, what)

    async def reload(self) -> None:
        """Close the connection and come again, as a page does that is loaded anew."""
        await self.leave()
        await self.open()

    async def leave(self) -> None:
        """Close the page."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        if self._socket is not None:
            await self._socket.close()

    async def look_again(self) -> None:
        """Come once more, for what was said after the page was closed."""
        await self.reload()
        await self.leave()

    async def _send(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        client_id = str(uuid.uuid4())
        await self._socket.send_json({**frame, "client_id": client_id})
        await self._until(
            lambda: client_id in self._accepted, ACCEPTED_WITHIN_S, f"taken in: {frame['text']}"
        )

    async def _until(self, look: Callable[[], T | None], within_s: float, what: str) -> T:
        try:
            async with asyncio.timeout(within_s):
                while not (seen := look()):
                    self._bell.clear()
                    await self._bell.wait()
                return seen
        except TimeoutError:
            raise TimeoutError(what) from None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, from_history: frozenset[int]) -> None:
        """Every frame; what the history already had may come once more, and the page shows it once."""
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = message.json()
            if frame["type"] == "accepted":
                self._accepted.add(frame["client_id"])
            elif frame["type"] == "error":
                self._frames.append(Heard(0, f"error: {frame['code']}", ()))
            elif frame["type"] == "message" and "id" in frame and frame["id"] not in from_history:
                self._show(frame)
            self._bell.set()

    def _show(self, frame: dict[str, Any]) -> None:
        if frame["author"] == "customer":
            return
        heard = Heard(frame["id"], frame["text"], tuple(frame["choices"]))
        if frame["id"] in self.diary.shown:
            # Said in other words, such as another place in the queue, it stands in the place of the old ones.
            self.diary.shown_twice += self._standing.get(heard.number, heard) == heard
            self._standing[heard.number] = heard
            return
        self._standing[heard.number] = heard
        self.diary.shown.append(frame["id"])
        self._frames.append(heard)
