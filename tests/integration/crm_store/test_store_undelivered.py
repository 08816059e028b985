"""A reply that did not reach the customer is no answer: whose turn it is, what is owed, and what the reports say."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from benchmarks.morning import figures
from crm_store import conversations, desk_cards, idling, inbox, outbox, promises, queue, timers, unanswered
from crm_store.engine import Store
from crm_store.human_times import measured
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Conversation, Handoff, Message, Promise, StatusChange
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.outbox import Sent, Unsent
from crm_store.settings import StoreSettings
from crm_store.staff import Role, create_agent
from crm_store.working_hours import ALWAYS
from tests.admin_world import conversation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = StoreSettings(
    response_targets="first 30m, next 30m",
    first_reply_minutes=10,
    handoff_notice_minutes=0,
    customer_silence_hours=24,
)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def taken(store: Store, name: str = "Ann") -> tuple[int, Agent]:
    number = await conversation(store, NOON)
    async with store.write() as session:
        ann = await create_agent(session, name=name, role=Role.AGENT, now=NOON)
        await queue.take(session, number, ann, now=NOON)
    await ends(store, at(0), arrives)
    return number, ann


async def reply(store: Store, number: int, by: Agent, when: datetime, text: str = "Here you are") -> int:
    async with store.write() as session:
        return (await conversations.reply(session, number, by, text, now=when)).id


def refused(message_id: int) -> Unsent:
    return Unsent(message_id, "dead", "Bad Request: message is too long", 1)


def blocked(message_id: int) -> Unsent:
    return Unsent(message_id, "dead", "Forbidden: bot was blocked by the user", 1)


async def ends(store: Store, when: datetime, how: Callable[[int], Sent | Unsent]) -> list[int]:
    """What is due is sent, and ends like that; which messages these were."""
    claimed = await store.transact(lambda c, _: outbox.claim(c, ["web"], now=when))
    for one in claimed:
        ended = how(one.id)
        if isinstance(ended, Unsent) and "blocked" in ended.error:
            ended = replace(ended, unreachable=(one.channel, one.address))
        sent, unsent = ([ended], []) if isinstance(ended, Sent) else ([], [ended])
        await store.transact(lambda c, _, s=sent, u=unsent: outbox.settle(c, s, u, now=when))  # type: ignore[misc]
    return [one.id for one in claimed]


def arrives(message_id: int) -> Sent:
    return Sent(message_id, f"p{message_id}")


async def row(store: Store, number: int) -> Conversation:
    async with store.read() as session:
        return await conversations.get(session, number)


async def owed(store: Store, number: int) -> dict[str, datetime | None]:
    async with store.read() as session:
        clocks = (await promises.clocks_of(session, [number]))[number]
    return {one.kind.value: one.ended_at for one in clocks}


async def look(store: Store, number: int, when: datetime) -> None:
    async with store.write() as session:
        await unanswered.look(session, number, now=when, settings=SETTINGS)


async def changes(store: Store, number: int) -> list[str]:
    async with store.read() as session:
        return [one.change for one in await inbox.changes(session, number)]


async def test_who_holds_it_has_the_turn_again(store: Store) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    assert (await row(store, number)).status == Status.WAITING_CUSTOMER
    await ends(store, at(3), refused)
    after = await row(store, number)
    assert (after.status, after.agent_id, after.first_reply_at) == (Status.ASSIGNED, ann.id, None)
    assert (await changes(store, number))[-1] == "undelivered"
    async with store.write() as session:
        assert ("unanswered", number) in [
            (one.kind, one.subject_id) for one in await timers.claim_due(session, now=at(3))
        ]
        assert await idling.close_silent(session, now=at(3000), settings=SETTINGS) == 0
        [line] = await inbox.lines(session, await inbox.held_by(session, ann.id))
        card = await desk_cards.card(session, number, now=at(3))
    assert (line.is_undelivered, line.is_holders_turn, len(line.unanswered)) == (True, True, 1)
    assert card.is_undelivered


async def test_what_never_arrived_keeps_no_promise_and_what_is_sent_again_does(store: Store) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    await look(store, number, at(2))
    await ends(store, at(3), refused)
    assert (await owed(store, number))["first"] is None
    await reply(store, number, ann, at(40))
    await ends(store, at(40), arrives)
    assert (await owed(store, number))["first"] == at(40)
    await look(store, number, at(41))
    async with store.read() as session:
        [kept] = await session.scalars(select(Promise.was_kept).where(Promise.kind == "first"))
    assert kept is False
    after = await row(store, number)
    assert (after.status, after.first_reply_at) == (Status.WAITING_CUSTOMER, at(40))


async def test_of_several_the_last_that_lives_is_the_answer(store: Store) -> None:
    number, ann = await taken(store)
    first = await reply(store, number, ann, at(2))
    await reply(store, number, ann, at(4))
    assert await ends(store, at(5), refused) == [first]
    assert (await row(store, number)).status == Status.WAITING_CUSTOMER
    assert (await owed(store, number))["first"] == at(4)
    await ends(store, at(6), arrives)
    after = await row(store, number)
    assert (after.status, after.first_reply_at) == (Status.WAITING_CUSTOMER, at(4))


async def test_more_words_that_die_leave_the_answer_standing(store: Store) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    await ends(store, at(2), arrives)
    await reply(store, number, ann, at(4))
    await ends(store, at(5), refused)
    after = await row(store, number)
    assert (after.status, after.first_reply_at) == (Status.ASSIGNED, at(2))
    assert (await owed(store, number))["first"] == at(2)
    await look(store, number, at(60))
    assert (await row(store, number)).status == Status.ASSIGNED  # the customer has an answer


@pytest.mark.parametrize("minutes", [12, 13.5])
async def test_the_time_for_a_first_reply_begins_again_when_it_came_to_nothing(
    store: Store, minutes: float
) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    await ends(store, at(3), refused)
    await look(store, number, at(minutes))
    held = await row(store, number)
    assert held.status == (Status.ASSIGNED if minutes < 13 else Status.QUEUED)
    assert held.queued_at == NOON


async def test_nobody_is_reminded_of_who_cannot_be_reached(store: Store) -> None:
    number, ann = await taken(store)
    other, dies = await conversation(store, NOON), await reply(store, number, ann, at(2))
    async with store.write() as session:
        await queue.take(session, other, ann, now=at(2))
        await conversations.reply(session, other, ann, "Hello", now=at(4))
    await ends(store, at(4), lambda one: blocked(one) if one == dies else arrives(one))
    await ends(store, at(4), arrives)
    after = await row(store, number)
    assert (after.status, after.agent_id) == (Status.WAITING_CUSTOMER, ann.id)
    assert (await changes(store, number))[-1] == "unreachable"
    await look(store, number, at(600))
    async with store.read() as session:
        assert not list(await session.scalars(select(Promise).where(Promise.breached_at.is_not(None))))
        held = await inbox.lines(session, await inbox.held_by(session, ann.id))
        handoffs = list(await session.scalars(select(Handoff).where(Handoff.ended_at.is_(None))))
    assert [(one.conversation.id, one.is_holders_turn) for one in held] == [(number, True), (other, False)]
    assert handoffs == []
    async with store.write() as session:
        await queue.resolve(session, number, ann, now=at(601), settings=SETTINGS)
        person = (await session.get_one(Conversation, number)).identity_id
        assert not (await session.get_one(Identity, person)).is_reachable
        asked = select(Message).where(Message.conversation_id == number, Message.author == "system")
        assert len(list(await session.scalars(asked))) <= 2  # no stars are asked for


async def test_who_can_be_reached_again_still_has_no_answer(store: Store) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    await ends(store, at(3), blocked)
    await look(store, number, at(4))
    assert (await row(store, number)).status == Status.WAITING_CUSTOMER
    async with store.write() as session:
        person = await session.get_one(Conversation, number)
        (await session.get_one(Identity, person.identity_id)).is_reachable = True
    await look(store, number, at(5))
    after = await row(store, number)
    assert (after.status, after.agent_id) == (Status.ASSIGNED, ann.id)
    async with store.write() as session:
        assert await idling.close_silent(session, now=at(10**5), settings=SETTINGS) == 0


async def fails(store: Store, *ids: int) -> None:
    await store.transact(lambda c, _: outbox.claim(c, ["web"], now=at(2)))
    lost = [refused(one) for one in ids]
    await store.transact(lambda c, _: outbox.settle(c, [], lost, now=at(3)))


async def test_a_reply_written_while_the_one_before_comes_to_nothing_is_the_answer(store: Store) -> None:
    number, ann = await taken(store)
    first, writing = await reply(store, number, ann, at(1)), asyncio.Event()

    async def writes() -> None:
        async with store.write() as session:
            await conversations.reply(session, number, ann, "again", now=at(3))
            writing.set()
            await asyncio.sleep(0.2)  # the other waits for the conversation meanwhile

    async def dies() -> None:
        await writing.wait()
        await fails(store, first)

    await asyncio.gather(writes(), dies())
    assert (await row(store, number)).status == Status.WAITING_CUSTOMER


async def test_conversations_are_locked_in_everybodys_order(store: Store) -> None:
    one, ann = await taken(store)
    other, ben = await taken(store, "Ben")
    later, holding = await reply(store, other, ben, at(1)), asyncio.Event()
    sooner = await reply(store, one, ann, at(1))

    async def holds() -> None:
        async with store.write() as session:
            await conversations.get(session, one, lock=True)
            holding.set()
            await asyncio.sleep(0.2)
            await conversations.get(session, other, lock=True)
            message = update(Message).where(Message.id.in_((sooner, later)))
            await session.execute(message.values(platform_id="x"))

    async def die() -> None:
        await holding.wait()
        await fails(store, later, sooner)

    await asyncio.gather(holds(), die())
    assert [(await row(store, number)).status for number in (one, other)] == [Status.ASSIGNED] * 2


async def test_reports_and_plain_sql_agree(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("the plain SQL is SQLite's")
    for dies in (refused, blocked):
        number, ann = await taken(store, dies.__name__)
        await reply(store, number, ann, at(2))
        await ends(store, at(5), dies)
        await reply(store, number, ann, at(9))
        await ends(store, at(9), arrives)
        async with store.write() as session:
            await queue.resolve(session, number, ann, now=at(11), settings=SETTINGS)
        never, ann = await taken(store, f"{dies.__name__} for ever")
        await reply(store, never, ann, at(2))
        await ends(store, at(5), dies)
        async with store.write() as session:
            await queue.resolve(session, never, ann, now=at(20), settings=SETTINGS)
    async with store.read() as session:
        told = await measured(session, at(-1), at(60), lambda _: ALWAYS)
    span = ("2026-03-02 11:00:00.000000", "2026-03-02 13:00:00.000000")
    ours = figures.computed(store.url.database, *span)
    minutes = [one.total_seconds() / 60 for one in told.first_responses]
    assert minutes == [9.0, 5.0]
    assert ours["first_response.measured"] == 2
    assert ours["first_response.median"] == pytest.approx(7 * 60)
    assert ours["resolution.measured"] == len(told.resolutions) == 2
    assert (ours["closed_unserved"], told.unserved) == (2, 2)


async def test_it_is_written_down_as_nobodys_act(store: Store) -> None:
    number, ann = await taken(store)
    await reply(store, number, ann, at(2))
    await ends(store, at(3), refused)
    async with store.read() as session:
        what = StatusChange.change == Change.UNDELIVERED
        [told] = await session.scalars(select(StatusChange).where(what))
    assert (told.actor, told.from_status, told.to_status) == ("system", "waiting_customer", "assigned")
