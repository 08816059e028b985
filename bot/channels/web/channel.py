"""The open windows of web visitors, and the channel that delivery sends through.

A message counts as sent once it was handed to every open window of its visitor, and also when none is open: it
is in the store, and the page reads its history whenever it connects. Nothing is ever waited for here: each
window has its own queue and writer, and one that cannot keep up is cut off and comes back through the history.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from aiohttp import WSCloseCode, web

from bot.channels.base import Outgoing
from bot.channels.web import protocol
from bot.channels.web.protocol import Frame
from crm_store.typing_signs import Side, TypingSign

QUEUED_FRAMES = 256
SEND_TIMEOUT_S = 10.0
FAREWELL_S = 0.2


class Window:
    """One open WebSocket of a visitor."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.BaseTransport | None) -> None:
        self._socket, self._transport = socket, transport
        self._queue: asyncio.Queue[str] = asyncio.Queue(QUEUED_FRAMES)
        self.is_welcomed = False

    def push(self, frame: Frame) -> None:
        """Say this after what is already queued."""
        try:
            self._queue.put_nowait(protocol.dump(frame))
        except asyncio.QueueFull:
            self.cut()

    def mention(self, frame: Frame) -> None:
        """Say this only if the page is welcomed, and nothing else is waiting to be said."""
        if self.is_welcomed and self._queue.empty():
            self.push(frame)

    async def write(self) -> None:
        """Say what is queued, until cancelled or the window is gone."""
        try:
            while True:
                text = await self._queue.get()
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await self._socket.send_str(text)
        except (TimeoutError, ConnectionError, RuntimeError):
            self.cut()

    async def close(self, code: WSCloseCode) -> None:
        """Tell the page to come back later, or not."""
        with suppress(ConnectionError, RuntimeError):
            await self._socket.close(code=code)

    def cut(self) -> None:
        """End the connection without a word."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()


class WebChannel:
    """Sends to the open windows of an address."""

    name = protocol.CHANNEL

    def __init__(self) -> None:
        self._connected: set[Window] = set()
        """All of them, those too that have not said yet whose they are."""
        self._is_closing = False
        self._windows: defaultdict[str, set[Window]] = defaultdict(set)
        self.tell: Callable[[int], Awaitable[None]] | None = None
        """Lets every process look for windows of a message's visitor, where there are several (following.py)."""

    @property
    def addresses(self) -> Collection[str]:
        """Whose windows are open here."""
        return self._windows.keys()

    async def send(self, outgoing: Outgoing) -> str | None:
        """Hand the message to every open window; with none open the history will show it."""
        if self.tell is not None:
            await self.tell(outgoing.message_id)
        else:
            self.push(outgoing.address, protocol.message(outgoing))
        return None

    def push(self, address: str, frame: Frame, *, besides: Window | None = None) -> None:
        """Say this in the windows of `address`, except one."""
        for window in tuple(self._windows.get(address, ())):
            if window is not besides:
                window.push(frame)

    def show_typing(self, signs: Sequence[TypingSign]) -> None:
        """Let the windows of these visitors show that somebody of the staff is writing."""
        for sign in signs:
            channel, _, address = sign.lane.partition(":")
            if sign.side is Side.AGENT and channel == self.name:
                for window in tuple(self._windows.get(address, ())):
                    window.mention(protocol.typing(is_typing=sign.is_typing, name=sign.name))

    @contextmanager
    def connected(self, window: Window) -> Iterator[None]:
        """This window is there; one that comes while all are sent away is cut off, and its page comes back later."""
        self._connected.add(window)
        if self._is_closing:
            window.cut()
        try:
            yield
        finally:
            self._connected.discard(window)

    def open(self, address: str, window: Window) -> int:
        """Count this window in; how many the address has now."""
        self._windows[address].add(window)
        return len(self._windows[address])

    def shut(self, address: str, window: Window) -> None:
        """Count this window out."""
        self._windows[address].discard(window)
        if not self._windows[address]:
            del self._windows[address]

    async def close(self) -> None:
        """Send all pages away; they reconnect by themselves once somebody listens again.

        Whoever is in the middle of something is not waited for: a server that stops hears no goodbye any more.
        """
        self._is_closing = True
        farewells = [
            asyncio.ensure_future(window.close(WSCloseCode.GOING_AWAY)) for window in self._connected
        ]
        if farewells:
            await asyncio.wait(farewells, timeout=FAREWELL_S)
        for window in tuple(self._connected):
            window.cut()
        await asyncio.gather(*farewells)
