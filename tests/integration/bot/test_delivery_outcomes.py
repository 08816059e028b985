"""What delivery makes of what platforms say: order, new tries, doubts, rates, and an orderly stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import DeliveryFailed, Outcome, Outgoing, Pace
from bot.delivery import Delivery
from bot.outcomes import state_after
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.outbox import Claimed
from tests.house import NOON, FakeClock
from tests.outbox_rows import eventually, fill, row


@dataclass
class Moody:
    """A platform whose next answers are given; then it takes everything."""

    name: str = "web"
    answers: list[DeliveryFailed | Exception | None] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def send(self, outgoing: Outgoing) -> str | None:
        """Keep the message, or fail as told."""
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.taken.append(outgoing)
        return str(outgoing.message_id)


@asynccontextmanager
async def delivering(
    store: Store, channel: Moody, clock: FakeClock, pace: Pace | None = None
) -> AsyncIterator[Delivery]:
    delivery = Delivery(store, {"web": channel}, clock, paces={"web": pace or Pace()})
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        await delivery.drain()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(store: Store, number: int, *states: str) -> Message:
    async def is_there() -> bool:
        return (await row(store, number)).delivery in states

    await eventually(is_there)
    return await row(store, number)


AMBIGUOUS = DeliveryFailed(Outcome.AMBIGUOUS, "no answer")


@pytest.mark.parametrize(
    ("answers", "intent", "state", "arrived"),
    [
        ([None], None, "sent", 1),
        ([DeliveryFailed(Outcome.REFUSED, "bad")], None, "dead", 0),
        ([DeliveryFailed(Outcome.UNREACHABLE, "blocked")], None, "dead", 0),
        ([DeliveryFailed(Outcome.NOT_SENT, "away"), None], None, "sent", 1),
        ([AMBIGUOUS, None], None, "sent", 1),
        ([AMBIGUOUS, AMBIGUOUS], None, "ambiguous", 0),
        ([RuntimeError("a bug"), None], None, "sent", 1),
        ([AMBIGUOUS], {"once": True}, "ambiguous", 0),
        ([DeliveryFailed(Outcome.NOT_SENT, "away"), None], {"once": True}, "sent", 1),
    ],
)
async def test_outcomes(
    store: Store,
    answers: list[DeliveryFailed | None],
    intent: dict[str, object] | None,
    state: str,
    arrived: int,
) -> None:
    channel, clock = Moody(answers=list(answers)), FakeClock()
    (number,) = await fill(store, ("a", {"intent": intent}))
    async with delivering(store, channel, clock):
        async with asyncio.timeout(60):
            while (await row(store, number)).delivery not in ("sent", "dead", "ambiguous"):
                clock.advance(timedelta(seconds=1))
                await asyncio.sleep(0.02)
    assert (await row(store, number)).delivery == state
    assert len(channel.taken) == arrived


async def _is_doubted(store: Store, number: int) -> bool:
    return (await row(store, number)).doubted_at is not None


async def _has(channel: Moody, count: int) -> bool:
    return len(channel.taken) >= count


async def _is_flying(delivery: Delivery) -> bool:
    return bool(delivery._flying)


async def test_the_doubt_survives_a_restart(store: Store) -> None:
    clock = FakeClock()
    (number,) = await fill(store, ("a", {}))
    async with delivering(store, Moody(answers=[AMBIGUOUS]), clock):
        await until(store, number, "pending")
        await eventually(lambda: _is_doubted(store, number))
        assert (await row(store, number)).doubted_at == NOON
    clock.advance(timedelta(minutes=1))
    async with delivering(store, Moody(answers=[AMBIGUOUS]), clock):
        await until(store, number, "ambiguous")


async def test_a_chat_that_is_to_be_left_alone_holds_up_no_other(store: Store) -> None:
    wait = DeliveryFailed(Outcome.NOT_SENT, "slow down", retry_after=timedelta(seconds=30))
    channel = Moody(answers=[wait])
    slow, after_it, other = await fill(store, ("a", {}), ("a", {}), ("b", {}))
    async with delivering(store, channel, FakeClock()):
        await until(store, other, "sent")
        assert {(await row(store, n)).delivery for n in (slow, after_it)} == {"pending"}
    assert (await row(store, slow)).next_try_at == NOON + timedelta(seconds=30)


async def test_a_chat_is_left_alone_as_long_as_was_asked_also_by_the_next_process(store: Store) -> None:
    asked, clock = timedelta(hours=5), FakeClock()
    (number,) = await fill(store, ("a", {}))
    async with delivering(
        store, Moody(answers=[DeliveryFailed(Outcome.NOT_SENT, "slow down", retry_after=asked)]), clock
    ):
        await eventually(lambda: _is_postponed(store, number))
    clock.advance(asked - timedelta(seconds=1))
    (other,) = await fill(store, ("b", {}))
    async with delivering(store, Moody(), clock):
        await until(store, other, "sent")
        assert (await row(store, number)).delivery == "pending"
    clock.advance(timedelta(seconds=1))
    async with delivering(store, Moody(), clock):
        await until(store, number, "sent")


async def _is_postponed(store: Store, number: int) -> bool:
    found = await row(store, number)
    return found.delivery == "pending" and found.next_try_at is not None


async def test_stopping_puts_back_what_has_not_left_and_waits_for_what_has(store: Store) -> None:
    channel = Moody(gate=asyncio.Event())
    numbers = await fill(store, *((str(n), {}) for n in range(10)))
    async with delivering(store, channel, FakeClock()) as delivery:
        await eventually(lambda: _is_flying(delivery))
        stopping = asyncio.create_task(delivery.drain())
        await asyncio.sleep(0.05)
        assert channel.gate is not None
        channel.gate.set()
        await stopping
        states = [(await row(store, number)).delivery for number in numbers]
        assert states.count("sent") == len(channel.taken) > 0
        assert states.count("pending") == len(numbers) - len(channel.taken) > 0
        attempts = [
            (await row(store, n)).attempts for n in numbers if (await row(store, n)).delivery == "pending"
        ]
        assert set(attempts) == {0}


async def test_an_end_that_has_no_time_left_waits_for_nothing_and_loses_nothing(store: Store) -> None:
    channel = Moody(gate=asyncio.Event())
    (number,) = await fill(store, ("a", {}))
    async with delivering(store, channel, FakeClock()) as delivery:
        await eventually(lambda: _is_flying(delivery))
        await delivery.drain(0.0)
        assert (await row(store, number)).delivery == "sending"  # which the next start looks after
        assert channel.gate is not None
        channel.gate.set()


async def test_who_waits_long_for_a_turn_goes_back_to_the_outbox(store: Store) -> None:
    channel = Moody()
    await fill(store, *(("a", {}) for _ in range(4)))
    async with delivering(store, channel, FakeClock(), Pace(per_chat_per_s=0.05)):
        await eventually(lambda: _has(channel, 3))  # the burst a chat may have
        await asyncio.sleep(0.1)
        async with store.read() as session:
            last = (await session.scalars(select(Message).order_by(Message.id.desc()).limit(1))).one()
        assert (last.delivery, last.attempts) == ("pending", 0)
        assert last.next_try_at is not None


@pytest.mark.parametrize(
    ("age", "attempts", "state"),
    [
        (timedelta(hours=23), 99, "pending"),
        (timedelta(hours=25), 99, "dead"),
        (timedelta(hours=25), 1, "pending"),  # the clock may be a day ahead
    ],
)
def test_nothing_is_tried_for_ever(age: timedelta, attempts: int, state: str) -> None:
    message = Claimed(1, 1, 1, "web:a", "bot", "text", "hi", None, None, None, "en", attempts, NOON)
    assert state_after(message, Outcome.NOT_SENT, age) == state
