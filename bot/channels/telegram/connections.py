"""Kept-alive HTTP/1.1 connections to one server, for small requests sent by the thousand.

Through aiohttp's client a sendMessage costs 100 µs of processor time, more than all else that happens to a message;
here it costs 15. So this does what the Bot API needs and no more: POST, one answer at a time, no redirects, no
compression, no cookies. Answers are parsed by llhttp, the parser of Node.js. No error shows a path, because the Bot
API's paths carry the token.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final, cast
from urllib.parse import quote, urlsplit

import httptools
from aiohappyeyeballs import start_connection
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram.patience import GRACE_S, LATE_S
from bot.channels.telegram.transport import NotSent

KEPT_S: Final = 15.0
"""A server closes what is idle, and a request on its way just then is in doubt: nothing older is used again."""
LARGEST_ANSWER: Final = 16 * 1024 * 1024
_NEXT_ADDRESS_AFTER_S: Final = 0.25  # RFC 8305, section 5

Answer = tuple[int, bytes]
"""Status and body."""


class Connection(asyncio.Protocol):
    """One connection, for one request at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self.idle_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._has_head = False
        self._tells_its_length = False

    def ask(self, request: bytes, within_s: float) -> asyncio.Future[Answer]:
        """The answer to come, or NetworkError when it is in doubt whether the request was taken."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._timer = loop.call_later(within_s, self._expire)
        self._parts, self._size = [], 0
        self._transport.write(request)
        return self._answer

    def end(self, error: NetworkError) -> None:
        """Use it no more; who waits for an answer gets this error."""
        answer = self._take_answer()
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _take_answer(self) -> asyncio.Future[Answer] | None:
        answer, self._answer = self._answer, None
        if self._timer is not None:
            self._timer.cancel()
        return answer

    def _expire(self) -> None:
        timer, loop = self._timer, asyncio.get_running_loop()
        if timer is not None and loop.time() - timer.when() > LATE_S:  # see patience.py
            self._timer = loop.call_later(GRACE_S, self._expire)
        else:
            self.end(TimedOut())

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Requests may be sent from now on."""
        self._transport, self.is_open = cast(asyncio.WriteTransport, transport), True

    def data_received(self, data: bytes) -> None:
        """A piece of an answer; anything that is none ends the connection."""
        if self._answer is None:
            self.end(NetworkError("the server answers what nobody asked"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.end(NetworkError("the server's answer is not HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for an answer is told, unless the end of the connection is the end of the answer."""
        if exc is None and self._has_head and not self._tells_its_length:
            self.on_message_complete()
        reason = type(exc).__name__ if exc is not None else "closed"
        self.end(NetworkError(f"{reason}: the connection failed after the request was started"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """An answer begins."""
        self._has_head = self._tells_its_length = False

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Of the headers, only that one of them tells the length matters here."""
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._tells_its_length = True

    def on_headers_complete(self) -> None:
        """The body follows."""
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body; one that grows too large ends the connection."""
        self._parts.append(body)
        self._size += len(body)
        if self._size > LARGEST_ANSWER:
            self.end(NetworkError("the server's answer is too large"))

    def on_message_complete(self) -> None:
        """Whoever waits for the answer gets it."""
        status = self._parser.get_status_code()
        if status < 200:  # "100 Continue" and its like come before the answer
            return
        self.is_open = self.is_open and self._parser.should_keep_alive()
        answer = self._take_answer()
        if answer is not None and not answer.done():
            answer.set_result((status, b"".join(self._parts)))


class Connections:
    """The connections to the server at `url`, `limit` at most. Waits are in seconds.

    `post` raises NotSent when the request surely did not leave; TimedOut and NetworkError are ambiguous.
    """

    def __init__(
        self,
        url: str,
        *,
        limit: int = 256,
        answer_s: float = 20.0,
        connect_s: float = 5.0,
        place_s: float = 5.0,
    ) -> None:
        self._url = url
        self._answer_s, self._connect_s, self._place_s = answer_s, connect_s, place_s
        self._places = asyncio.Semaphore(limit)
        self._idle: list[Connection] = []
        """The latest used last."""
        self._sweep: asyncio.TimerHandle | None = None
        self._heads: dict[str, bytes] = {}
        self._security: ssl.SSLContext | None = None

    async def post(self, path: str, body: bytes) -> Answer:
        """The answer to this JSON, posted to `path` below the url."""
        if self._places.locked():
            await self._wait_for_place()
        else:
            await self._places.acquire()
        try:
            connection = self._find_idle() or await self._connect()
            return await self._exchange(connection, b"%b%d\r\n\r\n%b" % (self._head(path), len(body), body))
        finally:
            self._places.release()

    async def close(self) -> None:
        """Close what is idle; what is under way ends by itself."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.end(NetworkError("closed"))
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    async def _wait_for_place(self) -> None:
        try:
            async with asyncio.timeout(self._place_s):
                await self._places.acquire()
        except TimeoutError:
            raise NotSent("Timed out waiting for a connection; the request was not sent") from None

    async def _exchange(self, connection: Connection, request: bytes) -> Answer:
        try:
            found = await connection.ask(request, self._answer_s)
        except asyncio.CancelledError:
            connection.end(NetworkError("cancelled"))
            raise
        if connection.is_open:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
            if self._sweep is None:
                self._sweep = asyncio.get_running_loop().call_later(KEPT_S, self._close_old)
        else:
            connection.end(NetworkError("closed"))
        return found

    def _find_idle(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - KEPT_S
        while self._idle:
            connection = self._idle.pop()  # the latest used; the others get old and are closed
            if connection.is_open and connection.idle_since >= oldest:
                return connection
            connection.end(NetworkError("idle"))
        return None

    def _close_old(self) -> None:
        """What a rush left behind: nobody comes to use it."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - KEPT_S
        old = [connection for connection in self._idle if connection.idle_since <= oldest]
        self._idle = [connection for connection in self._idle if connection.idle_since > oldest]
        for connection in old:
            connection.end(NetworkError("idle"))
        self._sweep = loop.call_later(KEPT_S / 3, self._close_old) if self._idle else None

    async def _connect(self) -> Connection:
        """A new connection; of several addresses the first that answers (RFC 8305)."""
        loop = asyncio.get_running_loop()
        sock: socket.socket | None = None
        try:
            async with asyncio.timeout(self._connect_s):
                parts = urlsplit(self._url)
                is_secure, host = parts.scheme == "https", parts.hostname or ""
                port = parts.port or (443 if is_secure else 80)
                infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                sock = await start_connection(infos, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_S, loop=loop)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _, connection = await loop.create_connection(
                    Connection,
                    sock=sock,
                    ssl=self._secured() if is_secure else None,
                    server_hostname=host if is_secure else None,
                )
                return connection
        except (OSError, TimeoutError, ValueError) as error:  # "from None": no chain that shows the address
            if sock is not None:
                with suppress(OSError):
                    sock.close()
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise NotSent(
                f"Cannot connect to the Bot API server: {reason}; the request was not sent"
            ) from None

    def _secured(self) -> ssl.SSLContext:
        if self._security is None:
            self._security = ssl.create_default_context()
        return self._security

    def _head(self, path: str) -> bytes:
        """All of the request before the body's length."""
        if path not in self._heads:
            parts = urlsplit(self._url)
            target = quote(f"{parts.path.rstrip('/')}/{path}", safe="/:%~!$&'()*+,;=@")
            host = parts.netloc.rpartition("@")[2].encode("idna").decode()
            lines = (
                f"POST {target} HTTP/1.1",
                f"Host: {host}",
                "User-Agent: frontdesk",
                "Content-Type: application/json",
                "Content-Length: ",
            )
            self._heads[path] = "\r\n".join(lines).encode()
        return self._heads[path]
