"""From the outbox to the customer: claim, send, mark. Lanes keep their order; one slow chat holds up no other.

A claim takes the first unsent message of each lane and is committed before the platform is called. Answers skip even
that: reception commits them as claimed already and hands them over. What the platform says decides by `OUTCOMES`
alone what becomes of the message, and is written down many at a time.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

import structlog

from bot.channels.base import Channel, DeliveryFailed, Outcome, Pace
from bot.clock import Clock
from bot.pacing import Pacer
from bot.recovery import Recovery
from bot.rendering import outgoing
from bot.turns import Line
from crm_store import desk_posts, outbox
from crm_store.batch import NOTHING_AT_ONCE, Outlet
from crm_store.engine import Store, is_outage
from crm_store.outbox import Claimed, Sent, Unsent
from crm_store.presence import ALONE, Alone
from crm_store.session import Connection
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
IN_FLIGHT = 256
QUEUED_S = 20.0
"""No more is claimed than leaves within this time, so that every claim is settled before its lease ends."""
GATHER_S = 0.001
"""Who is about to land is waited for this long before what landed is written down."""
DRAIN_S = 2.0
ONCE_MORE_AFTER = timedelta(seconds=1)
"""What may have arrived is sent once more, so there is nothing to wait longer for."""
AWAY_S = (0.5, 1, 2, 4)
"""Before the n-th new try of a platform that cannot be reached."""
GIVE_UP_AFTER = timedelta(hours=24)
"""An answer that could not leave for so long is no longer wanted."""

OUTCOMES: dict[tuple[Outcome, bool], str] = {
    # (how it failed, at most once) -> the message's next state; 'pending' is tried again
    (Outcome.NOT_SENT, False): "pending",
    (Outcome.NOT_SENT, True): "pending",
    (Outcome.AMBIGUOUS, False): "pending",  # once; see state_after
    (Outcome.AMBIGUOUS, True): "ambiguous",
    (Outcome.UNREACHABLE, False): "dead",
    (Outcome.UNREACHABLE, True): "dead",
    (Outcome.REFUSED, False): "dead",
    (Outcome.REFUSED, True): "dead",
}


def state_after(message: Claimed, outcome: Outcome, age: timedelta) -> str:
    """The table's word; but what is ambiguous a second time stays so, and nothing is tried for ever."""
    if outcome is Outcome.AMBIGUOUS and message.doubted_at is not None:
        return "ambiguous"
    state = OUTCOMES[outcome, message.at_most_once]
    return "dead" if state == "pending" and age > GIVE_UP_AFTER else state


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
    ) -> None:
        """`led` are the channels that only one of the processes sends on: the one that leads them."""
        self._store, self._channels, self._clock, self._steady = store, dict(channels), clock, steady
        self._lines = {name: self._line((paces or {}).get(name, Pace())) for name in channels}
        self._presence, self._led = presence, frozenset(led)
        self._leading: frozenset[str] = frozenset() if presence is not ALONE else self._led
        self._recovery = Recovery(store, is_only_server=is_only_server, among=presence, steady=steady)
        rates = [p.overall_per_s for p in (paces or {}).values() if p.overall_per_s]
        self._limit = min([IN_FLIGHT, *(max(1, int(rate * QUEUED_S)) for rate in rates)])
        self._own: set[int] = set()
        self._flying: set[asyncio.Task[None]] = set()
        self._sent: list[Sent] = []
        self._unsent: list[Unsent] = []
        self._away: dict[str, int] = dict.fromkeys(channels, 0)
        self._has_backlog = True
        self._is_closing = False
        self._round_lock = asyncio.Lock()
        self._listener = store.signals.listen(Topic.OUTBOX)

    def outlet(self) -> Outlet:
        """What could be sent as soon as it is committed; nothing while older messages wait for their turn."""
        if not self._recovery.has_looked or self._has_backlog or self._is_closing:
            return NOTHING_AT_ONCE
        return Outlet(self._room(), frozenset(self._open_channels()), self._presence.number)

    def take(self, claimed: Sequence[Claimed]) -> None:
        """Send these, which are committed as 'sending'; for each lane one at a time."""
        self._own.update(message.id for message in claimed)
        for message in claimed:
            self._lines[message.channel].join(message)

    async def run(self) -> None:
        """Deliver until cancelled."""
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

    async def drain(self) -> None:
        """Let what is on the wire arrive, put back what waits for its turn, and write down how all of it ended."""
        self._is_closing = True
        async with self._round_lock:
            for line in self._lines.values():
                line.send_home()
            if self._flying:
                await asyncio.wait(self._flying, timeout=DRAIN_S)
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._round()
        except Exception as error:
            log.warning("what was sent last could not be written down", error=type(error).__name__)

    async def _round(self) -> bool:
        """Write down what ended, claim what is due and send it; True when there may be more at once."""
        async with self._round_lock:
            self._note_leads()
            await self._recovery.look_if_due(self._clock(), frozenset(self._own))
            is_more_landing = len(self._flying) > 0 and bool(self._sent or self._unsent)
            if is_more_landing:
                await asyncio.sleep(GATHER_S)
            sent, self._sent = self._sent, []
            unsent, self._unsent = self._unsent, []
            limit, channels, now = self._claimable(), self._open_channels(), self._clock()
            process = self._presence.number

            given_up = [(one.id, one.error) for one in unsent if one.state != "pending"]

            def work(connection: Connection, topics: set[Topic]) -> list[Claimed]:
                outbox.settle(connection, sent, unsent, now=now)
                if given_up:
                    desk_posts.tell_failed(connection, given_up, now=now)
                    topics.add(Topic.DESK)
                return outbox.claim(connection, channels, now=now, limit=limit, process=process)

            try:
                claimed = await self._store.transact(work)
            except BaseException:
                # The platform has these: the mark must not be lost, and made twice it does no harm.
                self._sent, self._unsent = sent + self._sent, unsent + self._unsent
                raise
            ended = [*(one.id for one in sent), *(one.id for one in unsent)]
            self._own.difference_update(ended)
            for line in self._lines.values():
                line.close(ended)
            self.take(claimed)
            if limit:
                self._has_backlog = len(claimed) >= limit
            return bool(limit) and self._has_backlog and self._claimable() > 0

    def _note_leads(self) -> None:
        """Begin a channel that is ours now with caution, and leave alone what we lost."""
        now_led = frozenset(name for name in self._led if self._may(name))
        for name in now_led - self._leading:
            self._lines[name].pacer.take_over(self._steady())
        for name in self._leading - now_led:
            self._lines[name].send_home()
        self._leading = now_led

    def _may(self, name: str) -> bool:
        """Whether this process may send on the channel now."""
        return self._presence.leads(name) if name in self._led else self._presence.is_here

    def _room(self) -> int:
        return max(0, self._limit - len(self._own))

    def _claimable(self) -> int:
        """How many to claim now: a quarter of the places at once or none, since a claim costs much the same."""
        if self._is_closing:
            return 0
        if any(self._away.values()):
            return 0 if self._own else 1  # one to try with
        room = self._room()
        return room if room >= max(1, self._limit // 4) else 0

    def _open_channels(self) -> list[str]:
        now = self._steady()
        return [
            name
            for name, line in self._lines.items()
            if self._may(name)
            and (name in self._leading or name not in self._led)
            and not line.pacer.is_paused(now)
        ]

    def _line(self, pace: Pace) -> Line:
        return Line(Pacer(pace), start=self._start, turn_away=self._put_back, steady=self._steady)

    def _start(self, message: Claimed) -> None:
        if not self._may(message.channel):  # who was stopped for a while may have lost the right meanwhile
            self._put_back(message, 0.0)
            return
        task = asyncio.create_task(self._send(message))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _send(self, message: Claimed) -> None:
        try:
            drawn, began = outgoing(message), self._steady()
            platform_id = await self._channels[message.channel].send(drawn)
            self._lines[message.channel].arrived(self._steady() - began)
        except DeliveryFailed as failure:
            self._failed(message, failure)
        except Exception as error:
            log.exception("a message could not be drawn or sent", message=message.id, channel=message.channel)
            self._failed(message, DeliveryFailed(Outcome.AMBIGUOUS, type(error).__name__))
        else:
            self._away[message.channel] = 0
            worded = drawn.text if drawn.text != message.text else None
            self._sent.append(Sent(message.id, platform_id, worded, claim=message.attempts))
        finally:
            self._listener.wake()

    def _put_back(self, message: Claimed, delay_s: float) -> None:
        """It never left, so this was no attempt."""
        retry_at = self._clock() + min(timedelta(seconds=delay_s), outbox.LONGEST_WAIT) if delay_s else None
        back = Unsent(
            message.id,
            "pending",
            "",
            message.attempts - 1,
            retry_at=retry_at,
            doubted_at=message.doubted_at,
            claim=message.attempts,
        )
        self._unsent.append(back)
        self._listener.wake()

    def _failed(self, message: Claimed, failure: DeliveryFailed) -> None:
        now = self._clock()
        state = state_after(message, failure.outcome, now - message.created_at)
        is_doubted = failure.outcome is Outcome.AMBIGUOUS and state == "pending"
        is_gone = failure.outcome is Outcome.UNREACHABLE
        wait = self._pause_after(message, failure)
        log.warning("a message was not delivered", message=message.id, outcome=failure.outcome, state=state)
        self._unsent.append(
            Unsent(
                message.id,
                state,
                failure.reason,
                message.attempts,
                retry_at=now + min(wait, outbox.LONGEST_WAIT) if state == "pending" else None,
                doubted_at=now if is_doubted else message.doubted_at,
                unreachable=(message.channel, message.address) if is_gone else None,
                claim=message.attempts,
            )
        )

    def _pause_after(self, message: Claimed, failure: DeliveryFailed) -> timedelta:
        """How long the message has to wait, and with it its chat or, when it is away, the platform."""
        pacer, now = self._lines[message.channel].pacer, self._steady()
        if failure.retry_after is not None:
            pacer.pause(message.address, now + failure.retry_after.total_seconds())
            return failure.retry_after
        if failure.outcome is Outcome.NOT_SENT:
            self._away[message.channel] += 1
            away_s = AWAY_S[min(self._away[message.channel], len(AWAY_S)) - 1]
            pacer.pause_all(now + away_s)
            return timedelta(seconds=away_s)
        if failure.outcome is Outcome.AMBIGUOUS:
            return ONCE_MORE_AFTER
        return timedelta()
