"""From the outbox to the customer: claim, send, mark. Lanes keep their order; one slow chat holds up no other.

A claim takes the first unsent message of each lane and is committed before the platform is called. Answers skip even
that: reception commits them as claimed already and hands them over. What the platform says decides by a
table (outcomes.py) alone what becomes of the message, and is written down many at a time.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog

from bot.channels.base import Channel, DeliveryFailed, Outcome, Pace
from bot.clock import Clock
from bot.leading import Leading
from bot.marking import Marking
from bot.outcomes import failed, put_back, wait_less
from bot.pacing import Pacer
from bot.recovery import Recovery
from bot.rendering import outgoing
from bot.setbacks import Setbacks
from bot.shares import Order, divide, orders, share
from bot.stopping import Deadline
from bot.turns import FRESH, LEFT, Line
from crm_store import outbox
from crm_store.batch import NOTHING_AT_ONCE, Outlet
from crm_store.condition import Condition
from crm_store.engine import Store, is_outage
from crm_store.outbox import Claimed, Sent, Unsent
from crm_store.presence import ALONE, Alone
from crm_store.session import Connection
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
GATHER_S = 0.001
"""Who is about to land is waited for this long before what landed is written down."""
DRAIN_S = 3.0
WRITE_DOWN_S = 1.0
"""Of this, kept for writing down how what was on the wire ended."""
ONCE_MORE_AFTER = timedelta(seconds=1)
"""What may have arrived is sent once more, so there is nothing to wait longer for."""
SLOW_CALM_S = 15.0
"""A platform that did not answer in time is in order when nothing was doubtful for so long."""


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
        presence: Alone = ALONE,
        led: Collection[str] = (),
        steady: Callable[[], float] = time.monotonic,
        condition: Condition | None = None,
    ) -> None:
        """`led` are the channels that only one of the processes sends on: the one that leads them."""
        self._store, self._channels, self._clock, self._steady = store, dict(channels), clock, steady
        self._condition = condition or Condition(steady)
        paces = {name: (paces or {}).get(name, Pace()) for name in channels}
        self._lines = {name: self._line(pace) for name, pace in paces.items()}
        self._shares = {name: share(pace) for name, pace in paces.items()}
        self._presence, self._leading = presence, Leading(presence, channels, led)
        self._listener = store.signals.listen(Topic.OUTBOX)
        self._marking = Marking(
            store,
            clock,
            is_only_server=is_only_server,
            on_certain=self._let_next_leave,
            on_marked=self._marked,
            on_waiting=self._listener.wake,
        )
        receipts = self._marking.receipts
        self._recovery = Recovery(
            store, is_only_server=is_only_server, among=presence, receipts=receipts, steady=steady
        )
        self._setbacks = Setbacks(store, clock)
        self._flying: set[asyncio.Task[None]] = set()
        self._unsent: list[Unsent] = []
        self._is_closing = False
        self._round_lock = asyncio.Lock()

    async def look_back(self) -> None:
        """Find what the process before this one left; until then no answer is sent as soon as it is committed."""
        async with self._round_lock:
            await self._recovery.look_if_due(self._clock(), self._own())

    def outlet(self) -> Outlet:
        """What could be sent as soon as it is committed."""
        if not self._recovery.has_looked or self._is_closing:
            return NOTHING_AT_ONCE
        places = {name: room for name in self._open_channels() if (room := self._shares[name].places())}
        return Outlet(places, self._presence.number)

    def take(self, claimed: Sequence[Claimed]) -> None:
        """Send these, which were just committed as 'sending'; for each lane one at a time."""
        for message in claimed:
            self._shares[message.channel].fresh.add(message.id)
        self._line_up(claimed, FRESH)

    def _line_up(self, claimed: Sequence[Claimed], side: int) -> None:
        weights = [self._lines[message.channel].weight(message) for message in claimed]
        for message, weight in zip(claimed, weights, strict=True):
            self._shares[message.channel].take(message.id, weight)
        for message, weight in zip(claimed, weights, strict=True):
            self._lines[message.channel].join(message, side, weight)

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            await self._rounds()
        finally:
            self._marking.cut()

    async def _rounds(self) -> None:
        while True:
            try:
                is_full_round = await self._round()
            except Exception as error:
                if not is_outage(error):
                    log.exception("delivery stumbled; it goes on")
                is_full_round = False
                await asyncio.sleep(0.5)
            if not is_full_round:
                await self._listener.wait(IDLE_WAIT_S)

    async def drain(self, within_s: float = DRAIN_S) -> None:
        """Let what is on the wire arrive, put back what waits for its turn, and write down how all of it ended."""
        self._is_closing, end = True, Deadline(within_s, self._steady)
        try:
            async with asyncio.timeout(within_s):
                async with self._round_lock:
                    for line in self._lines.values():
                        line.send_home()
                    if self._flying:
                        await asyncio.wait(self._flying, timeout=end.left(within_s, kept=WRITE_DOWN_S))
                    await self._marking.finish(end.left(within_s, kept=WRITE_DOWN_S / 2))
                await self._round()
        except Exception as error:
            log.warning("what was sent last could not be written down", error=type(error).__name__)
        self._marking.close()

    async def _round(self) -> bool:
        """Write down what ended, claim what is due and send it; True when there may be more at once."""
        async with self._round_lock:
            self._note_leads()
            if set_back := await self._setbacks.look():
                self._unsent = [wait_less(one, set_back, self._clock()) for one in self._unsent]
            await self._recovery.look_if_due(self._clock(), self._own())
            is_more_landing = len(self._flying) > 0 and bool(self._marking or self._unsent)
            if is_more_landing:
                await asyncio.sleep(GATHER_S)
            sent = self._marking.take()
            unsent, self._unsent = self._unsent, []
            opened = [] if self._is_closing else self._leading.to_claim(self._open_channels())
            wanted = orders(self._shares, opened)
            if not (sent or unsent or wanted):
                return False
            return self._share_out(wanted, await self._settle_and_claim(sent, unsent, wanted))

    async def _settle_and_claim(
        self, sent: list[Sent], unsent: list[Unsent], wanted: Sequence[Order]
    ) -> list[list[Claimed]]:
        """What is claimed for each order, in the transaction that writes down what ended; all or nothing of it."""
        now, process = self._clock(), self._presence.number

        def work(connection: Connection, topics: set[Topic]) -> list[list[Claimed]]:
            outbox.settle(connection, sent, unsent, now=now)
            if any(one.state != "pending" for one in unsent):
                topics.update((Topic.DESK, Topic.CONVERSATIONS, Topic.TIMERS))  # the staff are told
            claim = partial(outbox.claim, connection, now=now, process=process)
            return [claim(o.channels, limit=o.limit, is_small=o.is_small, after=o.after) for o in wanted]

        try:
            claimed = await self._store.transact(work)
        except BaseException:
            self._marking.take_back(sent)
            self._unsent = unsent + self._unsent
            raise
        ended = [*(one.id for one in sent), *(one.id for one in unsent)]
        self._settled(ended)
        self._marking.receipts.settle(ended)
        return claimed

    def _share_out(self, wanted: Sequence[Order], claimed: Sequence[Sequence[Claimed]]) -> bool:
        """Send what was claimed for each order; True when there may be more at once."""
        is_more = False
        for order, found in zip(wanted, claimed, strict=True):
            mine = [self._shares[name] for name in order.channels]
            for each in mine:
                each.has_backlog = len(found) >= order.limit
            fitting, others = divide(found, self._shares, lambda one: self._lines[one.channel].weight(one))
            self._line_up(fitting, LEFT)
            for message in others:
                self._put_back(message, 0.0)
            is_more |= any(each.has_backlog and each.claimable() for each in mine)
        return is_more

    def _settled(self, ended: Collection[int]) -> None:
        """What became of these is written down: their lanes' next may be claimed."""
        for each in self._shares.values():
            each.settle(ended)
        self._let_next_leave(ended)

    def _marked(self, numbers: Collection[int]) -> None:
        """These need no round any more, but what follows them in their lanes may be claimed."""
        self._settled(numbers)
        self._listener.wake()

    def _let_next_leave(self, certain: Collection[int]) -> None:
        """Nobody is in doubt about these any more."""
        for line in self._lines.values():
            line.close(certain)

    def _note_leads(self) -> None:
        """Begin a channel that is ours now with caution, and leave alone what we lost."""
        won, lost = self._leading.look()
        if self._presence.is_successor:
            for name in won:
                self._lines[name].pacer.take_over(self._steady())
        for name in lost:
            self._lines[name].send_home()

    def _own(self) -> frozenset[int]:
        """What this process is sending, by row number."""
        return frozenset().union(*(each.own for each in self._shares.values()))

    def _open_channels(self) -> list[str]:
        now = self._steady()
        return self._leading.open_of(n for n, line in self._lines.items() if not line.pacer.is_paused(now))

    def _line(self, pace: Pace) -> Line:
        return Line(Pacer(pace), start=self._start, turn_away=self._put_back, steady=self._steady)

    def _start(self, message: Claimed) -> None:
        if not self._leading.may_send(message.channel):  # lost by who was stopped for a while
            self._put_back(message, 0.0)
            return
        task = asyncio.create_task(self._send(message))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _send(self, message: Claimed) -> None:
        name = message.channel
        try:
            drawn, began = outgoing(message), self._steady()
            platform_id = await self._channels[name].send(drawn)
            self._lines[name].arrived(self._steady() - began)
        except DeliveryFailed as failure:
            self._failed(message, failure)
        except Exception as error:
            log.exception("a message could not be drawn or sent", message=message.id, channel=name)
            self._failed(message, DeliveryFailed(Outcome.AMBIGUOUS, type(error).__name__))
        else:
            self._shares[name].arrived()
            self._condition.works(name, calm_s=SLOW_CALM_S if self._shares[name].is_slow else 0.0)
            worded = drawn.text if drawn.text != message.text else None
            self._marking.arrived(message, Sent(message.id, platform_id, worded, claim=message.attempts))

    def _put_back(self, message: Claimed, delay_s: float) -> None:
        self._unsent.append(put_back(message, timedelta(seconds=delay_s), self._clock()))
        self._listener.wake()

    def _failed(self, message: Claimed, failure: DeliveryFailed) -> None:
        ended = failed(message, failure, self._pause_after(message, failure), self._clock())
        if ended.state == "dead" or not self._condition.is_out_of_order(message.channel):
            told = log.warning if ended.state != "pending" else log.debug
            told(
                "a message was not delivered", message=message.id, outcome=failure.outcome, state=ended.state
            )
        self._unsent.append(ended)
        self._listener.wake()

    def _pause_after(self, message: Claimed, failure: DeliveryFailed) -> timedelta:
        """How long the message has to wait, and with it its chat or, when it is away, the platform."""
        pacer, now, part = self._lines[message.channel].pacer, self._steady(), self._shares[message.channel]
        if failure.retry_after is not None:
            pacer.pause(message.address, now + failure.retry_after.total_seconds())
            return failure.retry_after
        if failure.outcome is Outcome.NOT_SENT:
            if alone_s := part.stumbled(message.id):
                return timedelta(seconds=alone_s)
            away_s = part.failed(message.id)
            pacer.pause_all(now + away_s)
            self._condition.fails(message.channel, f"nothing can be sent: {failure.reason}")
            return timedelta(seconds=away_s)
        if failure.outcome is Outcome.AMBIGUOUS:
            if part.doubted():
                self._condition.fails(message.channel, "what is sent is not answered in time")
            return ONCE_MORE_AFTER
        return timedelta()
