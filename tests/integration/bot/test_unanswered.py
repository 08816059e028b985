"""Hand-overs that nobody answers: the customer told once, the staff ever more rarely, a silent holder relieved."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.texts import local_moment
from crm_store import attendance, bulk, conversations, desk, handing_on, queue, service_reports
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Handoff, StatusChange
from crm_store.models.plumbing import Timer
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import open_house
from tests.waiting_stage import Scene, open_scene


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    async with open_scene(store) as found:
        yield found


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
    assert await scene.reminded() == ["45"]  # in all


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
        await attendance.set_presence(
            session, bob, "online", now=scene.house.clock(), lasts=attendance.SHIFT_LASTS
        )
        await session.refresh(bob)
        await handing_on.transfer(
            session, number, by=scene.ann, to=bob, now=scene.house.clock(), settings=scene.house.settings
        )
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
        assert "They are back on Monday at 09:00 (UTC+1)." in told[1]
        assert "客服将于周一 09:00（UTC+1）上班" in told[2]
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
        assert "They are back on Monday at 09:00 (UTC)." in told
        assert await says(3, "hello?") == []
        async with store.write() as session:
            await queue.release(session, number, ann, now=house.clock())
        assert await says(4, "is anybody there?") == []
        async with store.write() as session:
            await queue.resolve(session, number, ann, now=house.clock(), settings=hours)
        assert await says(5, "where is my parcel?") == []  # the bot answers: nobody is needed
        assert len(await says(6, "/human")) == 1


@pytest.mark.parametrize(("days", "english", "chinese"), [
    (0, "today at 09:00 (UTC+1)", "今天 09:00（UTC+1）"), (1, "tomorrow at 09:00 (UTC+1)", "明天 09:00（UTC+1）"),
    (3, "on Tuesday at 09:00 (UTC+1)", "周二 09:00（UTC+1）"),
    (7, "on 28/11 at 09:00 (UTC+1)", "11月28日 09:00（UTC+1）"),
])  # fmt: skip
def test_a_moment_as_one_says_it(days: int, english: str, chinese: str) -> None:
    now = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    at = (now + timedelta(days=days, hours=1)).astimezone(ZoneInfo("Europe/Berlin"))
    assert (local_moment("en", at, now), local_moment("zh", at, now)) == (english, chinese)


async def test_a_snooze_that_was_undone_tells_nothing_twice(scene: Scene) -> None:
    """The wait is the same as before: the customer was told of it, and the staff are told how long it is in all."""
    number = (await scene.conversation()).id
    assert len([text for text in await scene.pass_minutes(11) if "still waiting" in text]) == 1
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        now, rules = scene.house.clock(), scene.house.settings
        until = (now + timedelta(hours=4)).isoformat()
        done = await bulk.apply(session, "snooze", [number], ann, now=now, settings=rules, value=until)
    await scene.pass_minutes(1)
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        await bulk.undo(session, done.id, ann, now=scene.house.clock(), settings=scene.house.settings)
    assert [text for text in await scene.pass_minutes(20) if "still waiting" in text] == []
    assert await scene.reminded() == ["10", "20"]
