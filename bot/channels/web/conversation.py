"""One WebSocket of the web chat, from its first frame to its last."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from bot.channels.base import Receiver
from bot.channels.web import limits, protocol
from bot.channels.web.channel import WebChannel, Window
from bot.channels.web.limits import Limit
from bot.channels.web.protocol import BadFrame, GoOn, Hello, Pressed, Say, Typing
from bot.channels.web.sessions import Sessions, Visitor
from bot.clock import Clock, system_clock
from bot.texts import best_language, render
from crm_store import installation, stored_files, visitors
from crm_store.engine import Store
from crm_store.files import Files
from crm_store.masking import mask
from crm_store.tasks import ended
from crm_store.typing_signs import Side, TypingSign

HELLO_WITHIN_S = 15.0
HEARTBEAT_S = 25.0
GOODBYE_WITHIN_S = 1.0
"""A page that is gone must not hold up the end of the server."""
REFUSALS_BEFORE_CLOSE = 50
DELAYED_AFTER_S = 2.0
DELAYED_EVERY_S = 8.0
"""As long as the page shows a notice."""


@dataclass(slots=True)
class Lobby:
    """What the connections share."""

    store: Store
    receiver: Receiver
    channel: WebChannel
    sessions: Sessions
    files: Files
    clock: Clock = system_clock
    steady: Callable[[], float] = time.monotonic
    per_session: Limit = field(default_factory=lambda: Limit(limits.PER_SESSION))
    per_peer: Limit = field(default_factory=lambda: Limit(limits.PER_PEER))
    hellos: Limit = field(default_factory=lambda: Limit(limits.HELLOS_PER_PEER))
    newcomers: Limit = field(default_factory=lambda: Limit(limits.NEWCOMERS_PER_PEER))
    uploads: Limit = field(default_factory=lambda: Limit(limits.UPLOADS_PER_SESSION))
    uploads_of_peer: Limit = field(default_factory=lambda: Limit(limits.UPLOADS_PER_PEER))
    uploading: Counter[str] = field(default_factory=Counter)
    links: Limit = field(default_factory=lambda: Limit(limits.LINKS_PER_SESSION))
    typing: Limit = field(default_factory=lambda: Limit(limits.TYPING_PER_SESSION))
    sockets: Counter[str] = field(default_factory=Counter)

    def has_room(self, peer: str) -> bool:
        """Whether one more connection from `peer` may be opened."""
        return self.sockets[peer] < limits.SOCKETS_PER_PEER and self.sockets.total() < limits.SOCKETS


class Conversation:
    """Serves one connection."""

    def __init__(
        self, lobby: Lobby, socket: web.WebSocketResponse, window: Window, peer: str, language: str
    ) -> None:
        self._lobby, self._socket, self._window, self._peer = lobby, socket, window, peer
        self._language = language
        self._refusals = 0

    async def run(self) -> None:
        """Talk until either side closes."""
        writer = asyncio.create_task(self._window.write())
        try:
            hello = await self._hello()
            if hello is not None:
                await self._serve(hello)
        finally:
            await ended(writer)

    async def _hello(self) -> Hello | None:
        """The first frame; None when the connection is not to go on."""
        try:
            first = await self._socket.receive(timeout=HELLO_WITHIN_S)
        except TimeoutError:
            await self._window.close(WSCloseCode.POLICY_VIOLATION)
            return None
        if first.type is not WSMsgType.TEXT:
            return None
        refusal: tuple[str, WSCloseCode, dict[str, str]] = "too_many", WSCloseCode.TRY_AGAIN_LATER, {}
        if self._lobby.hellos.allows(self._peer, self._lobby.steady()):
            try:
                hello = protocol.read(first.data)
            except BadFrame as bad:
                refusal = "bad_frame", WSCloseCode.POLICY_VIOLATION, {"detail": str(bad)}
            else:
                if isinstance(hello, Hello):
                    return hello
                refusal = "hello_first", WSCloseCode.POLICY_VIOLATION, {}
        code, close, params = refusal
        await self._dismiss(code, close, **params)
        return None

    async def _dismiss(self, code: str, close: WSCloseCode, **params: str) -> None:
        with suppress(ConnectionError):
            await self._socket.send_str(protocol.dump(self._error(code, **params)))
        await self._window.close(close)

    async def _serve(self, hello: Hello) -> None:
        self._language = best_language(hello.language) or self._language
        visitor = await self._lobby.sessions.open(hello.token)
        channel = self._lobby.channel
        # Opened before the history is read: what is sent meanwhile waits in the window's queue, so every message
        # is in one of the two. The page shows each id once.
        windows = channel.open(visitor.address, self._window)
        try:
            if windows > limits.SOCKETS_PER_SESSION:
                await self._dismiss("too_many", WSCloseCode.TRY_AGAIN_LATER)
                return
            async with self._lobby.store.read() as session:
                lines = await visitors.transcript(session, visitor.lane, after_id=hello.since)
                bot_name = await installation.bot_name(session)
            self._window.push(protocol.welcome(visitor.token, lines, has_telegram=bot_name is not None))
            self._window.is_welcomed = True
            await self._listen(visitor, hello, is_new=not lines)
        finally:
            channel.shut(visitor.address, self._window)

    async def _listen(self, visitor: Visitor, hello: Hello, *, is_new: bool) -> None:
        async for received in self._socket:
            said = self._understood(received)
            if isinstance(said, GoOn):
                await self._go_on(visitor)
            elif isinstance(said, Typing):
                self._tell_typing(visitor, said, is_new=is_new)
            elif said is not None and self._is_allowed(visitor, said, is_new=is_new):
                await self._take(visitor, hello, said)
                is_new = False
                self._refusals = 0
            elif self._refusals > REFUSALS_BEFORE_CLOSE:
                await self._window.close(WSCloseCode.POLICY_VIOLATION)

    def _tell_typing(self, visitor: Visitor, said: Typing, *, is_new: bool) -> None:
        """Let the staff see it; nobody has yet heard of who has said nothing, and what is too much is not said."""
        if not is_new and self._lobby.typing.allows(visitor.address, self._lobby.steady()):
            sign = TypingSign(visitor.lane, Side.CUSTOMER, said.is_typing)
            self._lobby.store.typing.tell(sign)

    async def _go_on(self, visitor: Visitor) -> None:
        if not self._lobby.links.allows(visitor.address, self._lobby.steady()):
            self._refuse("too_fast")
            return
        async with self._lobby.store.write() as session:
            url = await visitors.telegram_url(
                session, protocol.CHANNEL, visitor.address, now=self._lobby.clock()
            )
        if url is None:
            self._refuse("no_telegram")
        else:
            self._window.push(protocol.link(url))

    def _understood(self, received: WSMessage) -> Say | Pressed | GoOn | Typing | None:
        """What was said; None, and the page is told, when it makes no sense."""
        try:
            said = protocol.read(received.data)
        except BadFrame as bad:
            self._refuse("bad_frame", detail=str(bad))
            return None
        if isinstance(said, Hello):
            self._refuse("bad_frame", detail="hello was said before")
            return None
        if isinstance(said, Say) and len(said.text) > protocol.MAX_TEXT:
            self._refuse("too_long", said.client_id, count=len(said.text), limit=protocol.MAX_TEXT)
            return None
        return said

    def _is_allowed(self, visitor: Visitor, said: Say | Pressed, *, is_new: bool) -> bool:
        lobby, now = self._lobby, self._lobby.steady()
        if (
            lobby.per_session.allows(visitor.address, now)
            and lobby.per_peer.allows(self._peer, now)
            and (not is_new or lobby.newcomers.allows(self._peer, now))
        ):
            return True
        self._refuse("too_fast", said.client_id if isinstance(said, Say) else None)
        return False

    async def _take(self, visitor: Visitor, hello: Hello, said: Say | Pressed) -> None:
        channel = self._lobby.channel
        attachment = None
        if isinstance(said, Say) and said.upload is not None:
            attachment = await self._claimed(visitor, said.upload, said.client_id)
            if attachment is None:
                self._refuse("upload_gone", said.client_id)
                return
        inbound = protocol.inbound(visitor.address, visitor.secret_hash, hello, said, attachment)
        await self._telling_delays(self._lobby.receiver.receive([inbound]))
        if isinstance(said, Say):
            self._window.push(protocol.accepted(said.client_id))
            own = protocol.own_message(said.client_id, mask(said.text), attachment)
            channel.push(visitor.address, own, besides=self._window)
        else:
            channel.push(visitor.address, protocol.choices_used(said.message_id, said.index))

    async def _telling_delays(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this; while it takes long, which a store that is away makes it, the page is told again and again.

        Awaited here and not in a task of its own, which would wake later: the customer's own words are to reach
        their other windows before the answer does.
        """
        loop = asyncio.get_running_loop()

        timers: list[asyncio.TimerHandle] = []

        def tell() -> None:
            self._window.push(self._error("delayed"))
            timers[0] = loop.call_later(DELAYED_EVERY_S, tell)

        timers.append(loop.call_later(DELAYED_AFTER_S, tell))
        try:
            await work
        finally:
            timers[0].cancel()

    async def _claimed(self, visitor: Visitor, key: str, client_id: str) -> dict[str, Any] | None:
        async with self._lobby.store.write() as session:
            row = await stored_files.claim(session, key, lane=visitor.lane, claimed_by=client_id)
            return stored_files.attachment(row) if row is not None else None

    def _refuse(self, code: str, client_id: str | None = None, **params: object) -> None:
        self._refusals += 1
        self._window.push(self._error(code, client_id, **params))

    def _error(self, code: str, client_id: str | None = None, **params: object) -> protocol.Frame:
        return protocol.error(code, render(self._language, f"web.{code}", **params), client_id)
