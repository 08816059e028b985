"""A customer who changes their mind within one batch: each hand-over is on record, and one is open while they wait."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff
from crm_store.models.plumbing import Timer
from crm_store.timers import TimerKind
from tests.house import open_house


@pytest.mark.parametrize(
    ("earlier", "at_once", "status", "outcomes"),
    [
        ([], ["/human", "/cancel"], Status.BOT, ["cancelled"]),
        ([], ["/human", "/cancel", "/human"], Status.QUEUED, ["cancelled", None]),
        (["/human"], ["/cancel", "/human"], Status.QUEUED, ["cancelled", None]),
        (["/human"], ["/cancel", "/human", "/cancel"], Status.BOT, ["cancelled", "cancelled"]),
    ],
)
async def test_handoffs_of_one_batch(
    store: Store, earlier: list[str], at_once: list[str], status: Status, outcomes: list[str | None]
) -> None:
    def said(number: int, text: str) -> Inbound:
        return Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, text)

    async with open_house(store) as house:
        for number, text in enumerate(earlier):
            await house.reception.receive([said(number, text)])
        await house.reception.receive([said(100 + number, text) for number, text in enumerate(at_once)])
        await house.settle()
        if status is Status.QUEUED:
            assert "number 1 in the queue" in house.postbox.taken[-1].text
    async with store.read() as session:
        assert await session.scalar(select(Conversation.status)) == status
        rows = list(await session.scalars(select(Handoff).order_by(Handoff.id)))
    assert [row.outcome for row in rows] == outcomes
    assert [row.ended_at is None for row in rows] == [outcome is None for outcome in outcomes]


async def test_who_stops_waiting_after_a_day_is_closed_when_they_fall_silent(store: Store) -> None:
    async with open_house(store) as house:
        timekeeper = Timekeeper(store, house.clock, house.settings)
        await house.say("/human")
        house.clock.advance(timedelta(hours=25))  # the bot's own timer finds that people are waited for
        await timekeeper.fire_due()
        await house.say("/cancel")
        await timekeeper.fire_due()
        for _ in range(2):
            house.clock.advance(timedelta(hours=13))
            await timekeeper.fire_due()
    async with store.read() as session:
        assert await session.scalar(select(Conversation.status)) == Status.RESOLVED


async def test_a_conversation_has_one_timer_of_a_kind_however_often_it_is_handed_over(store: Store) -> None:
    async with open_house(store) as house:
        for text in ("/human", "/cancel", "/human", "/cancel", "/human"):
            await house.say(text)
    async with store.read() as session:
        kinds = list(await session.scalars(select(Timer.kind).where(Timer.fired_at.is_(None))))
    assert sorted(kinds) == sorted({TimerKind.IDLE_CLOSE, TimerKind.UNANSWERED})


async def test_who_asks_for_a_person_beside_a_complaint_is_noted_as_asking(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("flurb the glorp")
        await house.say("this is a scam, talk to a human NOW")
        async with store.read() as session:
            assert list(await session.scalars(select(Handoff.reason))) == ["asked_for_person"]
