"""How long an end may take, shared by its steps: what one of them leaves over, the next may use."""

import time
from collections.abc import Callable


class Deadline:
    """A moment so many seconds from now."""

    def __init__(self, within_s: float, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._ends = steady() + within_s

    def left(self, at_most: float, *, kept: float = 0.0) -> float:
        """Seconds that a step may take: `at_most`, and `kept` seconds fewer than are left."""
        return max(0.0, min(at_most, self._ends - self._steady() - kept))
