"""The outbox: lanes, claims, outcomes and crashes, beside a list of rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from crm_store import interrupted, outbox
from crm_store.models.conversations import Message
from crm_store.outbox import Claimed, Sent, Unsent
from tests.machines.base import Machine, add_conversation, add_person

LANES = ("telegram:1", "telegram:2", "web:w")
CHANNELS = st.sampled_from((("telegram",), ("web",), ("telegram", "web")))


@dataclass
class Row:
    """A message as the model knows it."""

    lane: str
    once: bool
    state: str = "pending"
    retry_at: datetime | None = None
    attempts: int = 0
    doubted: bool = False


class OutboxMachine(Machine):
    """`model` says what every claim must find, and what every outcome makes of a message."""

    @initialize()
    def open(self) -> None:
        """Three customers with a conversation each."""
        self.model: dict[int, Row] = {}
        self.claimed: dict[int, Claimed] = {}
        self.do(self._people)

    async def _people(self, session: Any) -> None:
        for number, lane in enumerate(LANES, 1):
            await add_person(session, number, lane, self.now)
            await add_conversation(session, number, lane.split(":")[0], self.now)

    @rule(lane=st.sampled_from(LANES), once=st.booleans())
    def say(self, lane: str, once: bool) -> None:
        """Something is to be sent."""
        number = LANES.index(lane) + 1

        async def add(session: Any) -> int:
            message = Message(
                conversation_id=number,
                customer_id=number,
                author="bot",
                text="hello",
                intent={"once": True} if once else None,
                created_at=self.now,
                delivery="pending",
                lane=lane,
            )
            session.add(message)
            await session.flush()
            return int(message.id)

        self.model[self.do(add)] = Row(lane, once)

    def _due(self, channels: tuple[str, ...], limit: int) -> list[int]:
        """The first unsent message of each lane, when its time has come."""
        first: dict[str, int] = {}
        for number, row in sorted(self.model.items()):
            if row.state in ("pending", "sending"):
                first.setdefault(row.lane, number)
        found = []
        for number in sorted(first.values()):
            row = self.model[number]
            wrong = row.retry_at is not None and row.retry_at > self.now + outbox.LONGEST_WAIT
            is_time = row.retry_at is None or row.retry_at <= self.now or wrong
            if row.state == "pending" and is_time and row.lane.split(":")[0] in channels:
                found.append(number)
        return found[:limit]

    @rule(channels=CHANNELS, limit=st.integers(0, 3), is_small=st.booleans())
    def claim(self, channels: tuple[str, ...], limit: int, is_small: bool) -> None:
        """What the store finds due is what the model finds due."""
        expected = self._due(channels, limit)
        claimed = self.write(
            lambda c: outbox.claim(c, channels, now=self.now, limit=limit, is_small=is_small)
        )
        assert [one.id for one in claimed] == expected
        for one in claimed:
            row = self.model[one.id]
            row.state, row.attempts = "sending", row.attempts + 1
            assert (one.lane, one.at_most_once, one.attempts) == (row.lane, row.once, row.attempts)
            assert (one.doubted_at is not None) == row.doubted
            self.claimed[one.id] = one

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), outcome=st.sampled_from(("sent", "again", "doubt", "ambiguous", "dead")))
    def end(self, data: st.DataObject, outcome: str) -> None:
        """One of what is on its way ends."""
        number = data.draw(st.sampled_from(sorted(self.claimed)))
        one, row = self.claimed.pop(number), self.model[number]
        if outcome == "sent":
            done = [Sent(number, "p", claim=one.attempts)]
            self.write(lambda c: outbox.settle(c, done, (), now=self.now))
            row.state, row.retry_at, row.doubted = "sent", None, False
            return
        retry_at = self.now + timedelta(seconds=30) if outcome in ("again", "doubt") else None
        doubted_at = self.now if outcome == "doubt" else one.doubted_at
        state = "pending" if outcome in ("again", "doubt") else outcome
        lost = [Unsent(number, state, "why", one.attempts, retry_at, doubted_at, claim=one.attempts)]
        self.write(lambda c: outbox.settle(c, (), lost, now=self.now))
        row.state, row.retry_at = state, retry_at
        row.doubted = row.doubted or outcome == "doubt"

    @rule()
    def crash(self) -> None:
        """The process dies, and the next one looks what was on its way."""
        found = self.write(lambda c: interrupted.recover(c, now=self.now, everything=True))
        interrupted_rows = [row for row in self.model.values() if row.state == "sending"]
        assert found == len(interrupted_rows)
        for row in interrupted_rows:
            row.state, row.retry_at = "ambiguous" if row.once else "pending", None
        self.claimed.clear()

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def wake_up_late(self, data: st.DataObject) -> None:
        """A process that was stopped tells the end of a claim that is not its own any more: nobody listens."""
        one = self.claimed[data.draw(st.sampled_from(sorted(self.claimed)))]
        if one.attempts > 1:
            late = [Sent(one.id, "late", claim=one.attempts - 1)]
            self.write(lambda c: outbox.settle(c, late, (), now=self.now))

    @rule(seconds=st.sampled_from((1, 31, 3600, -1800, -86400, 86400)))
    def wait(self, seconds: int) -> None:
        """Time passes, or the clock is set."""
        self.pass_time(timedelta(seconds=seconds))

    @invariant()
    def agrees(self) -> None:
        """Every row is where the model has it; one at most of a lane is on its way, and none overtook another."""
        kept = {
            number: rest
            for number, *rest in self.rows("SELECT id, delivery, attempts, doubted_at FROM message")
        }
        for number, row in self.model.items():
            state, attempts, doubted_at = kept[number]
            assert (state, attempts, doubted_at is not None) == (row.state, row.attempts, row.doubted), number
        under_way = [row.lane for row in self.model.values() if row.state == "sending"]
        assert len(under_way) == len(set(under_way))
