"""How fast the staff group may be written to: 20 messages in any minute over all its topics, one a second."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.windows import Window

MINUTE_S = 60.0
BURST = 3
"""Messages that may follow each other at once."""
MARGIN = 1.01
"""Windows are kept this much longer, because the platform counts at its own end of the network."""


class Later(Exception):
    """It is too early for this."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


class GroupPace:
    """Gives turns. Windows rather than buckets: a burst and what refills in the same minute must fit together."""

    def __init__(
        self,
        per_min: float,
        per_s: float,
        *,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        overall: Window | None = None,
    ) -> None:
        """`overall` is the bot's limit over all chats, customers' included."""
        self._steady, self._sleep = steady, sleep
        self._windows = (
            (deque[float](maxlen=max(1, int(per_min))), MINUTE_S * MARGIN),
            (deque[float](maxlen=BURST), BURST / per_s * MARGIN),
        )
        self._overall = overall
        self._paused_until = 0.0

    def delay(self) -> float:
        """Seconds until the next message may go; 0 means now."""
        now = self._steady()
        waits = [times[0] + span - now for times, span in self._windows if len(times) == times.maxlen]
        everywhere = self._overall.wait(now) if self._overall is not None else 0.0
        return max(0.0, self._paused_until - now, everywhere, *waits)

    def left(self) -> int:
        """How many more messages fit into this minute."""
        times, span = self._windows[0]
        since = self._steady() - span
        return (times.maxlen or 0) - sum(at > since for at in times)

    @property
    def per_min(self) -> int:
        """How many fit into a minute."""
        return self._windows[0][0].maxlen or 0

    async def ready(self) -> None:
        """Wait until a message may go, without taking the turn."""
        while (delay := self.delay()) > 0:
            await self._sleep(delay)

    async def turn(self) -> None:
        """Wait for the next turn and take it."""
        await self.ready()
        self.took()

    def took(self) -> None:
        """A turn was taken."""
        now = self._steady()
        for times, _ in self._windows:
            times.append(now)
        if self._overall is not None:
            self._overall.take(now)

    def pause(self, seconds: float) -> None:
        """Nothing more for so long."""
        self._paused_until = max(self._paused_until, self._steady() + seconds)
