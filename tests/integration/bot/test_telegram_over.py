"""What waited for its turn in the staff group is looked at again when that comes: what is over costs no message."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.dispatch import Timekeeper
from crm_store import bulk, desk, queue
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.house import FakeClock
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for

RULES = StoreSettings(response_targets="first 20m", handoff_notice_minutes=0)
PAUSE_S = 1.0


@pytest.fixture
async def busy(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[DeskHouse]:
    """A house whose staff group takes what Telegram allows, and whose clock is moved by hand."""
    settings = settings_for(bot_api, telegram_staff_group=GROUP, per_group_per_min=20)
    clock = FakeClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    house = DeskHouse(bot_api, shop_store, settings, clock=clock)
    await house.open()
    yield house
    await house.stop()


def pause(house: DeskHouse) -> None:
    house.bot._groups[0].pace.pause(PAUSE_S)


async def asking(house: DeskHouse, *names: str) -> list[Person]:
    """Customers who asked for a person and wrote nothing more."""
    people = [house.server.user(10 + n, name) for n, name in enumerate(names)]
    for person in people:
        await person.says("/human")
        await person.hears("in the queue")
    return people


async def resolve(house: DeskHouse, numbers: Sequence[int]) -> None:
    """On the web, many at once."""
    async with house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        done = await bulk.apply(session, "resolve", numbers, ann, now=house.clock(), settings=RULES)
        assert len(done.changed) == len(numbers)


def topics(house: DeskHouse) -> list[str]:
    return [topic.name for topic in house.group.topics]


async def test_no_topic_is_made_for_who_was_resolved_before_their_turn(busy: DeskHouse) -> None:
    pause(busy)
    await asking(busy, "A", "B", "C", "D")
    await resolve(busy, [1, 2, 3])
    await at_rest(busy.store)
    assert topics(busy) == ["D"]
    assert {post.thread_id for post in busy.server.sent(GROUP)} == {busy.group.topic("D").id}


async def test_behind_many_of_whom_nothing_is_to_be_told_the_next_is_posted_at_once(
    desk_house: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, they are looked at a few at a time, one look after the other."""
    monkeypatch.setattr("crm_store.desk_outlived.AT_ONCE", 1)
    monkeypatch.setattr("bot.channels.telegram.desk.posting.IDLE_WAIT_S", 3600.0)
    for n, name in enumerate(("A", "B", "C", "D")):
        await desk_house.held(20 + n, name)
    await at_rest(desk_house.store)
    pause(desk_house)
    async with desk_house.store.write() as session:
        for n in range(1, 5):  # that they wait, which was true before Ann took them
            talk = await session.get_one(Conversation, n)
            await desk.post(session, talk, "unanswered", text="10", now=desk_house.clock())
    await asking(desk_house, "E")
    await desk_house.server.wait_for(lambda: "E" in topics(desk_house))


async def test_words_of_who_is_resolved_come_after_those_who_wait(busy: DeskHouse) -> None:
    pause(busy)
    busy.bot._posting[0]._rounds = 2  # the next turn is the oldest post's
    [ada, *_] = await asking(busy, "Ada", "Ben")
    await ada.says("it is the blue lamp")
    await asyncio.sleep(0)
    await busy.server.wait_until_confirmed()
    await resolve(busy, [1])
    await at_rest(busy.store)
    assert topics(busy) == ["Ben", "Ada"]
    await busy.group.hears("Ada: it is the blue lamp", thread=busy.group.topic("Ada"))


async def test_live_conversations_come_before_the_closing_of_others(busy: DeskHouse) -> None:
    zoe, _, zoes = await busy.held(5, "Zoe")
    _, _, yans = await busy.held(6, "Yan")
    await at_rest(busy.store)
    pause(busy)
    busy.bot._posting[0]._rounds = 2
    await resolve(busy, [2])
    await zoe.says("one more thing")
    await busy.server.wait_until_confirmed()
    before = len(busy.server.calls)
    await busy.server.wait_for(lambda: "Reopen" in yans.buttons)
    calls = [
        call.params.find_integer("message_id") if call.method.startswith("edit") else call.method
        for call in busy.server.calls[before:]
        if call.method in ("sendMessage", "editMessageText") and call.params.find_integer("chat_id") == GROUP
    ]
    assert calls.index("sendMessage") < calls.index(yans.id)
    assert zoes.id != yans.id


async def test_a_warning_that_waited_until_the_promise_was_broken_is_not_given(
    busy: DeskHouse,
) -> None:
    await asking(busy, "Zoe")
    await busy.group.hears("Waiting for a person")
    pause(busy)
    await pass_minutes(busy, 16, 6)
    fire = await busy.group.hears("is overdue. A supervisor", thread=busy.group.topic("Zoe"))
    assert fire.text.startswith("🔥")
    assert warnings(busy) == ["🔥"]


async def test_after_a_restart_only_the_breach_is_told(busy: DeskHouse) -> None:
    """The server stood while the warning waited, and is up again before the timers have looked."""
    await asking(busy, "Zoe")
    await busy.group.hears("Waiting for a person")
    busy.bot._groups[0].pace.pause(60)
    await pass_minutes(busy, 16)
    await busy.stop()
    assert isinstance(busy.clock, FakeClock)
    busy.clock.advance(timedelta(minutes=10))
    await busy.run()
    await at_rest(busy.store)
    await pass_minutes(busy, 0)
    await busy.group.hears("is overdue. A supervisor", thread=busy.group.topic("Zoe"))
    assert warnings(busy) == ["🔥"]


async def test_who_was_answered_meanwhile_is_warned_of_no_more(busy: DeskHouse) -> None:
    await asking(busy, "Zoe")
    card = await busy.group.hears("Waiting for a person")
    pause(busy)
    await pass_minutes(busy, 16, 6)
    async with busy.store.write() as session:
        ann = await session.get_one(Agent, 1)
        await queue.resolve(session, 1, ann, now=busy.clock(), settings=RULES)
    await busy.server.wait_for(lambda: "Reopen" in card.buttons)
    await at_rest(busy.store)
    assert warnings(busy) == []


async def test_a_warning_in_time_is_given(busy: DeskHouse) -> None:
    await asking(busy, "Zoe")
    await busy.group.hears("Waiting for a person")
    await pass_minutes(busy, 16)
    await busy.group.hears("most of that time is gone", thread=busy.group.topic("Zoe"))
    await pass_minutes(busy, 6)
    await busy.group.hears("is overdue. A supervisor", thread=busy.group.topic("Zoe"))
    assert warnings(busy) == ["⏳", "🔥"]


async def pass_minutes(house: DeskHouse, *steps: int) -> None:
    """Time goes by in these steps, and after each the timers fire."""
    assert isinstance(house.clock, FakeClock)
    for minutes in steps:
        house.clock.advance(timedelta(minutes=minutes))
        await Timekeeper(house.store, house.clock, RULES).fire_due()


def warnings(house: DeskHouse) -> list[str]:
    return [post.text[0] for post in house.server.sent(GROUP) if post.text[:1] in "⏳🔥"]
