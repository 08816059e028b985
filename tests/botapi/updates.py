"""What the bot has yet to learn: the queue of updates, long polling, and when each was born and delivered.

Rules from the Bot API documentation and its server's source (Client.cpp): an update is confirmed by an offset
above its id, a negative offset keeps only the tail, a second poller ends the first with 409.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from tests.botapi.clock import Clock
from tests.botapi.errors import conflict

Key = tuple[str, int]
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True, eq=False)
class Update:
    """One update: its serialised body and its times (epoch seconds of the server's clock)."""

    id: int
    kind: str
    key: Key
    body: bytes
    born_at: float
    delivered_at: float | None = None
    confirmed_at: float | None = None
    deliveries: int = 0


def order_key(kind: str, payload: dict[str, Any]) -> Key:
    """The queue an update waits in: callbacks by person, everything else by chat."""
    if kind == "callback_query":
        return "user", payload["from"]["id"]
    chat = payload.get("chat")
    if isinstance(chat, dict) and isinstance(chat.get("id"), int):
        return ("reaction" if "reaction" in kind else "chat"), chat["id"]
    return kind, 0


class UpdateLog:
    """Pending updates in order, and the history of all of them."""

    def __init__(self, clock: Clock, *, first_id: int = 1000) -> None:
        self.clock = clock
        self.next_id = first_id
        self.pending: deque[Update] = deque()
        self.history: list[Update] = []
        self.deliveries: list[Update] = []
        self.allowed: frozenset[str] | None = None
        self.webhook_active = False
        self.on_new: Callable[[Update], None] | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.throttle_repeats = False
        self._poller: asyncio.Future[bool] | None = None
        self._last_poll: tuple[int, float] = (0, 0.0)

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind (the default leaves out members and reactions)."""
        return kind not in _NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Remember allowed_updates; None leaves the choice as it is, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def add(self, kind: str, payload: dict[str, Any]) -> Update | None:
        """Queue an update; None when the bot did not ask for its kind."""
        if not self.wants(kind):
            return None
        body = orjson.dumps({"update_id": self.next_id, kind: payload})
        return self._queue(kind, order_key(kind, payload), body)

    def add_raw(self, update: dict[str, Any]) -> Update:
        """Queue any object as it is, malformed ones too; an update_id of its own moves the numbering."""
        update_id = update.get("update_id", self.next_id)
        if isinstance(update_id, int):
            self.next_id = update_id
        kind = next((name for name in update if name != "update_id"), "")
        payload = update.get(kind)
        try:
            key = order_key(kind, payload) if isinstance(payload, dict) else ("raw", 0)
        except (KeyError, TypeError):
            key = ("raw", 0)
        return self._queue(kind, key, orjson.dumps({"update_id": update_id, **update}))

    def add_again(self, update: Update) -> None:
        """Queue an update once more under the same id, as an at-least-once sender may."""
        self._announce(Update(update.id, update.kind, update.key, update.body, self.clock()))

    def _queue(self, kind: str, key: Key, body: bytes) -> Update:
        update = Update(self.next_id, kind, key, body, self.clock())
        self.next_id += 1
        self._announce(update)
        return update

    def _announce(self, update: Update) -> None:
        self.pending.append(update)
        self.history.append(update)
        if self.on_new is not None:
            self.on_new(update)
        self._wake(alone=True)

    def note_delivery(self, update: Update, now: float) -> None:
        """Remember that an update is on its way to the bot, for the first time or again."""
        update.deliveries += 1
        if update.delivered_at is None:
            update.delivered_at = now
        self.deliveries.append(update)

    def confirm(self, update: Update) -> None:
        """Take a delivered update off the queue (webhook)."""
        update.confirmed_at = self.clock()
        if self.pending and self.pending[0] is update:
            self.pending.popleft()
        else:
            self.pending.remove(update)
        self.on_change()

    def _confirm_below(self, offset: int) -> None:
        now = self.clock()
        while self.pending and self.pending[0].id < offset:
            self.pending.popleft().confirmed_at = now

    def drop(self, *, keep: int = 0) -> None:
        """Forget all pending updates but the last `keep`."""
        now = self.clock()
        while len(self.pending) > keep:
            self.pending.popleft().confirmed_at = now

    async def poll(self, offset: int, limit: int, timeout: float) -> bytes:
        """getUpdates: a JSON array of the waiting updates, empty after `timeout` seconds without any."""
        if self.webhook_active:
            raise conflict(_WEBHOOK_ACTIVE)
        self._wake(alone=False)
        limit, timeout = self._throttle(offset, limit, timeout)
        if offset > 0:
            self._confirm_below(offset)
        elif offset < 0:
            self.drop(keep=-offset)
        self.on_change()
        if not self.pending and timeout > 0:
            await self._wait(timeout)
        return self._take(limit)

    @property
    def is_polled(self) -> bool:
        """Whether a poller is waiting right now."""
        return self._poller is not None and not self._poller.done()

    async def _wait(self, timeout: float) -> None:
        poller: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._poller = poller
        self.on_change()
        try:
            async with asyncio.timeout(timeout):
                alone = await poller
        except TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None
        if not alone:
            raise conflict(_WEBHOOK_ACTIVE if self.webhook_active else _OTHER_POLLER)

    def _throttle(self, offset: int, limit: int, timeout: float) -> tuple[int, float]:
        limit = limit if 1 <= limit <= 100 else 100
        timeout = min(max(timeout, 0), 50)
        now = self.clock()
        last_offset, last_at = self._last_poll
        self._last_poll = (offset, now)
        if self.throttle_repeats and offset == last_offset:
            timeout = max(timeout, 3) if now < last_at + 3 else timeout
            limit = 1 if now < last_at + 0.5 else limit
        return limit, timeout

    def _take(self, limit: int) -> bytes:
        now = self.clock()
        bodies: list[bytes] = []
        for update in self.pending:
            if len(bodies) == limit:
                break
            self.note_delivery(update, now)
            bodies.append(update.body)
        return b"[" + b",".join(bodies) + b"]"

    def end_polling(self) -> None:
        """End a waiting poller with 409 (a webhook was set)."""
        self._wake(alone=False)

    def _wake(self, *, alone: bool) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(alone)
