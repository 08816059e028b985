"""Who waits while their conversation is closed with many others: what they read is true, and their word counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import Places
from bot.texts import render
from crm_store import bulk, conversations, queue
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff, Message, StatusChange
from crm_store.models.ratings import RatingRequest
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

RULES = StoreSettings(handoff_notice_minutes=0, first_reply_minutes=0)
MINUTE = timedelta(minutes=1)


class Desk:
    """Three who wait, the second of whom (conversation 2) is closed with many; and time that passes."""

    def __init__(self, house: House, ann: Agent) -> None:
        self.house, self.ann = house, ann
        self.timekeeper = Timekeeper(house.store, house.clock, RULES)

    async def says(self, address: str, text: str, language: str = "en") -> None:
        one = Inbound(
            "telegram",
            f"{address}{self.house.clock()}{text}",
            "telegram",
            address,
            Kind.TEXT,
            text,
            language=language,
        )
        await self.house.reception.receive([one])
        await self.pass_time(timedelta(seconds=1))

    async def pass_time(self, time: timedelta) -> None:
        self.house.clock.advance(time)
        await self.timekeeper.fire_due()
        await self.house.settle()

    async def close(self, *numbers: int) -> int:
        async with self.house.store.write() as session:
            done = await bulk.apply(
                session, "resolve", numbers, self.ann, now=self.house.clock(), settings=RULES
            )
        await self.pass_time(timedelta(seconds=1))
        return done.id

    async def undo(self, number: int) -> bulk.BulkDone:
        async with self.house.store.write() as session:
            done = await bulk.undo(session, number, self.ann, now=self.house.clock(), settings=RULES)
        await self.pass_time(timedelta(seconds=1))
        return done

    async def one(self, number: int) -> Conversation:
        async with self.house.store.read() as session:
            return await conversations.get(session, number)

    async def words_to(self, address: str) -> list[str]:
        rows = await messages_to(self.house.store, address)
        return [row.text or str((row.intent or {}).get("say")) for row in rows]


async def waiting(house: House, language: str = "en") -> Desk:
    desk = Desk(house, await house.agent(role="supervisor"))
    for address in ("1", "2", "3"):
        await desk.says(address, "/human", language)
        house.clock.advance(MINUTE)
    return desk


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_who_waited_reads_it_at_once_and_stands_where_they_stood_when_it_is_undone(
    store: Store, language: str
) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        desk = await waiting(house, language)
        done = await desk.close(2)
        assert await desk.words_to("2") == [render(language, "wait_over_closed")]
        await desk.undo(done)
        await Places(store, house.clock, RULES).tell_all()
        (told,) = await desk.words_to("2")
        assert ("number 2" if language == "en" else "第 2 位") in told


async def test_who_writes_meanwhile_waits_again_with_all_the_time_they_waited(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        desk = await waiting(house)
        since = (await desk.one(2)).queued_at
        done = await desk.close(2)
        await desk.pass_time(MINUTE)
        await desk.says("2", "my order is from Tuesday")
        again = await desk.one(2)
        assert (again.status, again.queued_at, again.agent_id) == (Status.QUEUED, since, None)
        assert (again.resolved_at, again.resolved_by) == (None, None)
        closed, told = await desk.words_to("2")
        assert closed == render("en", "wait_over_closed")
        assert told.startswith("Your matter is open again")
        assert "number 2 in the queue" in told
        await desk.says("2", "hello?")
        assert len(await desk.words_to("2")) == 2, "they know already"
        async with store.read() as session:
            said = await session.scalars(select(Message).where(Message.author == "customer"))
            assert {one.conversation_id for one in said if one.lane == "telegram:2"} <= {2}
            open_ones = (Handoff.conversation_id == 2) & Handoff.ended_at.is_(None)
            assert list(await session.scalars(select(Handoff.reason).where(open_ones))) == ["reopened"]
            last = (
                select(StatusChange).where(StatusChange.conversation_id == 2).order_by(StatusChange.id.desc())
            )
            change = (await session.scalars(last)).first()
            assert change is not None
            assert (change.change, change.actor) == ("reopen", "customer")
        (refused,) = (await desk.undo(done)).refused
        assert refused.why == "went_on"
        await desk.pass_time(bulk.UNDO_FOR)
        assert len(await desk.words_to("2")) == 2, "nothing is closed, and nobody is asked for stars"


async def test_a_word_of_thanks_opens_nothing_and_neither_does_a_word_that_comes_late(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        desk = await waiting(house)
        await desk.close(2, 3)
        await desk.says("2", "thanks")
        assert (await desk.one(2)).status == Status.RESOLVED
        await desk.pass_time(bulk.UNDO_FOR)
        await desk.says("3", "still waiting here")
        assert (await desk.one(3)).status == Status.RESOLVED


async def test_who_was_closed_alone_is_answered_as_after_every_resolve(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        desk = await waiting(house)
        async with store.write() as session:
            await queue.resolve(session, 2, desk.ann, now=house.clock(), settings=RULES)
        await desk.says("2", "still waiting here")
        assert (await desk.one(2)).status == Status.RESOLVED


async def test_once_it_stands_who_waited_is_told_and_who_was_served_is_asked(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        desk = await waiting(house)
        async with store.write() as session:
            await conversations.reply(session, 1, desk.ann, "I am looking.", now=house.clock())
        await desk.pass_time(MINUTE)
        await desk.close(1, 2)
        before = [len(await desk.words_to(one)) for one in ("1", "2")]
        await desk.pass_time(bulk.UNDO_FOR)
        closed = render("en", "resolved", agent="Ann")
        served, waited = await desk.words_to("1"), await desk.words_to("2")
        assert served[before[0] :] == [closed, render("en", "ask_rating", aspect="the product")]
        assert waited[before[1] :] == [closed]
        async with store.read() as session:
            assert list(await session.scalars(select(RatingRequest.conversation_id))) == [1]
