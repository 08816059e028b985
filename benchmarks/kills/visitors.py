"""Customers of the web chat, whose page reconnects and says again what was not accepted, as the real page does."""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import orjson

from benchmarks.shop import QUESTION, TOPICS

SAY_EVERY_S = 0.5
RECONNECT_AFTER_S = 0.02


@dataclass
class Visitor:
    """One visitor, and what their page knows."""

    number: int
    said: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    """Rows of the house's messages in the order the page first had them."""
    is_over: bool = False
    """Says nothing new any more; what is not accepted is still said again."""
    _token: str | None = None
    _newest: int = 0
    _unaccepted: dict[str, str] = field(default_factory=dict)

    @property
    def is_content(self) -> bool:
        """All that was said is accepted."""
        return not self._unaccepted

    async def run(self, port: int) -> None:
        """Talk until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with session.ws_connect(f"http://127.0.0.1:{port}/ws") as socket:
                        await self._visit(socket)
                await asyncio.sleep(RECONNECT_AFTER_S)

    async def _visit(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        hello = {"type": "hello", "token": self._token, "language": "en", "since": self._newest}
        await socket.send_json(hello)
        welcome = await socket.receive(timeout=10)
        if welcome.type is not aiohttp.WSMsgType.TEXT:  # ended before it could say so
            return
        self._note(orjson.loads(welcome.data))
        for client_id, text in tuple(self._unaccepted.items()):
            await socket.send_json({"type": "say", "client_id": client_id, "text": text})
        talking = asyncio.create_task(self._talk(socket))
        try:
            async for received in socket:
                self._note(orjson.loads(received.data))
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not self.is_over:
            if not self._unaccepted:
                topic = TOPICS[len(self.said) % len(TOPICS)]
                text = f"{QUESTION.format(topic)} ({self.number}.{len(self.said)})"
                client_id = str(uuid.uuid4())
                self.said.append(text)
                self._unaccepted[client_id] = text
                await socket.send_json({"type": "say", "client_id": client_id, "text": text})
            await asyncio.sleep(SAY_EVERY_S)

    def _note(self, frame: dict[str, object]) -> None:
        match frame:
            case {"type": "welcome", "token": str(token), "history": list(history)}:
                self._token = token
                for message in history:
                    self._show(message)
            case {"type": "message"}:
                self._show(frame)
            case {"type": "accepted", "client_id": str(client_id)}:
                self._unaccepted.pop(client_id, None)

    def _show(self, message: dict[str, object]) -> None:
        number = message.get("id")
        if isinstance(number, int):
            self._newest = max(self._newest, number)
            if message.get("author") != "customer" and number not in self.shown:
                self.shown.append(number)
