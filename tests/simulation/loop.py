"""An event loop whose time is virtual and whose scheduler is a seed: any order that asyncio may choose, reproducibly.

Nothing waits: the clock jumps to the next moment at which something is to happen. What is ready at the same moment
runs in an order drawn from the seed, so that a race which needs one order in a thousand is met, and met again.
"""

import asyncio
import heapq
from asyncio import events
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class SimLoop(asyncio.AbstractEventLoop):
    """The life of one process: its tasks end with it. `now` goes on from one process to the next."""

    def __init__(self, rng: Random, now: float, shuffling: float) -> None:
        self._draw, self._shuffling = rng.random, shuffling
        self._now = now
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._made = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self.failures: list[dict[str, Any]] = []
        """What nobody else caught."""

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Among what is ready."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """After so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """At a virtual moment."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, handle))
        return handle

    def create_future(self) -> "asyncio.Future[Any]":
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[T]":
        """A task of this loop."""
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=name or "", context=context)
        self._tasks.append(task)
        if len(self._tasks) > 512:
            self._tasks = [one for one in self._tasks if not one.done()]
        return task

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Always."""
        return True

    def is_closed(self) -> bool:
        """Never; a process that ends is dropped."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what nobody caught."""
        self.failures.append(context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is skipped when its moment comes."""

    def next_moment(self) -> float | None:
        """When something is to happen next; now, when anything is ready; None when nothing ever is."""
        if self._ready:
            return self._now
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance(self, now: float) -> None:
        """It is now this moment: what was waiting for it is ready."""
        self._now = now
        timers = self._timers
        while timers and timers[0][0] <= now:
            handle = heapq.heappop(timers)[2]
            if not handle.cancelled():
                self._ready.append(handle)

    def step(self) -> bool:
        """Run one of what is ready, chosen by the seed; False when nothing is."""
        ready = self._ready
        if not ready:
            return False
        last = len(ready) - 1
        if last and self._draw() < self._shuffling:
            chosen = int(self._draw() * (last + 1))
            handle = ready[chosen]
            ready[chosen] = ready[last]
            ready.pop()
        else:
            handle = ready.pop(0)
        if not handle.cancelled():
            handle._context.run(handle._callback, *handle._args)  # type: ignore[attr-defined]
        return True

    def bury(self) -> None:
        """The process is dead: nothing of it runs any more, not even its `finally`, as far as Python lets us."""
        self._ready.clear()
        self._timers.clear()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            if task.done():
                continue
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            coroutine = task.get_coro()
            try:
                coroutine.close()  # type: ignore[union-attr]
            except BaseException:
                continue
        self._ready.clear()
        self._timers.clear()


def enter(loop: SimLoop | None) -> None:
    """Make this the running loop of the thread (None: none is)."""
    events._set_running_loop(loop)
