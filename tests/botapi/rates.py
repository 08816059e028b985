"""Telegram's sending limits, counted in sliding windows: recorded always, enforced on request.

Source: Bots FAQ, "My bot is hitting limits": about 30 messages a second overall, one a second in one chat,
20 a minute in one group.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tests.botapi.clock import Clock
from tests.botapi.errors import ApiError, too_many_requests
from tests.botapi.wire import Params

Scope = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages in any window of `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Breach:
    """A message too many: which limit, in which chat (0 for the overall one), when."""

    limit: str
    chat_id: int
    at: float


@dataclass(slots=True)
class Rates:
    """The limits; with `enforced` a message too many is refused with 429, else it is only noted."""

    clock: Clock
    enforced: bool = False
    overall: Limit = Limit(30, 1.0)
    chat: Limit = Limit(1, 1.0)
    group: Limit = Limit(20, 60.0)
    breaches: list[Breach] = field(default_factory=list)
    _times: dict[Scope, deque[float]] = field(default_factory=dict)

    def judge(self, method: str, params: Params) -> ApiError | None:
        """Count a call that sends; the 429 for it when limits are enforced and it is one too many."""
        weight = _messages(method, params)
        if weight == 0:
            return None
        chat_id, now = params.integer("chat_id"), self.clock()
        limits = {("overall", 0): self.overall, ("chat", chat_id): self.chat}
        if chat_id < 0:
            limits["group", chat_id] = self.group
        waits = [self._wait(scope, limit, now, weight) for scope, limit in limits.items()]
        if self.enforced and any(waits):
            return too_many_requests(max(1, math.ceil(max(waits))))
        for scope in limits:
            self._times[scope].extend([now] * weight)
        return None

    def _wait(self, scope: Scope, limit: Limit, now: float, weight: int) -> float:
        """Seconds until the scope takes so many messages, 0 when it does now; an empty one takes any album."""
        times = self._times.setdefault(scope, deque())
        while times and times[0] <= now - limit.seconds:
            times.popleft()
        over = len(times) + min(weight, limit.count) - limit.count
        if over <= 0:
            return 0.0
        self.breaches.append(Breach(scope[0], scope[1], now))
        return times[over - 1] + limit.seconds - now


def _messages(method: str, params: Params) -> int:
    """How many messages a call sends."""
    name = method.lower()
    if not name.startswith(("send", "copy", "forward")) or name == "sendchataction":
        return 0
    batch = {"sendmediagroup": "media", "copymessages": "message_ids", "forwardmessages": "message_ids"}
    items = params.json(batch[name]) if name in batch else None
    return len(items) if isinstance(items, list) else 1
