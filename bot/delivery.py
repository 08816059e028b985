"""From the outbox to the customer: claim, send, mark. Lanes keep their order; one slow chat holds up no other.

A claim takes the first unsent message of each lane, is committed, and only then is the platform called. What the
platform answers decides by `OUTCOMES` alone what becomes of the message.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from bot.channels.base import Channel, DeliveryFailed, Outcome, Pace
from bot.clock import Clock
from bot.pacing import Pacer
from bot.rendering import outgoing
from crm_store import desk_posts, outbox
from crm_store.engine import Store, is_outage
from crm_store.outbox import Claimed, Sent
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
RECOVER_EVERY_S = 30.0
IN_FLIGHT = 256
BACKOFF = (1, 2, 5, 15, 30, 60, 120, 300)
"""Seconds before the n-th new try."""


OUTCOMES: dict[tuple[Outcome, bool], str] = {
    # (how it failed, at most once) -> the message's next state; 'pending' is tried again
    (Outcome.NOT_SENT, False): "pending",
    (Outcome.NOT_SENT, True): "pending",
    (Outcome.AMBIGUOUS, False): "pending",
    (Outcome.AMBIGUOUS, True): "ambiguous",
    (Outcome.UNREACHABLE, False): "dead",
    (Outcome.UNREACHABLE, True): "dead",
    (Outcome.REFUSED, False): "dead",
    (Outcome.REFUSED, True): "dead",
}


class Delivery:
    """Sends what the outbox holds for the given channels."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        paces: Mapping[str, Pace] | None = None,
        is_only_server: bool = True,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._channels, self._clock, self._steady = store, dict(channels), clock, steady
        self._pacers = {name: Pacer((paces or {}).get(name, Pace())) for name in channels}
        self._is_only_server = is_only_server
        self._flying: set[asyncio.Task[None]] = set()
        self._sent: list[Sent] = []
        self._ambiguous_once: set[int] = set()
        self._listener = store.signals.listen(Topic.OUTBOX)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._recover(everything=self._is_only_server)
        recovered_at = self._steady()
        while True:
            try:
                more = await self._round()
                if self._steady() - recovered_at > RECOVER_EVERY_S:
                    await self._recover(everything=False)
                    recovered_at = self._steady()
            except Exception as error:
                if not is_outage(error):
                    log.exception("delivery stumbled; it goes on")
                more = False
                await asyncio.sleep(0.5)
            if not more:
                await self._listener.wait(IDLE_WAIT_S)

    async def drain(self) -> None:
        """Let the sendings under way finish and write down how they ended."""
        if self._flying:
            await asyncio.wait(self._flying)
        await self._mark()

    async def _recover(self, *, everything: bool) -> None:
        async with self._store.write() as session:
            found = await outbox.recover(session, now=self._clock(), everything=everything)
        if found:
            log.warning("interrupted sendings were found", count=found)

    async def _round(self) -> bool:
        """Mark what was sent, claim what is due and send it; True when there may be more at once."""
        await self._mark()
        room = IN_FLIGHT - len(self._flying)
        if room <= 0:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return True
        async with self._store.read() as session:
            if not await outbox.has_due(session, now=self._clock()):
                return bool(self._sent)
        async with self._store.write() as session:
            claimed = await outbox.claim(session, self._channels, now=self._clock(), limit=room)
        for message in claimed:
            task = asyncio.create_task(self._send(message))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return bool(claimed or self._sent)

    async def _send(self, message: Claimed) -> None:
        pacer, channel = self._pacers[message.channel], self._channels[message.channel]
        while (delay := pacer.delay(message.address, self._steady())) > 0:  # noqa: ASYNC110 (time is what it waits for)
            await asyncio.sleep(delay)
        pacer.took(message.address, self._steady())
        drawn = outgoing(message)
        try:
            platform_id = await channel.send(drawn)
        except DeliveryFailed as failure:
            await self._failed(message, failure)
        except Exception as error:
            log.exception("a channel broke while sending", channel=message.channel)
            await self._failed(message, DeliveryFailed(Outcome.AMBIGUOUS, type(error).__name__))
        else:
            worded = drawn.text if drawn.text != message.text else None
            self._sent.append(Sent(message.id, platform_id, worded))
            self._ambiguous_once.discard(message.id)
        self._listener.wake()

    async def _failed(self, message: Claimed, failure: DeliveryFailed) -> None:
        state = self._state_after(message, failure)
        again = state == "pending"
        wait = failure.retry_after or timedelta(seconds=BACKOFF[min(message.attempts - 1, len(BACKOFF) - 1)])
        if failure.retry_after is not None:
            self._pacers[message.channel].pause(message.address, self._steady() + wait.total_seconds())
        log.warning("a message was not delivered", message=message.id, outcome=failure.outcome, state=state)
        async with self._store.write() as session:
            retry_at = self._clock() + wait if again else None
            await outbox.mark_failed(
                session, message.id, state=state, error=failure.reason, retry_at=retry_at
            )
            if state in ("dead", "ambiguous"):
                await desk_posts.notify_failed(session, message.id, failure.reason, now=self._clock())
            if failure.outcome is Outcome.UNREACHABLE:
                await outbox.mark_unreachable(session, message.channel, message.address)

    def _state_after(self, message: Claimed, failure: DeliveryFailed) -> str:
        """The table's word, but nothing is tried for ever, and what is ambiguous only once more."""
        state = OUTCOMES[failure.outcome, message.at_most_once]
        if failure.outcome is Outcome.AMBIGUOUS:
            if message.id in self._ambiguous_once:
                return "ambiguous"
            self._ambiguous_once.add(message.id)
        return "dead" if state == "pending" and message.attempts >= outbox.MAX_ATTEMPTS else state

    async def _mark(self) -> None:
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        try:
            async with self._store.write() as session:
                await outbox.mark_sent(session, sent, now=self._clock())
        except Exception:
            self._sent = sent + self._sent  # they are delivered: the mark must not be lost
            raise
