"""Since when somebody waits, and for whom first: the time in which they were owed nothing is none of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import attendance, bulk, conversations, handing_on, queue, snoozing
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

MINUTE = timedelta(minutes=1)
RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


class Case:
    """A customer who asked for a person at noon, Ann who is there, and Sue who is not."""

    def __init__(self, house: House, ann: Agent, sue: Agent) -> None:
        self.house, self.ann, self.sue = house, ann, sue
        self.begun = house.clock()
        self.said = 0

    async def says(self, words: str) -> None:
        self.said += 1
        await self.house.reception.receive(
            [Inbound("terminal", str(self.said), "terminal", "me", Kind.TEXT, words)]
        )

    async def pass_minutes(self, count: int) -> None:
        self.house.clock.advance(count * MINUTE)
        await Timekeeper(self.house.store, self.house.clock, RULES).fire_due()

    async def reply(self) -> None:
        async with self.house.store.write() as session:
            await conversations.reply(session, 1, self.ann, "I am looking.", now=self.house.clock())

    async def one(self) -> Conversation:
        async with self.house.store.read() as session:
            return await conversations.get(session, 1)

    async def waited(self) -> int:
        """The minutes that speak for it in the queue."""
        async with self.house.store.read() as session:
            (entry,) = await queue.listing(session, now=self.house.clock())
        return next(int(why.points) for why in entry.why_next if why.reason == "waiting")

    async def released(self) -> None:
        async with self.house.store.write() as session:
            await queue.release(session, 1, self.ann, now=self.house.clock())

    async def handed_on(self) -> None:
        async with self.house.store.write() as session:
            await handing_on.transfer(
                session, 1, by=self.ann, to=self.sue, now=self.house.clock(), settings=RULES
            )

    async def to_a_team(self) -> None:
        async with self.house.store.write() as session:
            await snoozing.transfer_to_team(session, 1, by=self.ann, team="returns", now=self.house.clock())

    async def put_aside(self, minutes: int) -> None:
        async with self.house.store.write() as session:
            until = self.house.clock() + minutes * MINUTE
            await snoozing.snooze(session, 1, self.ann, until=until, now=self.house.clock())


@pytest.fixture
async def case(store: Store) -> AsyncIterator[Case]:
    async with open_house(store, settings=RULES) as house:
        async with store.write() as session:
            ann = Agent(name="Ann", role="supervisor", created_at=house.clock())
            sue = Agent(name="Sue", role="agent", created_at=house.clock())
            session.add_all([ann, sue])
            await session.flush()
            await attendance.set_presence(session, sue, "offline", now=house.clock())
        made = Case(house, ann, sue)
        await made.says("/human")
        yield made


@pytest.mark.parametrize("way", ["released", "handed_on", "to_a_team"])
async def test_who_was_answered_waits_from_when_they_are_handed_on(case: Case, way: str) -> None:
    await case.pass_minutes(2)
    await case.reply()
    await case.pass_minutes(12)
    await getattr(case, way)()
    assert await case.waited() == 0
    await case.pass_minutes(3)
    assert await case.waited() == 3


@pytest.mark.parametrize("way", ["released", "handed_on", "to_a_team"])
async def test_who_wrote_again_waits_from_their_first_words_after_the_reply(case: Case, way: str) -> None:
    await case.pass_minutes(2)
    await case.reply()
    await case.pass_minutes(12)
    await case.says("and now?")
    await case.pass_minutes(4)
    await case.says("hello?")
    await case.pass_minutes(1)
    await getattr(case, way)()
    assert await case.waited() == 5


@pytest.mark.parametrize("way", ["released", "handed_on", "to_a_team"])
async def test_who_was_never_answered_keeps_their_wait(case: Case, way: str) -> None:
    await case.pass_minutes(2)
    async with case.house.store.write() as session:
        await queue.take(session, 1, case.ann, now=case.house.clock())
    await case.pass_minutes(5)
    await getattr(case, way)()
    assert await case.waited() == 7


async def test_a_snooze_of_who_was_answered_is_no_wait(case: Case) -> None:
    await case.reply()
    await case.pass_minutes(12)
    await case.put_aside(30)
    await case.pass_minutes(30)
    assert await case.waited() == 0


async def test_who_writes_while_they_are_put_aside_waits_from_then(case: Case) -> None:
    await case.reply()
    await case.pass_minutes(12)
    await case.put_aside(30)
    await case.pass_minutes(10)
    await case.says("and now?")
    await case.pass_minutes(2)
    assert await case.waited() == 2


async def test_who_it_waits_for_first_has_as_long_after_a_snooze_as_was_left(case: Case) -> None:
    await case.handed_on()
    kept = (await case.one()).meant_until
    assert kept is not None
    await case.pass_minutes(10)
    await case.put_aside(45)
    await case.pass_minutes(45)
    back = await case.one()
    assert (back.status, back.meant_for_id) == (Status.QUEUED, case.sue.id)
    assert back.meant_until == kept + 45 * MINUTE


async def test_who_writes_in_a_snooze_waits_for_the_same_person_first(case: Case) -> None:
    await case.handed_on()
    kept = (await case.one()).meant_until
    await case.put_aside(45)
    await case.says("hello?")
    back = await case.one()
    assert (back.status, back.meant_for_id, back.meant_until) == (Status.QUEUED, case.sue.id, kept)


async def test_nothing_waits_for_who_takes_it_out_of_its_snooze(case: Case) -> None:
    await case.handed_on()
    await case.put_aside(45)
    async with case.house.store.write() as session:
        await queue.take(session, 1, case.ann, now=case.house.clock())
    assert (await case.one()).meant_for_id is None


async def test_a_snooze_that_is_undone_with_others_keeps_the_wait_and_the_person(case: Case) -> None:
    await case.handed_on()
    before = await case.one()
    await case.pass_minutes(1)
    async with case.house.store.write() as session:
        until = (case.house.clock() + 60 * MINUTE).isoformat()
        done = await bulk.apply(
            session, "snooze", [1], case.ann, value=until, now=case.house.clock(), settings=RULES
        )
    await case.pass_minutes(1)
    async with case.house.store.write() as session:
        await bulk.undo(session, done.id, case.ann, now=case.house.clock(), settings=RULES)
    after = await case.one()
    assert (after.queued_at, after.meant_for_id, after.meant_until) == (
        before.queued_at,
        before.meant_for_id,
        before.meant_until,
    )
