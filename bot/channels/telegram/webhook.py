"""The webhook: Telegram calls us, proves itself by a secret header, and gets its 200 once all is committed."""

import re
from collections.abc import Awaitable, Callable, Sequence
from secrets import compare_digest

import orjson
import structlog
from aiohttp import web
from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import ALLOWED_UPDATES

log = structlog.get_logger(__name__)
PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name)
MAX_BODY = 1024 * 1024
MAX_CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
GOOD_LENGTH = 16

Take = Callable[[Sequence[object]], Awaitable[None]]


def check_secret(secret: str | None) -> str:
    """The secret; ValueError saying what to do when there is none that would keep anybody out."""
    if secret is None or not _SECRET.fullmatch(secret):
        raise ValueError(
            "a webhook needs FRONTDESK_WEBHOOK_SECRET: 1 to 256 of A-Z a-z 0-9 _ -, better 32 and more; "
            "for one, run: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if len(secret) < GOOD_LENGTH:
        log.warning("FRONTDESK_WEBHOOK_SECRET is short enough to be guessed; take a longer one")
    return secret


class Webhook:
    """The handler of `PATH`.

    Anything but a 2xx makes Telegram send the same update again and hold back the chat's later ones, so who knows
    the secret gets 200 even for what cannot be read.
    """

    def __init__(self, secret: str, take: Take) -> None:
        self._secret, self._take = check_secret(secret).encode(), take
        self._is_open = True
        self.unreadable = 0
        """Bodies that were no update; for metrics."""
        self.forged = 0
        """Calls without the secret; for metrics."""

    def close(self) -> None:
        """Take nothing new; Telegram keeps what is refused and sends it again."""
        self._is_open = False

    async def handle(self, request: web.Request) -> web.Response:
        """200 when the update is settled, 403 without the secret, 503 while stopping."""
        shown = request.headers.get(SECRET_HEADER, "")
        if not compare_digest(shown.encode("utf-8", "surrogateescape"), self._secret):
            self.forged += 1
            return web.Response(status=403, text="Forbidden")
        if not self._is_open:
            return web.Response(status=503, text="Stopping", headers={"Retry-After": "5"})
        body = await _read(request)
        try:
            update = orjson.loads(body) if body is not None else None
        except orjson.JSONDecodeError:
            update = None
        if not isinstance(update, dict):
            self.unreadable += 1
            log.error("a webhook call held no update; it is confirmed so that it does not come again")
            return web.Response(text="unreadable")
        await self._take([update])
        return web.Response(text="ok")


async def _read(request: web.Request) -> bytes | None:
    """The body; None when it is longer than any update."""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > MAX_BODY:
            return None
        parts.append(chunk)
    return b"".join(parts)


async def announce(api: Api, public_url: str, secret: str) -> None:
    """Tell Telegram where to call; raises ValueError with what it found wrong with the address."""
    try:
        await api.call(
            "setWebhook",
            url=public_url.rstrip("/") + PATH,
            secret_token=secret,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=MAX_CONNECTIONS,
        )
    except TelegramError as error:
        raise ValueError(f"Telegram refuses the webhook address {public_url}: {error}") from None
