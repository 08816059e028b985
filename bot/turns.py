"""Who may leave next on a channel: a line of messages, kept to the platform's limits and to what may be in doubt.

Fresh answers, whose customers are there and wait, and what was left in the outbox leave in turns.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from bot.channels.base import Pace
from bot.pacing import Pacer
from bot.rendering import outgoing
from crm_store.outbox import Claimed

PATIENCE_S = 10.0
"""Who has to wait longer for their turn goes back to the outbox."""
OPEN_AT_LEAST = 4
OPEN_PER_S = 400
LONG_S = 0.25
SOON_S = 0.01
PART = 8
"""A crash leaves in doubt which of the messages arrived that are on the wire or not yet written down. So no more are
let out than come within SOON_S, or an eighth of those who wait, or what makes OPEN_PER_S at the platform's present
speed; and more only while others wait for long. The more are let out, the more are written down at a time, and that
is most of what a message costs in a busy line."""

FRESH, LEFT = 0, 1
"""The two sides of a line: answers just committed, and what comes from the outbox."""
Waiting = deque[tuple[float, Claimed, int]]
"""Since when, what, and as how many messages it counts."""
SHORT = 1000
"""Words of so many characters are one message on any platform, whatever is asked below them."""


def weight_of(message: Claimed, pace: Pace) -> int:
    """As how many messages the platform counts it."""
    if pace.weigh is None or (message.attachment is None and len(message.text) <= SHORT):
        return 1
    try:
        return max(1, pace.weigh(outgoing(message)))
    except Exception:
        return 1  # what cannot be drawn is not sent, and told of where that is tried


class Recent:
    """About how many came within the last second."""

    def __init__(self) -> None:
        self._since, self._now, self._before = 0.0, 0, 0

    def add(self, now: float) -> None:
        """One came now."""
        self._turn(now)
        self._now += 1

    def count(self, now: float) -> float:
        """Those of this second, and of the one before as much as is less than a second ago."""
        self._turn(now)
        return self._now + self._before * (1 - (now - self._since))

    def _turn(self, now: float) -> None:
        passed = now - self._since
        if passed >= 1:
            self._before, self._now = (self._now if passed < 2 else 0), 0
            self._since += int(passed)


class Line:
    """The messages of one channel that wait for their turn. Times are seconds of any steady clock."""

    def __init__(
        self,
        pacer: Pacer,
        *,
        start: Callable[[Claimed], None],
        turn_away: Callable[[Claimed, float], None],
        steady: Callable[[], float],
    ) -> None:
        self.pacer = pacer
        self._start, self._turn_away, self._steady = start, turn_away, steady
        self._ready: tuple[Waiting, Waiting] = (deque(), deque())
        self._last_side = LEFT
        self._resting: dict[int, tuple[asyncio.TimerHandle, Claimed]] = {}
        self._open: set[int] = set()
        self._seconds = 0.0
        self._joined = Recent()
        self._next_look: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._ready)) + len(self._resting)

    @property
    def open_count(self) -> int:
        """How many are on the wire or not yet written down."""
        return len(self._open)

    def weight(self, message: Claimed) -> int:
        """As how many messages the platform counts it."""
        return weight_of(message, self.pacer.pace)

    def join(self, message: Claimed, side: int, weight: int | None = None) -> None:
        """Start it as soon as its chat and the platform take it, or turn it away with the seconds that lasts."""
        weight = weight or self.weight(message)
        delay = self.pacer.chat_delay(message.address, self._steady(), weight)
        if delay > PATIENCE_S:
            self._turn_away(message, delay)
        elif delay > 0:
            timer = asyncio.get_running_loop().call_later(delay, self._rejoin, message, side)
            self._resting[message.id] = (timer, message)
        else:
            now = self._steady()
            self._joined.add(now)
            self._ready[side].append((now, message, weight))
            self.look()

    def arrived(self, seconds: float) -> None:
        """A message took so long on the wire."""
        self._seconds += (seconds - self._seconds) / 8

    def close(self, numbers: Iterable[int]) -> None:
        """What became of these is written down."""
        self._open.difference_update(numbers)
        self.look()

    def look(self) -> None:
        """Start whoever's turn it is."""
        now = self._steady()
        while (side := self._next_side()) is not None and not self._is_full(self._ready[side][0][0], now):
            _, message, weight = self._ready[side][0]
            delay = self.pacer.overall_delay(now, weight)
            if delay > PATIENCE_S:
                self._ready[side].popleft()
                self._turn_away(message, delay)
            elif delay > 0:
                self._look_again_after(delay)
                return
            else:
                self._ready[side].popleft()
                self._last_side = side
                self._open.add(message.id)
                self.pacer.took(message.address, now, weight)
                self._start(message)

    def send_home(self) -> None:
        """Turn everybody away who has not started."""
        waiting = [message for side in self._ready for _, message, _ in side]
        for timer, message in self._resting.values():
            timer.cancel()
            waiting.append(message)
        for side in self._ready:
            side.clear()
        self._resting.clear()
        for message in waiting:
            self._turn_away(message, 0.0)

    def _next_side(self) -> int | None:
        """Each side in its turn while both have somebody."""
        fresh, left = map(bool, self._ready)
        if fresh and left:
            return LEFT if self._last_side == FRESH else FRESH
        return FRESH if fresh else LEFT if left else None

    def _rejoin(self, message: Claimed, side: int) -> None:
        del self._resting[message.id]
        self.join(message, side)

    def _look_again_after(self, delay: float) -> None:
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(delay, self._look_later)

    def _look_later(self) -> None:
        self._next_look = None
        self.look()

    def _is_full(self, since: float, now: float) -> bool:
        if len(self._open) < OPEN_AT_LEAST:
            return False
        too_long = now - since - LONG_S
        at_this_speed = int(max(self._seconds, too_long) * OPEN_PER_S)
        by_demand = max(int(self._joined.count(now) * SOON_S), sum(map(len, self._ready)) // PART)
        return len(self._open) >= max(at_this_speed, by_demand)
