"""A limit as a sliding window. Pure; the clock is given. Who shares a limit shares the window."""

from collections import deque
from dataclasses import dataclass

MARGIN = 1.03
"""Windows are kept this much longer, because messages bunch up on their way to the platform."""


@dataclass(slots=True)
class Window:
    """At most so many in any span of so many seconds, wherever it begins."""

    times: deque[float]
    span_s: float

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 means now."""
        is_full = len(self.times) == self.times.maxlen
        return max(0.0, self.times[0] + self.span_s - now) if is_full else 0.0

    def take(self, now: float) -> None:
        """One happened now."""
        self.times.append(now)


def window(count: float, span_s: float) -> Window:
    """A window for a rate; one of less than a message per span is kept by a longer span."""
    whole = max(1, int(count))
    return Window(deque(maxlen=whole), span_s * whole / count * MARGIN)
