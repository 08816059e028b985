"""A process in which time passes faster: all its clocks, and with them every timer, pause and time-out of its loop.

What is measured are rates and orders in that time; the work itself takes as long as ever, so the pace must leave the
machine room for it.
"""

import selectors
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

_true_monotonic, _true_time = time.monotonic, time.time


def clock(scale: float, origin: float) -> Callable[[], float]:
    """Seconds since `origin` (a true monotonic time), times `scale`; the same in every process of the machine."""
    return lambda: origin + (_true_monotonic() - origin) * scale


def hurry(scale: float, origin: float) -> Callable[[], datetime]:
    """Let time pass faster in this process, before any loop is made; its wall clock."""
    steady, began_at = clock(scale, origin), _true_time()
    time.monotonic = steady
    for kind in {selectors.DefaultSelector, selectors.EpollSelector, selectors.SelectSelector}:
        _hurry(kind, scale)
    return lambda: datetime.fromtimestamp(began_at + (steady() - origin), UTC)


def _hurry(kind: Any, scale: float) -> None:
    wait = kind.select

    def select(self: Any, timeout: float | None = None) -> Any:
        return wait(self, timeout / scale if timeout and timeout > 0 else timeout)

    kind.select = select
