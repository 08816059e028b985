"""Time-outs that a stopped process does not run into.

A process that was stopped (SIGSTOP, a suspended machine, a virtual machine that was moved) finds all its timers due
when it goes on, and next to them, still unread, the answers that came meanwhile. Its wait for both was interrupted, so
the loop runs the timers first: a message that arrived long ago would count as doubtful and be sent again. A timer that
fires late therefore lets the answers in first.
"""

import asyncio
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.client_proto import ResponseHandler

LATE_S = 0.5
"""A timer this late was not kept from firing by work, but by a stop."""
GRACE_S = 2.0
"""So long what was on its way meanwhile may still take: the other side sends again what it found no one to take."""


class Handler(ResponseHandler):
    """aiohttp's end of a connection, whose time-out for reading is patient after a stop."""

    def _on_read_timeout(self) -> None:
        handle, now = self._read_timeout_handle, self._loop.time()
        if handle is not None and now - handle.when() > LATE_S:
            # What is read now reschedules or drops this one as it would any other.
            self._read_timeout_handle = self._loop.call_later(GRACE_S, super()._on_read_timeout)
        else:
            super()._on_read_timeout()


def stop_proof(connector: aiohttp.TCPConnector) -> aiohttp.TCPConnector:
    """The same connector, making patient connections."""
    # Private, but aiohttp's only way; a test stops a process and would tell if it were gone.
    connector._factory = partial(Handler, loop=asyncio.get_running_loop())  # type: ignore[assignment]
    return connector


class Limit:
    """`async with Limit(seconds):` raises TimeoutError like `asyncio.timeout`, but patiently after a stop."""

    __slots__ = ("_due_at", "_seconds", "_timeout", "_timer")

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None
        self._due_at = 0.0

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        if self._seconds is not None:
            loop = asyncio.get_running_loop()
            self._due_at = loop.time() + self._seconds
            self._timer = loop.call_at(self._due_at, self._fire)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _fire(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._due_at > LATE_S:
            self._due_at = loop.time() + GRACE_S
            self._timer = loop.call_at(self._due_at, self._fire)
        else:
            self._timeout.reschedule(loop.time())
