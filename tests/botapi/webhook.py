"""Webhook delivery as Telegram does it: serial in each chat, parallel across, again until a 2xx comes.

Source: WebhookActor.cpp of the Bot API server: first retry at once, then 2, 4, 8 ... seconds; a Retry-After
is honoured. Tests shorten the pauses by `time_scale`.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import orjson

from tests.botapi.errors import bad_request
from tests.botapi.updates import Key, Update, UpdateLog
from tests.botapi.wire import Json, Params

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_PAUSE = 60.0
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook points."""

    url: str
    secret: str
    max_connections: int


@dataclass(slots=True)
class Webhook:
    """The webhook of the bot, none while `target` is None."""

    updates: UpdateLog
    call: Callable[[str, Params], Awaitable[object]]
    time_scale: float = 0.01
    target: Target | None = None
    last_error: tuple[int, str] | None = None
    _queues: dict[Key, deque[Update]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def set(self, params: Params) -> bool:
        """setWebhook; an empty url removes the webhook."""
        url = params.text("url")
        if not url:
            return await self.delete(params)
        target = Target(url, params.text("secret_token"), params.integer("max_connections", 40))
        _check(target)
        await self.stop()
        self.updates.allow(params.json("allowed_updates"))
        if params.flag("drop_pending_updates"):
            self.updates.drop()
        self.target = target
        self.updates.webhook_active = True
        self.updates.end_polling()
        self._gate = asyncio.Semaphore(target.max_connections)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=target.max_connections))
        self.updates.on_new = self._offer
        for update in list(self.updates.pending):
            self._offer(update)
        return True

    async def delete(self, params: Params) -> bool:
        """deleteWebhook: what is not delivered yet waits for getUpdates."""
        await self.stop()
        if params.flag("drop_pending_updates"):
            self.updates.drop()
        return True

    def info(self) -> Json:
        """getWebhookInfo."""
        target = self.target
        shown: Json = {"url": "", "has_custom_certificate": False}
        shown["pending_update_count"] = len(self.updates.pending)
        if target is not None:
            shown |= {"url": target.url, "max_connections": target.max_connections}
        if self.last_error is not None:
            shown["last_error_date"], shown["last_error_message"] = self.last_error
        if self.updates.allowed is not None:
            shown["allowed_updates"] = sorted(self.updates.allowed)
        return shown

    async def stop(self) -> None:
        """End all deliveries."""
        self.target = None
        self.updates.on_new = None
        self.updates.webhook_active = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._queues.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _offer(self, update: Update) -> None:
        queue = self._queues.get(update.key)
        if queue is not None:
            queue.append(update)
            return
        self._queues[update.key] = deque([update])
        task = asyncio.get_running_loop().create_task(self._drain(update.key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: Key) -> None:
        queue = self._queues[key]
        while queue:
            await self._deliver(queue[0])
            self.updates.confirm(queue.popleft())
        del self._queues[key]

    async def _deliver(self, update: Update) -> None:
        attempt = 0
        while True:
            async with self._gate:
                pause = await self._attempt(update)
            if pause is None:
                return
            backoff = 0.0 if attempt == 0 else min(2.0**attempt, _LONGEST_PAUSE)
            await asyncio.sleep(max(pause, backoff) * self.time_scale)
            attempt += 1

    async def _attempt(self, update: Update) -> float | None:
        """None when the bot took the update, else the seconds it asks to wait (0 when it does not say)."""
        assert self._session is not None
        assert self.target is not None
        headers = {"Content-Type": "application/json"}
        if self.target.secret:
            headers[SECRET_HEADER] = self.target.secret
        self.updates.note_delivery(update, self.updates.clock())
        try:
            async with self._session.post(
                self.target.url,
                data=update.body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                if 200 <= response.status < 300:
                    await self._obey(answer)
                    return None
                self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "0")
                return float(asked) if asked.isdigit() else 0.0
        except (aiohttp.ClientError, TimeoutError) as error:
            self._note(f"Connection failed: {type(error).__name__}")
            return 0.0

    def _note(self, message: str) -> None:
        self.last_error = (int(self.updates.clock()), message)
        self.updates.on_change()

    async def _obey(self, answer: bytes) -> None:
        """A 2xx answer may carry one method call; its result goes nowhere."""
        if not answer.startswith(b"{"):
            return
        body = orjson.loads(answer)
        method = body.pop("method", None)
        if method is not None:
            await self.call(str(method), Params(body))


def _check(target: Target) -> None:
    parts = urlsplit(target.url)
    # Telegram insists on HTTPS; on loopback there is nobody to listen in.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if target.secret and not _SECRET.match(target.secret):
        raise bad_request("secret token contains unallowed characters")
    if not 1 <= target.max_connections <= 100:
        raise bad_request("max_connections must be 1-100")
