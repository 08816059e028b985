"""How fast the staff group may be written to: 20 messages in any minute over all its topics, one a second."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from bot.channels.base import Pace
from bot.pacing import Pacer

WINDOW_S = 60.0
MARGIN_S = 0.5
"""The platform counts at its own end of the network."""


class GroupPace:
    """Gives turns. A window rather than a bucket: a burst and what refills in the same minute must fit together."""

    def __init__(
        self,
        per_min: float,
        per_s: float,
        *,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._steady, self._sleep = steady, sleep
        self._latest: deque[float] = deque(maxlen=max(1, int(per_min)))
        self._pacer = Pacer(Pace(per_chat_per_s=per_s))
        self._paused_until = 0.0

    def delay(self) -> float:
        """Seconds until the next message may go; 0 means now."""
        now = self._steady()
        is_full = len(self._latest) == self._latest.maxlen
        window = self._latest[0] + WINDOW_S + MARGIN_S - now if is_full else 0.0
        return max(0.0, window, self._paused_until - now, self._pacer.delay("", now))

    async def ready(self) -> None:
        """Wait until a message may go, without taking the turn."""
        while (delay := self.delay()) > 0:
            await self._sleep(delay)

    async def turn(self) -> None:
        """Wait for the next turn and take it."""
        await self.ready()
        now = self._steady()
        self._latest.append(now)
        self._pacer.took("", now)

    def pause(self, seconds: float) -> None:
        """Nothing more for so long."""
        self._paused_until = max(self._paused_until, self._steady() + seconds)
