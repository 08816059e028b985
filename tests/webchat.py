"""A served web chat, and a visitor who speaks its protocol."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.web.changing import Changing
from bot.channels.web.channel import WebChannel
from bot.channels.web.conversation import Lobby
from bot.channels.web.options import WebOptions
from bot.channels.web.routes import add_routes
from bot.channels.web.sessions import Sessions
from bot.public import build_public_app
from crm_store.engine import Store
from crm_store.files import MEGABYTE, Files
from crm_store.tasks import ended
from tests.house import BUSINESS, FakeClock, House, open_house

Frame = dict[str, Any]
WAIT_S = 60


@dataclass
class SteadyClock:
    """Seconds for the limits; they stand still unless told to go on."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Visitor:
    """One open WebSocket; keeps every frame it was told."""

    socket: ClientWebSocketResponse
    told: list[Frame] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def hello(self, **fields: Any) -> Frame:
        """Introduce this visitor; the welcome."""
        await self.socket.send_json({"type": "hello", **fields})
        return await self.next("welcome")

    async def say(self, text: str, client_id: str | None = None) -> str:
        """Say a text, without waiting; its client id."""
        client_id = client_id or f"00000000-{next(self._ids):04}"
        await self.socket.send_json({"type": "say", "client_id": client_id, "text": text})
        return client_id

    async def press(self, message: Frame, index: int) -> None:
        """Press a button of a message."""
        await self.socket.send_json({"type": "press", "message_id": message["id"], "index": index})

    async def next(self, kind: str) -> Frame:
        """The next frame of this type; the others are kept in `told`."""
        async with asyncio.timeout(WAIT_S):
            while True:
                frame = json.loads(await self.socket.receive_str())
                self.told.append(frame)
                if frame["type"] == kind:
                    return dict(frame)

    async def taken(self, text: str) -> None:
        """Say a text and wait until this very one is accepted; the answer may come before that."""
        client_id = await self.say(text)
        while (await self.next("accepted"))["client_id"] != client_id:
            pass

    async def ask(self, text: str) -> Frame:
        """Say a text and give the first message that comes back."""
        await self.say(text)
        return await self.next("message")


@dataclass
class Site:
    """The running chat."""

    house: House
    client: "TestClient[web.Request, web.Application]"
    lobby: Lobby
    steady: SteadyClock

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return str(self.client.make_url("/"))

    async def visitor(self, **headers: str) -> Visitor:
        """A new WebSocket, not yet introduced."""
        return Visitor(await self.client.ws_connect("/ws", headers=headers))

    async def introduced(self, **hello: Any) -> tuple[Visitor, str]:
        """A new visitor after their hello, and their token."""
        visitor = await self.visitor()
        return visitor, (await visitor.hello(**hello))["token"]


@asynccontextmanager
async def open_site(
    store: Store,
    *,
    clock: FakeClock | None = None,
    port: int | None = None,
    files: Files | None = None,
    **options: Any,
) -> AsyncIterator[Site]:
    """A house with a served web chat in front of it."""
    channel = WebChannel()
    async with open_house(store, {channel.name: channel}, clock=clock) as house:
        steady = SteadyClock()
        files = files or Files(Path(store.url.database or ".").with_name("files"), MEGABYTE)
        lobby = Lobby(store, house.reception, channel, Sessions(store), files, house.clock, steady)
        store.typing.listen(channel.show_typing)
        app = build_public_app()
        add_routes(app, lobby, WebOptions(business_name=BUSINESS, **options))
        changing = asyncio.create_task(Changing(store, channel, house.clock).run())
        try:
            async with TestClient(TestServer(app, port=port)) as client:
                yield Site(house, client, lobby, steady)
        finally:
            await ended(changing)
