"""Teams with a time zone and holidays of their own: what customers hear, and which minutes count."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import attendance, labels, owed, queue_lines, snoozing
from crm_store.conversations import page
from crm_store.engine import Store
from crm_store.lines import Need
from crm_store.models.conversations import Conversation, Handoff, Promise
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house
from tests.promise_stage import Scene, scene_of

RULES = StoreSettings(
    working_hours="mon-fri 09:00-17:00",
    time_zone="Europe/Berlin",
    holidays="2026-11-24",
    team_time_zones={"east": "Asia/Shanghai"},
    team_holidays={"east": "2026-11-25"},
    response_targets="first 20m",
    handoff_notice_minutes=10,
)
MONDAY_AT_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Eleven in the morning in Berlin, six in the evening in Shanghai."""


async def of_team(house: House, team: str, language: str, words: str = "/human") -> str:
    """What a customer hears who asks for a person, their conversation being this team's."""
    hello = "你好" if language == "zh" else "hello"
    move = Inbound("terminal", "0", "terminal", "me", Kind.TEXT, hello, language=language)
    await house.reception.receive([move])
    async with house.store.write() as session:
        (held,) = await page(session)
        await labels.change_labels(session, held.id, now=house.clock(), settings=house.settings, team=team)
    await house.settle()
    return (await house.say(words))[-1].text


@pytest.mark.parametrize(("team", "language", "days", "told"), [
    ("east", "en", 0, "They are back tomorrow at 09:00 (UTC+8)."),
    ("east", "en", 1, "They are back on Thursday at 09:00 (UTC+8)."),  # Wednesday is a holiday of theirs
    ("east", "zh", 0, "客服将于明天 09:00（UTC+8）上班"),
    ("west", "en", 0, "You are number 1 in the queue"),
    ("west", "en", 1, "They are back tomorrow at 09:00 (UTC+1)."),  # Tuesday is everybody else's
])  # fmt: skip
async def test_who_writes_hears_when_their_team_is_back(
    store: Store, team: str, language: str, days: int, told: str
) -> None:
    async with open_house(store, settings=RULES) as house:
        house.clock.now = MONDAY_AT_TEN + timedelta(days=days)
        assert told in await of_team(house, team, language)


async def test_who_writes_on_hears_it_of_the_team_that_has_them_now(store: Store) -> None:
    """Handed to another team while its people are away; the ones they waited for first are there."""
    async with open_house(store, settings=RULES) as house:
        house.clock.now = MONDAY_AT_TEN
        assert "number 1" in await of_team(house, "west", "en")
        async with store.write() as session:
            await labels.change_labels(session, 1, now=house.clock(), settings=house.settings, team="east")
        told = [sent.text for sent in await house.say("are you there?")]
        assert any(
            text.startswith("Our team is not here right now. They are back tomorrow at 09:00 (UTC+8).")
            for text in told
        )


@pytest.mark.parametrize("how", ["handed_on", "labelled"])
async def test_handed_on_to_a_team_that_is_not_there_they_hear_it_at_once_and_once(
    store: Store, how: str
) -> None:
    async with open_house(store, settings=RULES) as house:
        house.clock.now = MONDAY_AT_TEN
        ann, timekeeper = await house.agent(), Timekeeper(store, house.clock, RULES)
        await of_team(house, "west", "en")
        before = len(house.postbox.taken)
        for team in ("east", "west", "east"):
            async with store.write() as session:
                if how == "handed_on":
                    await snoozing.transfer_to_team(session, 1, by=ann, team=team, now=house.clock())
                else:
                    await labels.change_labels(
                        session, 1, now=house.clock(), settings=house.settings, team=team
                    )
            await timekeeper.fire_due()
        await house.settle()
        told = [sent.text for sent in house.postbox.taken[before:]]
        assert [text for text in told if "is not here" in text] == [
            "Our team is not here right now. They are back tomorrow at 09:00 (UTC+8). "
            "Your message is kept; the answer comes into this chat."
        ]
        assert not any("is not here" in sent.text for sent in await house.say("well?"))


async def test_handed_on_to_a_team_of_which_one_is_there_nobody_says_otherwise(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        house.clock.now = MONDAY_AT_TEN
        ann, timekeeper = await house.agent(), Timekeeper(store, house.clock, RULES)
        async with store.write() as session:
            li = Agent(name="Li", role="agent", team="east", created_at=house.clock())
            session.add(li)
            await session.flush()
            await attendance.set_presence(session, li, "online", now=house.clock())
        await of_team(house, "west", "en")
        async with store.write() as session:
            await snoozing.transfer_to_team(session, 1, by=ann, team="east", now=house.clock())
        await timekeeper.fire_due()
        await house.settle()
        assert not any("is not here" in sent.text for sent in house.postbox.taken)


async def test_promises_and_reminders_count_the_teams_own_minutes(store: Store) -> None:
    async with scene_of(store, RULES) as scene:
        scene.house.clock.now = MONDAY_AT_TEN
        number = await _waits_for(scene, "east")
        async with store.read() as session:
            due_at = await session.scalar(select(Promise.due_at))
        assert due_at == datetime(2026, 11, 24, 1, 20, tzinfo=UTC)  # twenty past nine in Shanghai
        scene.house.clock.now = datetime(2026, 11, 24, 1, 9, tzinfo=UTC)
        await scene.keeper.fire_due()
        assert await _reminders(store) == [0]
        scene.house.clock.advance(timedelta(minutes=1))
        await scene.keeper.fire_due()
        assert await _reminders(store) == [1]
        scene.house.clock.now = datetime(2026, 11, 24, 1, 21, tzinfo=UTC)
        await scene.keeper.fire_due()
        async with store.read() as session:
            late = await owed.overdue(session, now=scene.house.clock(), settings=RULES)
        assert [(talk.id, one.left) for talk, one in late] == [(number, -timedelta(minutes=1))]


async def _waits_for(scene: Scene, team: str) -> int:
    number = await scene.says("me", "hello")
    async with scene.house.store.write() as session:
        await labels.change_labels(
            session, number, now=scene.house.clock(), settings=scene.house.settings, team=team
        )
    return await scene.says("me", "/human")


async def _reminders(store: Store) -> list[int]:
    async with store.read() as session:
        return list(await session.scalars(select(Handoff.reminders)))


async def test_each_wait_of_the_past_counts_the_hours_of_its_own_team(store: Store) -> None:
    """Half an hour of the night team's night is half an hour, though nobody else was there."""
    rules = StoreSettings(working_hours="mon-fri 09:00-17:00", team_hours={"night": "mon-sun 18:00-23:00"})
    async with open_house(store, settings=rules) as house:
        house.clock.now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        await of_team(house, "night", "en")
        async with store.write() as session:
            talk = await session.get_one(Conversation, 1)
            for n in range(5):
                begun = house.clock() - timedelta(hours=1, minutes=n)
                taken = begun + timedelta(minutes=30)
                session.add(
                    Handoff(
                        conversation_id=talk.id,
                        reason="asked",
                        queued_at=begun,
                        ended_at=taken,
                        outcome="taken",
                    )
                )
        async with store.read() as session:
            paces = await queue_lines.paces(session, now=house.clock(), hours_of=rules.hours_of)
        assert paces.of(Need("en", "night")) == timedelta(minutes=10)  # from the third place in the mean
