"""Hand-overs that nobody answers: the customer told once, the staff ever more rarely, a silent holder relieved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.setbacks import Setbacks
from bot.texts import local_moment
from crm_store import attendance, conversations, desk, queue, service_reports
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Handoff, StatusChange
from crm_store.models.plumbing import DeskPost, Timer
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house


@dataclass
class Scene:
    """A customer who waits, and the clock."""

    house: House
    timekeeper: Timekeeper
    ann: Agent

    async def pass_minutes(self, count: int) -> list[str]:
        """What the customer is told while so many minutes pass, looked at every minute."""
        told = len(self.house.postbox.taken)
        for _ in range(count):
            self.house.clock.advance(timedelta(minutes=1))
            await self.timekeeper.fire_due()
        await self.house.settle()
        return [sent.text for sent in self.house.postbox.taken[told:]]

    async def conversation(self) -> Conversation:
        async with self.house.store.read() as session:
            return (await session.scalars(select(Conversation))).one()

    async def reminded(self) -> list[str]:
        """The minutes that the staff were told."""
        async with self.house.store.read() as session:
            query = select(DeskPost.text).where(DeskPost.kind == "unanswered").order_by(DeskPost.id)
            return list(await session.scalars(query))


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with open_house(store) as house:
        timekeeper = Timekeeper(store, house.clock, StoreSettings())
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await desk.set_groups(session, ["-100"])
        await house.reception.receive([Inbound("terminal", "1", "terminal", "me", Kind.TEXT, "/human")])
        await timekeeper.fire_due()
        await house.settle()
        yield Scene(house, timekeeper, ann)


async def test_the_customer_is_told_once_and_the_staff_ever_more_rarely(scene: Scene) -> None:
    assert await scene.pass_minutes(9) == []
    (told,) = await scene.pass_minutes(1)
    assert "nobody has been free yet" in told
    assert await scene.pass_minutes(120) == []
    assert await scene.reminded() == ["10", "20", "40", "80"]


async def test_what_a_stopped_server_missed_is_said_once(scene: Scene) -> None:
    scene.house.clock.advance(timedelta(hours=3))
    await scene.timekeeper.fire_due()
    assert await scene.reminded() == ["180"]
    await scene.pass_minutes(200)
    assert await scene.reminded() == ["180", "320"]


async def test_reminders_come_to_an_end(scene: Scene) -> None:
    for _ in range(60):
        scene.house.clock.advance(timedelta(hours=1))
        await scene.timekeeper.fire_due()
    assert len(await scene.reminded()) <= 8
    async with scene.house.store.read() as session:
        left = select(func.count()).where(Timer.kind == "unanswered", Timer.fired_at.is_(None))
        assert await session.scalar(left) == 0


async def test_who_took_it_and_is_silent_gives_it_back_to_its_old_place(scene: Scene) -> None:
    before = await scene.conversation()
    await scene.pass_minutes(5)
    async with scene.house.store.write() as session:
        await queue.take(session, before.id, scene.ann, now=scene.house.clock())
    told = await scene.pass_minutes(29)
    assert [text for text in told if "queue" in text] == []
    told = await scene.pass_minutes(1)
    assert any("back in the queue, where it was" in text for text in told)
    after = await scene.conversation()
    assert (after.status, after.agent_id, after.queued_at) == ("queued", None, before.queued_at)
    async with scene.house.store.read() as session:
        last = (await session.scalars(select(StatusChange).order_by(StatusChange.id.desc()).limit(1))).one()
        reasons = list(await session.scalars(select(Handoff.reason).order_by(Handoff.id)))
    assert (last.change, last.actor, last.reason) == ("release", "system", "no_reply")
    assert reasons == ["asked_for_person", "no_reply"]
    assert await scene.pass_minutes(10) != []  # the waiting begins anew, and is told anew
    assert await scene.reminded() == ["10"]


async def test_who_replied_keeps_it(scene: Scene) -> None:
    number = (await scene.conversation()).id
    async with scene.house.store.write() as session:
        await queue.take(session, number, scene.ann, now=scene.house.clock())
    await scene.pass_minutes(20)
    async with scene.house.store.write() as session:
        await conversations.reply(session, number, scene.ann, "I am looking.", now=scene.house.clock())
    await scene.house.reception.receive(
        [Inbound("terminal", "2", "terminal", "me", Kind.TEXT, "thanks, still here")]
    )
    await scene.pass_minutes(120)
    assert ((await scene.conversation()).status, await scene.reminded()) == ("assigned", [])


async def test_a_transfer_to_somebody_silent_comes_back_too(scene: Scene) -> None:
    number = (await scene.conversation()).id
    async with scene.house.store.write() as session:
        bob = Agent(name="Bob", role="agent", created_at=scene.house.clock())
        session.add(bob)
        await session.flush()
        await conversations.reply(session, number, scene.ann, "One moment.", now=scene.house.clock())
        await queue.transfer(session, number, by=scene.ann, to=bob, now=scene.house.clock())
    await scene.pass_minutes(29)
    assert (await scene.conversation()).agent_id == bob.id
    await scene.pass_minutes(1)
    assert (await scene.conversation()).status == "queued"


async def test_nothing_is_done_where_it_is_switched_off(scene: Scene) -> None:
    scene.timekeeper = Timekeeper(
        scene.house.store, scene.house.clock, StoreSettings(handoff_notice_minutes=0, first_reply_minutes=0)
    )
    scene.house.clock.advance(timedelta(minutes=10))
    await scene.timekeeper.fire_due()
    number = (await scene.conversation()).id
    async with scene.house.store.write() as session:
        await queue.take(session, number, scene.ann, now=scene.house.clock())
    await scene.pass_minutes(120)
    assert ((await scene.conversation()).agent_id, await scene.reminded()) == (scene.ann.id, [])


async def test_a_silent_holders_wait_counts_as_the_customers(scene: Scene) -> None:
    number = (await scene.conversation()).id
    begun = scene.house.clock()
    async with scene.house.store.write() as session:
        await queue.take(session, number, scene.ann, now=scene.house.clock())
    await scene.pass_minutes(31)
    async with scene.house.store.write() as session:
        await conversations.reply(session, number, scene.ann, "Here I am.", now=scene.house.clock())
    async with scene.house.store.read() as session:
        (episode,) = await service_reports.episodes(session, begun, scene.house.clock())
    assert (episode.first_reply_at - episode.started_at).total_seconds() == 31 * 60  # type: ignore[operator]


async def test_outside_working_hours_nobody_is_reminded_and_the_customer_knows_when(store: Store) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-18:00", time_zone="Europe/Berlin")
    async with open_house(store, settings=hours) as house:
        house.clock.now = datetime(2026, 11, 20, 16, 55, tzinfo=UTC)  # a Friday, five to six in Berlin
        timekeeper = Timekeeper(store, house.clock, hours)
        scene = Scene(house, timekeeper, Agent(name="Ann"))
        async with store.write() as session:
            await desk.set_groups(session, ["-100"])
        await house.reception.receive([Inbound("terminal", "1", "terminal", "early", Kind.TEXT, "/human")])
        await house.settle()  # chats wait for each other in no order
        house.clock.advance(timedelta(hours=1))
        for number, (address, language) in enumerate((("late", "en"), ("zh", "zh"))):
            await house.reception.receive(
                [
                    Inbound(
                        "terminal", f"n{number}", "terminal", address, Kind.TEXT, "/human", language=language
                    )
                ]
            )
            await house.settle()
        told = [sent.text for sent in house.postbox.taken]
        assert "You are number 1 in the queue" in told[0]
        assert "They are back on Monday at 09:00." in told[1]
        assert "客服将于周一 09:00上班" in told[2]
        await scene.timekeeper.fire_due()
        house.clock.now = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
        await timekeeper.fire_due()
        assert await scene.reminded() == []
        house.clock.now = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)  # five minutes of Friday, and these ten
        await timekeeper.fire_due()
        assert len(await scene.reminded()) == 3


async def test_that_nobody_is_there_is_said_once_a_case_and_only_when_a_person_is_needed(
    store: Store,
) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-18:00", time_zone="UTC")
    async with open_house(store, settings=hours) as house:
        house.clock.now = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, an hour before they go

        async def says(number: int, words: str) -> list[str]:
            told = len(house.postbox.taken)
            await house.reception.receive(
                [Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, words)]
            )
            await house.settle()
            return [sent.text for sent in house.postbox.taken[told:] if "not here right now" in sent.text]

        assert await says(1, "/human") == []
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await session.flush()
            number = (await session.scalars(select(Conversation.id))).one()
            await conversations.reply(session, number, ann, "I am looking.", now=house.clock())
        house.clock.advance(timedelta(hours=2))
        (told,) = await says(2, "any news?")
        assert "They are back on Monday at 09:00." in told
        assert await says(3, "hello?") == []
        async with store.write() as session:
            await queue.release(session, number, ann, now=house.clock())
        assert await says(4, "is anybody there?") == []
        async with store.write() as session:
            await queue.resolve(session, number, ann, now=house.clock(), settings=hours)
        assert await says(5, "where is my parcel?") == []  # the bot answers: nobody is needed
        assert len(await says(6, "/human")) == 1


@pytest.mark.parametrize(("days", "english", "chinese"), [
    (0, "today at 09:00", "今天 09:00"), (1, "tomorrow at 09:00", "明天 09:00"),
    (3, "on Tuesday at 09:00", "周二 09:00"), (7, "on 28/11 at 09:00", "11月28日 09:00"),
])  # fmt: skip
def test_a_moment_as_one_says_it(days: int, english: str, chinese: str) -> None:
    now = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    at = (now + timedelta(days=days, hours=1)).astimezone(ZoneInfo("Europe/Berlin"))
    assert (local_moment("en", at, now), local_moment("zh", at, now)) == (english, chinese)


async def replied_and_written_again(scene: Scene, presence: str | None) -> None:
    """Ann has taken the case, replied, and the customer asks on; she has told of her presence, or never has."""
    number, now = (await scene.conversation()).id, scene.house.clock
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        if presence is not None:
            await attendance.set_presence(session, ann, "online", now=now(), lasts=attendance.SHIFT_LASTS)
        await queue.take(session, number, ann, now=now())
        await conversations.reply(session, number, ann, "I am looking.", now=now())
    await scene.house.reception.receive([Inbound("terminal", "2", "terminal", "me", Kind.TEXT, "and now?")])
    await scene.pass_minutes(1)
    if presence not in (None, "online"):
        async with scene.house.store.write() as session:
            ann = await session.get_one(Agent, scene.ann.id)
            await attendance.set_presence(session, ann, presence, now=now())


@pytest.mark.parametrize("presence", ["offline", "away"])
async def test_who_replied_and_has_gone_gives_it_back_when_the_customer_waits(
    scene: Scene, presence: str
) -> None:
    before = await scene.conversation()
    await replied_and_written_again(scene, presence)
    assert await scene.pass_minutes(28) == []
    (told,) = await scene.pass_minutes(1)
    assert "back in the queue" in told
    after = await scene.conversation()
    assert (after.status, after.agent_id, after.queued_at) == ("queued", None, before.queued_at)
    async with scene.house.store.read() as session:
        assert list(await session.scalars(select(Handoff.reason).order_by(Handoff.id)))[-1] == "holder_gone"


async def test_so_does_who_is_only_no_longer_heard_of(scene: Scene) -> None:
    await replied_and_written_again(scene, "online")
    minutes = attendance.SHIFT_LASTS // timedelta(minutes=1)
    await scene.pass_minutes(minutes - 2)
    assert (await scene.conversation()).status == "assigned"  # she was there
    await scene.pass_minutes(3)
    assert (await scene.conversation()).status == "queued"


async def test_who_never_told_whether_they_are_there_keeps_it(scene: Scene) -> None:
    await replied_and_written_again(scene, None)
    await scene.pass_minutes(200)
    assert (await scene.conversation()).status == "assigned"


@pytest.mark.parametrize("presence", ["online", "offline", None])
async def test_a_customer_handed_on_is_told_the_truth(scene: Scene, presence: str | None) -> None:
    number, now = (await scene.conversation()).id, scene.house.clock()
    async with scene.house.store.write() as session:
        bob = Agent(name="Bob", role="agent", created_at=now)
        session.add(bob)
        await session.flush()
        if presence is not None:
            await attendance.set_presence(session, bob, presence, now=now)
        await queue.take(session, number, scene.ann, now=now)
        await session.refresh(bob)
        await queue.transfer(session, number, by=scene.ann, to=bob, now=now)
    await scene.house.settle()
    told = scene.house.postbox.taken[-1].text
    assert ("Bob is with you now" in told) is (presence != "offline")
    assert "Bob" in told


SET_BACK = [timedelta(minutes=50), timedelta(days=1)]


async def set_back(scene: Scene, by: timedelta, *, noticed: bool) -> None:
    """The clock is set back; without `noticed` while no server runs."""
    setbacks = Setbacks(scene.house.store, scene.house.clock)
    if noticed:
        await setbacks.look()
    scene.house.clock.advance(-by)
    await setbacks.look()


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("by", SET_BACK)
async def test_a_clock_set_back_strands_nobody_who_waits(scene: Scene, by: timedelta, noticed: bool) -> None:
    await scene.pass_minutes(2)
    first = (await scene.conversation()).id
    await set_back(scene, by, noticed=noticed)
    assert "nobody has been free yet" in " ".join(await scene.pass_minutes(11))
    await scene.house.reception.receive([Inbound("terminal", "2", "terminal", "you", Kind.TEXT, "/human")])
    async with scene.house.store.read() as session:
        order = [entry.conversation.id for entry in await queue.listing(session, now=scene.house.clock())]
    assert order[0] == first
    assert len(order) == 2


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("by", SET_BACK)
async def test_nor_who_was_taken_by_somebody_silent(scene: Scene, by: timedelta, noticed: bool) -> None:
    number = (await scene.conversation()).id
    async with scene.house.store.write() as session:
        await queue.take(session, number, scene.ann, now=scene.house.clock())
    await set_back(scene, by, noticed=noticed)
    limit = StoreSettings().first_reply
    assert limit is not None
    await scene.pass_minutes(int(limit / timedelta(minutes=1)) + 2)
    assert (await scene.conversation()).status == "queued"


@pytest.mark.parametrize("noticed", [True, False])
async def test_nor_keeps_it_somebody_there_who_has_gone(scene: Scene, noticed: bool) -> None:
    now = scene.house.clock
    async with scene.house.store.write() as session:
        await attendance.set_presence(
            session, await session.get_one(Agent, scene.ann.id), "online", now=now()
        )
    await set_back(scene, timedelta(days=1), noticed=noticed)
    now.advance(attendance.DESK_LASTS if noticed else attendance.SHIFT_LASTS)
    async with scene.house.store.read() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        assert attendance.presence_of(ann, now()) == "offline"
