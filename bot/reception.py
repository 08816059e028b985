"""The shell around the thinking: takes what is waiting as one batch, in one transaction.

Read (a fixed number of queries), think (pure), write (bulk). Callers wait until their batch is committed, which
is when a platform's update may be acknowledged. A batch that fails is redone one by one, and what fails alone is
parked with its error: it holds nobody up. A store that is away for a while parks nothing; it is waited for.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from bot.acting import House
from bot.channels.base import Inbound, Kind
from bot.clock import Clock
from bot.knowledge import Knowledge
from bot.thinking import think
from bot.understanding import needs_match
from crm_store import batch_reader, parking, queue, writer
from crm_store.engine import Store, is_outage
from crm_store.settings import StoreSettings
from knowledge_base.matches import Decision

log = structlog.get_logger(__name__)
BATCH_SIZE = 512
WAIT_IS_FRESH = timedelta(seconds=60)
RETRY_AFTER_S = (0.1, 0.3, 1.0, 3.0, 5.0)


class Reception:
    """Where all channels hand in what customers do."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        clock: Clock,
        settings: StoreSettings,
        *,
        business_name: str,
        has_desk: bool = False,
    ) -> None:
        self._store, self._knowledge, self._clock, self._settings = store, knowledge, clock, settings
        self._business_name, self._has_desk = business_name, has_desk
        self._waiting: deque[tuple[Inbound, asyncio.Future[None]]] = deque()
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._last_error: Exception | None = None
        self._expected: tuple[datetime, timedelta | None] | None = None

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """Take these in order; returns when their effects are committed, or they are parked."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in inbounds]
        self._waiting.extend(zip(inbounds, futures, strict=True))
        self._arrived.set()
        self._idle.clear()
        await asyncio.gather(*futures)

    async def run(self) -> None:
        """Work through what arrives, until cancelled; what is being committed then is finished first."""
        while True:
            await self._arrived.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH_SIZE, len(self._waiting)))]
            if not self._waiting:
                self._arrived.clear()
            if batch:
                await asyncio.shield(self._settle(batch))
            if not self._waiting:
                self._idle.set()

    async def drain(self) -> None:
        """Finish what has arrived; call when no channel takes anything new."""
        await self._idle.wait()

    async def _settle(self, batch: list[tuple[Inbound, asyncio.Future[None]]]) -> None:
        inbounds = [inbound for inbound, _ in batch]
        if not await self._commit(inbounds):
            for inbound in inbounds:
                if not await self._commit([inbound]):
                    await self._park(inbound)
        for _, future in batch:
            if not future.done():
                future.set_result(None)

    async def _commit(self, inbounds: list[Inbound]) -> bool:
        """True when the effects are in the store; False when something in these inbounds cannot be handled."""
        attempt = 0
        while True:
            try:
                await self._handle(inbounds)
            except Exception as error:
                if not is_outage(error):
                    self._last_error = error
                    log.warning("a batch failed", size=len(inbounds), error=type(error).__name__)
                    return False
                log.error("the store is away; waiting for it", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
                attempt += 1
            else:
                return True

    async def _handle(self, inbounds: list[Inbound]) -> None:
        now = self._clock()
        decisions = self._decide(inbounds)
        idle_after = timedelta(hours=self._settings.idle_close_hours)
        wait = await self._expected_wait(now)
        async with self._store.write() as session:
            batch = await batch_reader.read(
                session,
                now=now,
                updates=[(i.source, i.update_id) for i in inbounds],
                addresses={(i.channel, i.address) for i in inbounds},
                pressed={i.press.message_id for i in inbounds if i.press is not None},
                edited={
                    (f"{i.channel}:{i.address}", i.platform_id)
                    for i in inbounds
                    if i.kind is Kind.EDITED and i.platform_id
                },
            )
            house = House(
                edition=self._knowledge.edition,
                business_name=self._business_name,
                aspects=self._settings.aspects,
                has_desk=self._has_desk,
                queue_length=await queue.length(session),
                expected_wait=wait,
            )
            for inbound, decision in zip(inbounds, decisions, strict=True):
                think(batch, inbound, decision, house, idle_after)
            await writer.write(session, batch)

    def _decide(self, inbounds: list[Inbound]) -> list[Decision | None]:
        """The knowledge base's decisions, one search for the whole batch."""
        wanted = [n for n, inbound in enumerate(inbounds) if needs_match(inbound)]
        found = self._knowledge.decide_many([inbounds[n].text for n in wanted])
        decisions: list[Decision | None] = [None] * len(inbounds)
        for n, decision in zip(wanted, found, strict=True):
            decisions[n] = decision
        return decisions

    async def _expected_wait(self, now: datetime) -> timedelta | None:
        if self._expected is None or now - self._expected[0] > WAIT_IS_FRESH:
            async with self._store.read() as session:
                self._expected = (now, await queue.expected_wait(session, now=now))
        return self._expected[1]

    async def _park(self, inbound: Inbound) -> None:
        error = self._last_error
        log.error(
            "an update was parked",
            source=inbound.source,
            update_id=inbound.update_id,
            error=type(error).__name__,
        )
        async with self._store.write() as session:
            await parking.park(
                session,
                source=inbound.source,
                update_id=inbound.update_id,
                body=asdict(inbound),
                error=f"{type(error).__name__}: {error}",
                now=self._clock(),
            )
