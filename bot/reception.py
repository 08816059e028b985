"""The shell around the thinking: takes what is waiting as one batch, in one transaction.

Read (a fixed number of queries), think (pure), write (bulk). Callers wait until their batch is committed, which
is when a platform's update may be acknowledged. A batch that fails is redone one by one, and what fails alone is
parked with its error: it holds nobody up. A store that is away for a while parks nothing; it is waited for.

On PostgreSQL a batch locks its senders' rows, and may have to wait for whoever holds one: another process that was
stopped amid a transaction, or a long one. So a batch that takes long is left to itself, and others begin beside it,
for other senders. SQLite has one writer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from bot.arrivals import Arrivals, Batch
from bot.case_asked import case_numbers, may_ask_of_case
from bot.case_status import tell_cases
from bot.channels.base import Inbound, Kind
from bot.clock import Clock
from bot.delivery import Delivery
from bot.edition import Edition
from bot.enclosing import enclose
from bot.foretold import mark_of
from bot.knowledge import Knowledge
from bot.own_facts import fill_blanks
from bot.scene import House
from bot.sense import parts_to_decide
from bot.thinking import think
from bot.told_wait import ToldWait
from bot.typed import may_be_button
from bot.understanding import needs_match, start_token
from crm_store import batch_reader, duty, parking, writer
from crm_store.batch import NOTHING_AT_ONCE, Question
from crm_store.condition import Condition
from crm_store.engine import Store, is_outage
from crm_store.live_settings import SettingsSource
from crm_store.outages import is_race
from crm_store.outbox import Claimed
from crm_store.queueing import Candidate
from crm_store.session import Connection
from crm_store.sign_in import digest
from crm_store.signals import Topic
from crm_store.watching import note
from knowledge_base.matches import Decision

log = structlog.get_logger(__name__)
RETRY_AFTER_S = (0.1, 0.3, 1.0)
"""Who waits for a store that is away; short, so that nobody waits much longer than it is."""
RACES_TRIED = 3
DRAIN_S = 2.0
BESIDE_AFTER_S = 0.25
"""Longer than a batch that waits for nobody takes: smaller ones beside it would cost more and bring nothing."""
MOST_BESIDE = 4
"""Batches at the same time, of the connections that a process has for writing."""


class Reception:
    """Where all channels hand in what customers do."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        clock: Clock,
        settings: SettingsSource,
        *,
        business_name: str,
        has_desk: bool = False,
        delivery: Delivery | None = None,
        condition: Condition | None = None,
    ) -> None:
        self._store, self._knowledge, self._clock, self._settings = store, knowledge, clock, settings
        self._business_name, self._has_desk = business_name, has_desk
        self.delivery = delivery
        """Where answers are handed once they are committed; without it they wait in the outbox."""
        self._condition = condition or Condition()
        self._arrivals = Arrivals()
        self._is_among_others = not store.is_sqlite
        self._patience_s = DRAIN_S
        """How long what is being committed may still take when the loop is ended."""
        self.told_wait = ToldWait(store, settings)

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """Take these in order; returns when their effects are committed, or they are parked."""
        if inbounds:
            await self._arrivals.add(inbounds)

    async def run(self) -> None:
        """Work through what arrives, until cancelled; what is being committed then is finished first."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._arrivals.came.wait()
                if batch := self._arrivals.take():
                    newest = asyncio.create_task(self._settle(batch))
                    running.add(newest)
                    await asyncio.wait({newest}, timeout=BESIDE_AFTER_S if self._is_among_others else None)
                    running = await self._room_for_another(running)
        except asyncio.CancelledError:
            await self._finish(running)
            raise

    async def _room_for_another(self, running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Those that still run, once they are few enough; raises what one of them ended with."""
        while True:
            done = {task for task in running if task.done()}
            for task in done:
                task.result()
            running = running - done
            if len(running) < MOST_BESIDE:
                return running
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def _finish(self, running: set[asyncio.Task[None]]) -> None:
        """Let these come to their end; only a store that stays away ends them earlier."""
        if not running:
            return
        _, left = await asyncio.wait(running, timeout=self._patience_s)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def drain(self, within_s: float = DRAIN_S) -> None:
        """Finish what has arrived; call when no channel takes anything new.

        While the store is away there is no finishing; what is not acknowledged then comes again.
        """
        try:
            async with asyncio.timeout(within_s):
                await self._arrivals.idle.wait()
        except TimeoutError:
            self._patience_s = 0.0  # all there was has been used
            log.warning("stopping before everything that arrived is settled", left=len(self._arrivals))

    async def _settle(self, batch: Batch) -> None:
        try:
            if await self._commit(batch) is None:
                return
            for one in batch:
                error = await self._commit([one])
                if error is not None:
                    await self._park(one[0], error)
                    one[1].settle_one()
        finally:
            self._arrivals.ended(batch)

    async def _commit(self, batch: Batch) -> Exception | None:
        """None when the effects are in the store, else why something in these inbounds cannot be handled."""
        races = 0
        while True:
            try:
                claimed = await self._when_store_is_there([inbound for inbound, _ in batch])
            except Exception as error:
                races += 1
                if is_race(error) and races < RACES_TRIED:
                    continue
                log.warning("a batch failed", size=len(batch), error=type(error).__name__)
                return error
            for _, receipt in batch:
                receipt.settle_one()
            if self.delivery is not None:  # after who waited for the receipt was woken
                self.delivery.take(claimed)
            return None

    async def _when_store_is_there(self, inbounds: list[Inbound]) -> list[Claimed]:
        attempt = 0
        while True:
            try:
                return await self._handle(inbounds)
            except Exception as error:
                if not is_outage(error):
                    raise
                note(self._condition, error)
            await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
            attempt += 1

    async def _handle(self, inbounds: list[Inbound]) -> list[Claimed]:
        """What may be sent now that all of it is committed."""
        now, settings = self._clock(), self._settings.current
        decisions, decided = self._decide(inbounds)
        paces, present = await self.told_wait.paces(now), await self._present(now)
        edition = self._knowledge.edition
        wanted = _question(inbounds, decisions, edition, self._is_among_others)
        outlet = self.delivery.outlet() if self.delivery is not None else NOTHING_AT_ONCE
        idle_after = timedelta(hours=settings.idle_close_hours)

        def work(connection: Connection, topics: set[Topic]) -> list[Claimed]:
            batch = batch_reader.read(connection, wanted, outlet, now)
            house = House(
                edition=edition,
                decided=decided,
                business_name=self._business_name,
                aspects=settings.aspects,
                has_desk=self._has_desk,
                paces=paces,
                hours=settings.hours,
                phrasing_agreement=settings.phrasing_agreement,
                checks_strangers=settings.first_contact_check,
                present=present,
                needed_skills=settings.needed_skills,
                team_hours={team: settings.hours_of(team) for team in settings.teams_apart},
            )
            for inbound, decision in zip(inbounds, decisions, strict=True):
                think(batch, inbound, decision, house, idle_after)
            fill_blanks(connection, batch)
            tell_cases(connection, batch, edition)
            enclose(batch, edition)
            return writer.write(connection, batch, outlet, topics, settings)

        return await self._store.transact(work)

    def _decide(self, inbounds: list[Inbound]) -> tuple[list[Decision | None], dict[str, Decision]]:
        """The knowledge base's decisions about messages, and about parts of them: two searches for the whole batch."""
        wanted = [n for n, inbound in enumerate(inbounds) if needs_match(inbound)]
        found = self._knowledge.decide_many([inbounds[n].text for n in wanted])
        decisions: list[Decision | None] = [None] * len(inbounds)
        for n, decision in zip(wanted, found, strict=True):
            decisions[n] = decision
        parts = {part for n in wanted for part in parts_to_decide(inbounds[n].text, decisions[n])}
        apart = sorted(parts)
        return decisions, dict(zip(apart, self._knowledge.decide_many(apart), strict=True))

    async def _present(self, now: datetime) -> tuple[Candidate, ...]:
        """Who is online outside working hours; within them nobody need be looked for."""
        settings = self._settings.current
        if all(settings.hours_of(team).is_open(now) for team in (None, *settings.teams_apart)):
            return ()
        async with self._store.read() as session:
            online = await duty.candidates(session, now=now)
        return tuple(candidate for _, candidate in online.values())

    async def _park(self, inbound: Inbound, error: Exception) -> None:
        name = type(error).__name__
        log.error("an update was parked", source=inbound.source, update_id=inbound.update_id, error=name)
        attempt = 0
        while True:
            try:
                async with self._store.write() as session:
                    await parking.park(
                        session,
                        source=inbound.source,
                        update_id=inbound.update_id,
                        body=asdict(inbound),
                        error=f"{name}: {error}",
                        now=self._clock(),
                    )
            except Exception as failure:
                if not (is_outage(failure) or is_race(failure)):
                    log.exception("an update could not even be parked")
                    return
            else:
                return
            await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
            attempt += 1


def _question(
    inbounds: list[Inbound], decisions: list[Decision | None], edition: Edition, is_among_others: bool
) -> Question:
    """`is_among_others`: another process may have been handed what came later."""
    return Question(
        updates=[(i.source, i.update_id) for i in inbounds],
        addresses={(i.channel, i.address) for i in inbounds},
        pressed=[i.press.message_id for i in inbounds if i.press is not None],
        stored={
            (i.lane, i.platform_id)
            for i in inbounds
            if (i.kind is Kind.EDITED or i.is_late) and i.platform_id
        },
        foretold={
            mark_of(i): (i.lane, i.platform_id)
            for i in inbounds
            if i.platform_id and (i.kind is Kind.EDITED or (is_among_others and i.kind is not Kind.PRESSED))
        },
        typed={
            (i.channel, i.address)
            for i, decision in zip(inbounds, decisions, strict=True)
            if may_be_button(i, decision, edition)
        },
        of_cases={(i.channel, i.address) for i in inbounds if may_ask_of_case(i.text)},
        case_numbers={number for i in inbounds for number in case_numbers(i.text)},
        link_hashes={digest(token) for i in inbounds if (token := start_token(i))},
    )
