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

    @property
    def most(self) -> int:
        """How many fit into a span."""
        return self.times.maxlen or 1

    def wait(self, now: float, weight: int = 1) -> float:
        """Seconds until `weight` more fit together; 0 means now. What never fits waits for an empty span."""
        over = len(self.times) + min(weight, self.most) - self.most
        return max(0.0, self.times[over - 1] + self.span_s - now) if over > 0 else 0.0

    def take(self, now: float, weight: int = 1) -> None:
        """So many happened now. Those that are too many for one span count towards the spans that follow."""
        at = max(now, self.times[-1]) if self.times else now
        if weight == 1:
            self.times.append(at)
            return
        self.times.extend(at + nth // self.most * self.span_s for nth in range(weight))

    def give_back(self) -> None:
        """What was taken last did not happen."""
        if self.times:
            self.times.pop()

    def book(self, now: float, weight: int = 1) -> float:
        """When `weight` more fit together; they count as happening then, so nobody lighter slips in before them."""
        at = now + self.wait(now, weight)
        self.take(at, weight)
        return at

    def left(self, now: float) -> int:
        """How many more fit now; counted as `wait` does, to the last digit."""
        return self.most - sum(at + self.span_s - now > 0 for at in self.times)


def window(count: float, span_s: float) -> Window:
    """A window for a rate; one of less than a message per span is kept by a longer span."""
    whole = max(1, int(count))
    return Window(deque(maxlen=whole), span_s * whole / count * MARGIN)
