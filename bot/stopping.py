"""How long an end may take, shared by its steps; and what one that takes too long still waits for."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Deadline:
    """A moment so many seconds from now."""

    def __init__(self, within_s: float, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._ends = steady() + within_s

    def left(self, at_most: float, *, kept: float = 0.0) -> float:
        """Seconds that a step may take: `at_most`, and `kept` seconds fewer than are left."""
        return max(0.0, min(at_most, self._ends - self._steady() - kept))


async def ended(tasks: Collection["asyncio.Task[Any]"], within_s: float) -> None:
    """Wait until these are done; whoever is not in time is told with its place, and holds nobody up."""
    done, left = await asyncio.wait(tasks, timeout=within_s)
    for task in done:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a part of the server ended with an error", exc_info=error)
    if left:
        log.warning("a part of the server does not end", waits=places_of(left))


def places_of(tasks: Iterable["asyncio.Task[Any]"]) -> list[str]:
    """Where each of these waits: places in the code, no values."""
    return sorted(_told(_waits(task.get_coro())) for task in tasks)


def under_way(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Where each unfinished task of this loop waits, and where each thread is.

    Asked from another thread, of a loop that may be stuck: what it finds is a hint for who mends it.
    """
    frames = sys._current_frames()
    threads = [
        f"{thread.name}: {_told(reversed(_stack(frames[thread.ident])))}"
        for thread in threading.enumerate()
        if thread is not threading.current_thread() and thread.ident in frames
    ]
    return [*places_of(asyncio.all_tasks(loop)), *threads]


def _stack(frame: FrameType) -> list[str]:
    """The innermost place first."""
    return [_place(entry) for entry in traceback.walk_stack(frame)][:_DEPTH]


_DEPTH = 8


def _waits(coroutine: Any) -> list[str]:
    """From the coroutine itself to what it waits for in the end."""
    found = []
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        found.append(_place((frame, frame.f_lineno)))
        coroutine = coroutine.cr_await
    return found


def _place(entry: tuple[FrameType, int]) -> str:
    frame, line = entry
    return f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"


def _told(places: Iterable[str]) -> str:
    return " > ".join(places)
