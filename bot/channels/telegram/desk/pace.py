"""How fast the staff group may be written to: 20 messages in any minute over all its topics, one a second.

A turn weighs as much as the messages it makes: the platform counts each part of an album.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from bot.windows import Window

MINUTE_S = 60.0
BURST = 3
"""Messages that fit into as many seconds: albums weigh more than one."""
SECOND_MARGIN = 1.05
"""The second between two messages is kept this much longer: one may be longer on its way than the next."""
LOOK_EVERY_S = 1.0
"""So often who waits for a turn looks whether something else has to be said first."""
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
        self._minute = Window(deque(maxlen=max(1, int(per_min))), MINUTE_S * MARGIN)
        self._burst = Window(deque(maxlen=BURST), BURST / per_s * MARGIN)
        self._second = Window(deque(maxlen=1), SECOND_MARGIN / per_s)
        self._overall = overall
        self._paused_until = 0.0
        self.owes = False
        """What had to be said before a turn was refused: it comes before the next, however many are left."""

    def delay(self, weight: int = 1) -> float:
        """Seconds until the next `weight` messages may go together; 0 means now."""
        now = self._steady()
        everywhere = self._overall.wait(now, weight) if self._overall is not None else 0.0
        return max(everywhere, self._delay_here(weight))

    def left(self) -> int:
        """How many more messages fit into this minute."""
        return self._minute.left(self._steady())

    def ages(self) -> list[float]:
        """How many seconds ago each message of this minute went, the oldest first; negative where it is booked."""
        now = self._steady()
        return [now - at for at in self._minute.times if now - at < self._minute.span_s]

    def remember(self, ages: Iterable[float]) -> None:
        """Count what went so many seconds ago, before this process began or while another led."""
        now, known = self._steady(), self.ages()
        found = sorted((age for age in ages if -MINUTE_S < age < self._minute.span_s), reverse=True)
        if len(found) > len(known):  # else all of it is our own
            self._minute.times.clear()
            for age in found:
                self._minute.take(now - age)

    @property
    def per_min(self) -> int:
        """How many fit into a minute."""
        return self._minute.most

    @property
    def has_spare(self) -> bool:
        """Whether more than half of the minute's are left: less is kept for news."""
        return self.left() > self.per_min // 2

    async def ready(self) -> None:
        """Wait until a message may go, without taking the turn."""
        while (delay := self.delay()) > 0:
            await self._sleep(delay)

    async def turn(self, weight: int = 1, *, before: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Wait for a turn of `weight` messages and take it.

        Where it leaves none of the minute's, or has to wait for the next, or something is owed, `before` may take a
        turn first.
        """
        while True:
            is_asked = self.owes or self.left() <= weight
            if before is not None and is_asked and self._delay_here(1) <= 0:
                await before(weight)
            if (delay := self._delay_here(weight)) <= 0:
                break
            await self._sleep(delay if before is None else min(delay, LOOK_EVERY_S))
        # Booked, not waited for: customers' single messages would take each place as it becomes free, and an
        # album would wait as long as any of them do.
        now = self._steady()
        at = self._overall.book(now, weight) if self._overall is not None else now
        self._count(at, weight)
        if at > now:
            await self._sleep(at - now)

    def took(self) -> None:
        """A turn of one message was taken."""
        now = self._steady()
        self._count(now, 1)
        if self._overall is not None:
            self._overall.take(now)

    def give_back(self) -> None:
        """The turn of one message that was taken last was refused: it made none."""
        for one in self._windows:
            one.give_back()

    def _delay_here(self, weight: int) -> float:
        now = self._steady()
        return max(0.0, self._paused_until - now, *(one.wait(now, weight) for one in self._windows))

    def _count(self, at: float, weight: int) -> None:
        for one in self._windows:
            one.take(at, weight)

    @property
    def _windows(self) -> tuple[Window, ...]:
        return self._minute, self._burst, self._second

    def pause(self, seconds: float) -> None:
        """Nothing more for so long."""
        self._paused_until = max(self._paused_until, self._steady() + seconds)
