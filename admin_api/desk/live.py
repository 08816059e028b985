"""Live updates: a stream that says 'something changed', whereupon the page asks for what it shows.

Only who is writing is told outright: it is stored nowhere, and over in a moment.
"""

import asyncio
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress

import orjson
from aiohttp import web

from admin_api.access import Access
from admin_api.auth import identify
from admin_api.contract import Context
from admin_api.problems import ApiError
from crm_store import attendance
from crm_store.engine import is_outage
from crm_store.signals import Listener, Topic
from crm_store.typing_signs import Side, TypingSign

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


class Typists:
    """The customers of whom a stream is still to tell that they are writing, or no longer."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._lanes: dict[str, bool] = {}

    def hear(self, signs: Sequence[TypingSign]) -> None:
        """Take what is told; colleagues are seen in another way (desk_marks)."""
        lanes = {sign.lane: sign.is_typing for sign in signs if sign.side is Side.CUSTOMER}
        if lanes:
            self._lanes |= lanes
            self._listener.wake()

    def told(self) -> bytes:
        """What is to be told, as an event; nothing where nobody's writing changed."""
        lanes, self._lanes = self._lanes, {}
        return b"event: typing\ndata: %b\n\n" % orjson.dumps(lanes) if lanes else b""


STREAMS = web.AppKey("streams", Streams)


async def stream(context: Context) -> web.StreamResponse:
    """Tell this browser within a moment of every change of conversations or queue."""
    request = context.request
    if MEDIA_TYPE not in request.headers.get("Accept", ""):
        raise ApiError(406, f"this is a stream of events; ask with Accept: {MEDIA_TYPE}")
    answer = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"})
    signals = context.services.store.signals
    listener = signals.listen(Topic.CONVERSATIONS, Topic.QUEUE, Topic.SESSIONS)
    typists, typing = Typists(listener), context.services.store.typing
    typing.listen(typists.hear)
    request.app[STREAMS].add(listener)
    try:
        await answer.prepare(request)
        await answer.write(_CHANGED)  # what happened while this browser was not connected
        with suppress(ConnectionResetError):
            await _tell(context, answer, listener, typists)
    finally:
        typing.forget(typists.hear)
        signals.forget(listener)
    return answer


async def _tell(context: Context, answer: web.StreamResponse, listener: Listener, typists: Typists) -> None:
    streams = context.request.app[STREAMS]
    renewed_at, looked_at = 0.0, time.monotonic()
    while not streams.is_closing:
        if time.monotonic() - renewed_at > RENEW_S:
            renewed_at = time.monotonic()
            await _renew(context)
        changed = await listener.wait(BEAT_S)
        if changed:
            await asyncio.sleep(GATHER_S)  # one batch signals several times
        topics = listener.signalled()
        if not changed or Topic.SESSIONS in topics or time.monotonic() - looked_at > BEAT_S:
            looked_at = time.monotonic()
            if not await _is_let_in(context):
                await answer.write(_OUT)
                return
        news = typists.told() + (_CHANGED if topics - {Topic.SESSIONS} else b"") if changed else _BEAT
        if news:
            await answer.write(news)


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
