"""HTTP transport to the Bot API: python-telegram-bot over aiohttp.

python-telegram-bot's own transport (httpx) costs about six times the CPU of this one and logs the token
with every request. Errors here never carry a URL, because the URL carries the token.
"""

from __future__ import annotations

import io
import os
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
import orjson
from telegram import Bot

# Private modules, but the only names for "argument not given": BaseRequest's signatures use them.
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.patience import Limit, stop_proof

# The library's only switch for durations as timedelta (RetryAfter.retry_after, Voice.duration); without it
# every one of them warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")

PUBLIC_SERVER: Final = "https://api.telegram.org"
# A long poll answers after at most 50 s; the margin covers a slow network.
POLL_READ_TIMEOUT: Final = 60.0


class NotSent(NetworkError):
    """The request surely never reached the server: sending it again cannot deliver twice."""


class ServerAway(NetworkError):
    """The server answered 500, 502 or 503: it did not take the request. (A 504 is a time-out, and may have.)"""


_AWAY: Final = frozenset({500, 502, 503})


class AiohttpRequest(BaseRequest):
    """A `telegram.request.BaseRequest` on one aiohttp session; timeouts in seconds.

    Raises `NotSent` when the request did not leave this machine (name not resolved, no connection,
    pool full); a plain `TimedOut` or `NetworkError` is ambiguous, the call may have taken effect.
    """

    def __init__(
        self,
        *,
        connection_pool_size: int = 256,
        read_timeout: float = 10.0,
        write_timeout: float = 10.0,
        connect_timeout: float = 5.0,
        pool_timeout: float = 5.0,
        media_write_timeout: float = 60.0,
    ) -> None:
        self._pool_size = connection_pool_size
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._media_write_timeout = media_write_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer when a call does not say."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session; doing it twice does nothing."""
        if self._session is None or self._session.closed:
            connector = stop_proof(aiohttp.TCPConnector(limit=self._pool_size, ttl_dns_cache=300))
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close the session with its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The decoded answer; NetworkError (ambiguous) when it is not a JSON object. Nothing is logged."""
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise NetworkError("Invalid server response: not a JSON object")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._session is None or self._session.closed:
            raise RuntimeError("AiohttpRequest is not initialized: await bot.initialize() first")
        default_write = self._write_timeout
        if request_data is not None and request_data.contains_files:
            default_write = self._media_write_timeout
        timeout, limit = _timeout(
            read=_given(read_timeout, self._read_timeout),
            write=_given(write_timeout, default_write),
            connect=_given(connect_timeout, self._connect_timeout),
            pool=_given(pool_timeout, self._pool_timeout),
        )
        body = None if request_data is None else _body(request_data)
        try:
            async with (
                Limit(limit),
                self._session.request(
                    method, url, data=body, timeout=timeout, allow_redirects=False
                ) as response,
            ):
                return understandable(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            # "from None": the chain would print the URL, and with it the token.
            raise _translate(error) from None


def _given(value: ODVInput[float], default: float) -> float | None:
    if isinstance(value, DefaultValue):
        return default
    return value


def _timeout(
    *, read: float | None, write: float | None, connect: float | None, pool: float | None
) -> tuple[aiohttp.ClientTimeout, float | None]:
    """The four waits in aiohttp's terms; it has no write timeout, so a limit bounds them all together."""
    waits = (read, write, connect, pool)
    total = None if None in waits else sum(cast("tuple[float, ...]", waits))
    # `connect` counts from the wait for a pooled connection to the end of the handshake.
    connecting = None if connect is None or pool is None else connect + pool
    own = aiohttp.ClientTimeout(total=None, connect=connecting, sock_connect=connect, sock_read=read)
    return own, total


def _body(request_data: RequestData) -> aiohttp.FormData | dict[str, str]:
    """Form fields, as python-telegram-bot's own transport sends them.

    Not `json_payload`: its nested values are JSON inside JSON strings, which strict servers refuse.
    """
    fields = request_data.json_parameters
    if not request_data.contains_files:
        return fields
    # Quoted, a file name would arrive percent-encoded and be shown so.
    form = aiohttp.FormData(quote_fields=False)
    for name, text in fields.items():
        form.add_field(name, text)
    for name, (filename, content, mime_type) in request_data.multipart_data.items():
        # As a stream: aiohttp warns of large bytes, since it would write them without a pause.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=mime_type)
    return form


def understandable(status: int, payload: bytes) -> tuple[int, bytes]:
    """The answer, or for a proxy's error page a short description in its place; raises ServerAway.

    python-telegram-bot quotes unreadable bodies in its errors, and an error page may quote the URL.
    """
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return status, payload
    if status in _AWAY:
        raise ServerAway(f"The server answered {status}")
    try:
        if isinstance(orjson.loads(payload), dict):
            return status, payload
    except orjson.JSONDecodeError:
        pass
    return status, orjson.dumps({"ok": False, "description": f"The server answered {status} without JSON"})


def _translate(error: aiohttp.ClientError | TimeoutError) -> NetworkError:
    """What happened, without the URL: only the kind of error and the system's reason are told."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return NotSent("Timed out waiting for a connection; the request was not sent")
    if isinstance(error, TimeoutError):
        return TimedOut()
    if isinstance(error, aiohttp.ClientConnectorError):
        # Certificate errors carry no os_error, and connecting may fail for reasons without an errno.
        cause = getattr(error, "_os_error", None)
        reason = getattr(cause, "strerror", None) or type(cause or error).__name__
        return NotSent(f"Cannot connect to {error.host}:{error.port}: {reason}; the request was not sent")
    if isinstance(error, aiohttp.InvalidURL):
        return NotSent("The Bot API server's address is not a valid URL; the request was not sent")
    return NetworkError(f"{type(error).__name__}: the connection failed after the request was started")


def build_bot(
    token: str,
    base_url: str = PUBLIC_SERVER,
    *,
    connection_pool_size: int = 256,
    read_timeout: float = 10.0,
    connect_timeout: float = 5.0,
) -> Bot:
    """A Bot on this transport, not yet initialised; `base_url` is the server's root, e.g. http://127.0.0.1:8081.

    Long polls get their own pool, so that sends can never starve them.
    """
    root = base_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(
            connection_pool_size=connection_pool_size,
            read_timeout=read_timeout,
            connect_timeout=connect_timeout,
        ),
        get_updates_request=AiohttpRequest(
            connection_pool_size=2, read_timeout=POLL_READ_TIMEOUT, connect_timeout=connect_timeout
        ),
    )
