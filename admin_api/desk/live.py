"""Live updates: a stream that says only 'something changed'; the page then asks for what it shows."""

import asyncio
import time
import weakref
from contextlib import suppress

from aiohttp import web

from admin_api.access import Access
from admin_api.auth import identify
from admin_api.contract import Context
from admin_api.problems import ApiError
from crm_store import attendance
from crm_store.engine import is_outage
from crm_store.signals import Listener, Topic

MEDIA_TYPE = "text/event-stream"
BEAT_S = 15.0
"""How often a silent stream proves that it lives, and how often any that its reader is still let in."""
GATHER_S = 0.1
RENEW_S = 40.0
"""How often it is kept that an agent who is online still is; well within the time that this lasts."""
_CHANGED, _BEAT, _OUT = b"event: changed\ndata:\n\n", b": still here\n\n", b"event: out\ndata:\n\n"


class Streams:
    """The streams open now, so that a server that stops can end them."""

    def __init__(self) -> None:
        self._listeners: weakref.WeakSet[Listener] = weakref.WeakSet()
        self.is_closing = False

    def add(self, listener: Listener) -> None:
        """Remember an open stream."""
        self._listeners.add(listener)

    async def close(self, _app: web.Application) -> None:
        """End all streams."""
        self.is_closing = True
        for listener in tuple(self._listeners):
            listener.wake()


STREAMS = web.AppKey("streams", Streams)


async def stream(context: Context) -> web.StreamResponse:
    """Tell this browser within a moment of every change of conversations or queue."""
    request = context.request
    if MEDIA_TYPE not in request.headers.get("Accept", ""):
        raise ApiError(406, f"this is a stream of events; ask with Accept: {MEDIA_TYPE}")
    answer = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"})
    signals = context.services.store.signals
    listener = signals.listen(Topic.CONVERSATIONS, Topic.QUEUE)
    request.app[STREAMS].add(listener)
    try:
        await answer.prepare(request)
        await answer.write(_CHANGED)  # what happened while this browser was not connected
        with suppress(ConnectionResetError):
            await _tell(context, answer, listener)
    finally:
        signals.forget(listener)
    return answer


async def _tell(context: Context, answer: web.StreamResponse, listener: Listener) -> None:
    streams = context.request.app[STREAMS]
    renewed_at, looked_at = 0.0, time.monotonic()
    while not streams.is_closing:
        if time.monotonic() - renewed_at > RENEW_S:
            renewed_at = time.monotonic()
            await _renew(context)
        changed = await listener.wait(BEAT_S)
        if changed:
            await asyncio.sleep(GATHER_S)  # one batch signals several times
        if not changed or time.monotonic() - looked_at > BEAT_S:
            looked_at = time.monotonic()
            if not await _is_let_in(context):
                await answer.write(_OUT)
                return
        await answer.write(_CHANGED if changed else _BEAT)


async def _renew(context: Context) -> None:
    """An open stream is the sign that its reader is there: who is online stays so."""
    agent, services = context.caller.agent, context.services
    if agent is None or not context.caller.may(Access.WORK):
        return
    try:
        async with services.store.write() as session:
            await attendance.renew(session, agent.id, now=services.clock())
    except Exception as error:
        if not is_outage(error):  # the stream outlives a store that is away; the next beat renews
            raise


async def _is_let_in(context: Context) -> bool:
    services = context.services
    with suppress(ApiError):
        return (await identify(context.request, services, services.clock())).may(Access.READ)
    return False
