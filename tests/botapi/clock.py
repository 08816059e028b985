"""The server's clock: epoch seconds, never backwards, replaceable in tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


def steady_clock() -> Clock:
    """Epoch seconds that only move forward, so that differences are latencies."""
    offset = time.time() - time.monotonic()
    monotonic = time.monotonic
    return lambda: offset + monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until `advance`; pass the instance as `clock`."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.now += seconds
