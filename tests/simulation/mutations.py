"""The product broken on purpose: each fault must be found by the rule for it, or that rule shows nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot import delivery, dispatch, outcomes, pacing, reception, setbacks, turns
from bot.channels.base import Outcome
from crm_store import batch_reader, conversations, interrupted, outbox, queue, ratings, timers, writer
from crm_store.models.plumbing import Timer
from crm_store.models.ratings import RatingRequest
from crm_store.outbox import Sent
from tests.simulation.mutations_giving import GIVING
from tests.simulation.mutations_group import IN_GROUP, Patches, Planted
from tests.simulation.running import run


def _acknowledged_before_commit() -> Patches:
    """An update counts as settled as soon as it is queued."""

    async def receive(self: Any, inbounds: Any) -> None:
        self._arrivals.add(inbounds)

    return [patch.object(reception.Reception, "receive", receive)]


def _repeats_count_again() -> Patches:
    """Nobody looks whether an update was seen."""
    read, write = batch_reader.read, writer.write

    def forgetful(*args: Any) -> Any:
        batch = read(*args)
        batch.known_before = set(batch.seen)  # type: ignore[attr-defined]
        batch.seen.clear()
        return batch

    def tolerant(connection: Any, batch: Any, *args: Any) -> Any:
        seen = {tuple(row) for row in connection.exec_driver_sql("SELECT source, update_id FROM seen_update")}
        batch.new_seen = [key for key in batch.new_seen if key not in seen]
        return write(connection, batch, *args)

    class Loose(reception.batch_reader.Batch):  # type: ignore[name-defined, misc]
        """A batch that remembers more."""

    return [
        patch.object(batch_reader, "Batch", Loose),
        patch.object(batch_reader, "read", forgetful),
        patch.object(writer, "write", tolerant),
    ]


def _refused_counts_as_sent() -> Patches:
    """What the platform did not take is marked as sent."""
    failed = delivery.Delivery._failed

    def lenient(self: Any, message: Any, failure: Any) -> None:
        if failure.outcome is Outcome.NOT_SENT:
            self._marking.arrived(message, Sent(message.id, None, claim=message.attempts))
        else:
            failed(self, message, failure)

    return [patch.object(delivery.Delivery, "_failed", lenient)]


def _retry_after_ignored() -> Patches:
    """A 429 is tried again at once."""
    return [patch.object(delivery.Delivery, "_pause_after", lambda *_: timedelta())]


def _pace_not_kept() -> Patches:
    """No sending is ever counted."""
    return [patch.object(pacing.Pacer, "took", lambda *_: None)]


def _claimed_twice() -> Patches:
    """A claim leaves no mark, so the next look finds the same message."""
    return [patch.object(outbox, "_CLAIM", lambda *_: None)]


def _lanes_out_of_order() -> Patches:
    """A message that waits holds up nothing behind it."""

    def unblocked(*_: Any) -> Any:
        query = (
            "SELECT min(id) FROM message m WHERE delivery = 'pending' AND (next_try_at IS NULL OR next_try_at <= ?) "
            "AND NOT EXISTS (SELECT 1 FROM message e WHERE e.lane = m.lane AND e.delivery = 'sending') "
            "GROUP BY lane LIMIT 16"
        )

        def rows(connection: Any, values: dict[str, Any]) -> Any:
            return connection.exec_driver_sql(query, (str(values["b_now"].replace(tzinfo=None)),)).all()

        return SimpleNamespace(rows=rows)

    return [patch.object(outbox, "_due", unblocked)]


def _timers_fire_again() -> Patches:
    """A timer that fired is set back once, and nothing remembers what it did."""
    claim_due = timers.claim_due

    async def twice(session: Any, **kwargs: Any) -> Any:
        due = await claim_due(session, **kwargs)
        back = [timer.id for timer in due if timer.kind == "rating_reminder" and timer.subject_id > 0]
        await session.execute(
            update(Timer).where(Timer.id.in_(back)).values(fired_at=None, subject_id=Timer.subject_id)
        )
        return due

    async def remind(session: Any, request_id: int, *, now: Any, settings: Any) -> bool:
        request = await session.get(RatingRequest, request_id)
        request.reminded_at = None
        return await original(session, request_id, now=now, settings=settings)

    original = ratings.remind
    return [patch.object(timers, "claim_due", twice), patch.object(ratings, "remind", remind)]


def _prompts_repeated() -> Patches:
    """What must not come twice is sent again after a crash."""
    return [patch.object(interrupted, "_state_after_interruption", lambda *_: "pending")]


def _doubt_forgotten() -> Patches:
    """An ambiguous answer is as good as none, every time."""
    return [patch.object(outcomes, "state_after", lambda *_: "pending")]


def _sent_before_commit() -> Patches:
    """Answers leave before the batch that they are in is committed, and the disk refuses every third at first."""
    write, batches = writer.write, count(1)

    def hasty(*given: Any) -> Any:
        claimed = write(*given)
        for taker in _takers:
            taker(claimed)
        if claimed and next(batches) % 3 == 0:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))
        return []

    _takers: list[Callable[[Any], None]] = []
    run_it = delivery.Delivery.run

    async def known(self: Any) -> None:
        _takers[:] = [self.take]
        await run_it(self)

    return [patch.object(writer, "write", hasty), patch.object(delivery.Delivery, "run", known)]


def _assignments_left_open() -> Patches:
    """Who gives a conversation back still holds it."""

    async def nothing(*_: Any) -> None: ...

    return [
        patch.object(queue, "end_assignments", nothing),
        patch.object(conversations, "end_assignments", nothing),
    ]


def _lost_wake_up() -> Patches:
    """Messages that were put back for a while are forgotten by the line."""
    return [patch.object(turns.Line, "_rejoin", lambda self, message, *_: self._resting.pop(message.id))]


def _timers_stand_still() -> Patches:
    """Nothing that comes due is looked at."""

    async def nothing(_self: Any) -> int:
        return 0

    return [patch.object(dispatch.Timekeeper, "fire_due", nothing)]


def _setbacks_not_noticed() -> Patches:
    """A clock that is set back keeps waiting what was to wait a second."""

    async def nothing(_self: Any) -> None: ...

    return [patch.object(setbacks.Setbacks, "look", nothing)]


MUTATIONS: dict[str, Planted] = {
    # what is broken -> (how, by which rule it has to be found)
    "acknowledged before the commit": (_acknowledged_before_commit, "confirmed before they were stored"),
    "a repeated update counts again": (_repeats_count_again, "a customer's message is stored twice"),
    "a message that was refused counts as sent": (
        _refused_counts_as_sent,
        "counts as sent and never arrived",
    ),
    "retry_after is ignored": (_retry_after_ignored, "before its retry_after is over"),
    "the pace is not kept": (_pace_not_kept, "messages leave"),
    "a message is claimed twice": (_claimed_twice, "is on its way there"),
    "lanes leave out of order": (_lanes_out_of_order, "leaves for chat"),
    "timers fire again": (_timers_fire_again, "reminded twice"),
    "stars are asked for again after a crash": (_prompts_repeated, "which must not come twice"),
    "a doubtful sending is repeated for ever": (_doubt_forgotten, "a third time in doubt"),
    "answers leave before the commit": (_sent_before_commit, "and is not in the store"),
    "assignments are left open": (_assignments_left_open, "two holders"),
    "a message that waits is forgotten": (_lost_wake_up, "'unsent'"),
    "timers stand still": (_timers_stand_still, "never comes to rest"),
    "a clock set back is not noticed": (_setbacks_not_noticed, "it does not come to rest"),
    **IN_GROUP,
    **GIVING,
}


@contextmanager
def broken(name: str) -> Iterator[None]:
    """The product with this fault in it."""
    with ExitStack() as stack:
        for one in MUTATIONS[name][0]():
            stack.enter_context(one)
        yield


FIRST_SEEDS = {"the first in the queue blocks the rest": 320}
"""Somebody whom only a busy agent can serve has to wait before others, as in one seed of fifty: where some of those are
near. Changes of the product move it; `found_after(name, 600, 0)` finds it again."""


def found_after(name: str, seeds: int, first: int | None = None) -> tuple[int, str] | None:
    """How many seeds it took until the rule for this fault found it, and in which words; None when it never did."""
    rule = MUTATIONS[name][1]
    first = FIRST_SEEDS.get(name, 0) if first is None else first
    with broken(name), closing(run(range(first, first + seeds))) as results:
        for number, result in enumerate(results, 1):
            if result.broken and rule in result.broken:
                return number, result.broken
    return None
