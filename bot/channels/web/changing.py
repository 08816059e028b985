"""What an agent edits or takes back after it was sent, and a place in the queue that is told anew, in open windows."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from bot.channels.base import DeliveryFailed
from bot.channels.web import protocol
from bot.channels.web.protocol import Frame
from bot.clock import Clock
from crm_store import desk, desk_errands, desk_posts, visitors
from crm_store.desk_errands import Change
from crm_store.engine import Store, is_outage
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
AGAIN_S = 0.5


class Windows(Protocol):
    """The open windows of this process, and with `tell` those of all."""

    tell: Callable[[int], Awaitable[None]] | None

    def push(self, address: str, frame: Frame) -> None:
        """Say this in the windows of `address`."""
        ...


class Changing:
    """Says messages again that are not what they were; `run` is a loop of the house.

    Who has no window open reads the history. Several processes may tell of the same change: it is shown once.
    """

    def __init__(self, store: Store, channel: Windows, clock: Clock) -> None:
        self._store, self._channel, self._clock = store, channel, clock
        self._listener = store.signals.listen(Topic.DESK)

    async def run(self) -> None:
        """Tell of changes until cancelled."""
        while True:
            try:
                await self.round()
            except DeliveryFailed:
                await asyncio.sleep(AGAIN_S)
            except Exception as error:
                if not is_outage(error):
                    log.exception("a changed message could not be told; it will be")
                await asyncio.sleep(AGAIN_S)
            await self._listener.wait(IDLE_WAIT_S)

    async def round(self) -> None:
        """Tell of what has changed, then note it; raises DeliveryFailed while other processes cannot be told."""
        async with self._store.read() as session:
            changes = await desk_errands.changes(session)
        if changes:
            await self._tell(changes)
            await self._note(changes)

    async def _tell(self, changes: Sequence[Change]) -> None:
        numbers = sorted({change.message_id for change in changes})
        if self._channel.tell is not None:
            await asyncio.gather(*(self._channel.tell(number) for number in numbers))
            return
        async with self._store.read() as session:
            lines = await visitors.lines(session, numbers)
        for line in lines:
            self._channel.push(line.message.address, protocol.line_shown(line))

    async def _note(self, changes: Sequence[Change]) -> None:
        async with self._store.write() as session:
            finished = await desk_errands.finish(session, changes)
            has_group = bool(await desk.groups(session))
            for change in finished:
                if has_group and change.kind == "delete":
                    await desk_posts.add(
                        session,
                        conversation_id=change.conversation_id,
                        customer_id=change.customer_id,
                        kind="deleted",
                        message_id=change.message_id,
                        now=self._clock(),
                    )
