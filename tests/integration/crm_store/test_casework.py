"""Put aside, handed to a team, labelled, merged, taken back: on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_store import (
    conversations,
    joining,
    labels,
    merging,
    outbox,
    queue,
    snoozing,
    staff,
    taking_back,
    timers,
)
from crm_store.engine import Store
from crm_store.errors import Conflict, IllegalTransition, InvalidValue, NotFound
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff, Message
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from tests.admin_world import conversation, visitor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


async def agent(store: Store, name: str = "Ann", **values: Any) -> Agent:
    async with store.write() as session:
        return await staff.create_agent(session, name=name, role=Role.AGENT, now=NOON, **values)


async def row(store: Store, number: int) -> Conversation:
    async with store.read() as session:
        return await conversations.get(session, number)


async def take(store: Store, number: int, by: Agent) -> None:
    async with store.write() as session:
        await queue.take(session, number, by, now=NOON)


async def test_a_snoozed_conversation_comes_back_at_its_old_place_and_waits_for_somebody(
    store: Store,
) -> None:
    ann, number = await agent(store), await conversation(store, NOON)
    await take(store, number, ann)
    async with store.write() as session:
        await snoozing.snooze(session, number, ann, until=LATER, now=NOON)
    aside = await row(store, number)
    assert (aside.status, aside.agent_id, aside.snoozed_until) == (Status.SNOOZED, None, LATER)
    async with store.write() as session:
        due = await timers.claim_due(session, now=LATER)
        assert ("wake_snoozed", number) in [(timer.kind, timer.subject_id) for timer in due]
        assert await queue.wake(session, number, now=LATER)
    back = await row(store, number)
    assert (back.status, back.queued_at) == (Status.QUEUED, NOON)
    async with store.write() as session:
        open_ones = list(await session.scalars(select(Handoff.reason).where(Handoff.ended_at.is_(None))))
        due = await timers.claim_due(session, now=LATER)
    assert open_ones == ["woken"]
    assert [timer.kind for timer in due] == ["unanswered"]


@pytest.mark.parametrize("until", [NOON, NOON - timedelta(days=1), NOON + timedelta(days=400)])
async def test_a_time_that_cannot_be_is_refused(store: Store, until: datetime) -> None:
    ann, number = await agent(store), await conversation(store, NOON)
    async with store.write() as session:
        with pytest.raises(InvalidValue):
            await snoozing.snooze(session, number, ann, until=until, now=NOON)


async def test_others_cannot_put_aside_what_somebody_holds(store: Store) -> None:
    ann, ben, number = await agent(store), await agent(store, "Ben"), await conversation(store, NOON)
    await take(store, number, ann)
    async with store.write() as session:
        with pytest.raises(Conflict, match="Ann has this conversation"):
            await snoozing.snooze(session, number, ben, until=LATER, now=NOON)


@pytest.mark.parametrize("is_held", [True, False])
async def test_a_team_gets_it_at_its_old_place(store: Store, is_held: bool) -> None:
    ann, number = await agent(store), await conversation(store, NOON)
    await agent(store, "Ben", team="Repairs")
    if is_held:
        await take(store, number, ann)
    async with store.write() as session:
        assert await snoozing.teams(session) == ["Repairs"]
        await snoozing.transfer_to_team(
            session, number, by=ann, team=" Repairs ", note_text="a lamp", now=LATER
        )
    moved = await row(store, number)
    assert (moved.status, moved.team, moved.agent_id, moved.queued_at) == (
        Status.QUEUED,
        "Repairs",
        None,
        NOON,
    )
    async with store.write() as session:
        said = await conversations.messages(session, number)
        assert [m.text for m in said if m.is_note] == ["a lamp"]
        with pytest.raises(Conflict, match="Repairs has this"):
            await snoozing.transfer_to_team(session, number, by=ann, team="Repairs", now=LATER)


async def test_priority_moves_a_waiting_conversation_at_once(store: Store) -> None:
    first = await conversation(store, NOON)
    second = await conversation(store, NOON + timedelta(minutes=1))
    async with store.write() as session:
        changed = await labels.change_labels(
            session,
            second,
            now=LATER,
            settings=StoreSettings(),
            priority=2,
            tags=["VIP", "vip ", "Late  parcel"],
            attributes={"size": 4, "x": ""},
        )
        assert (changed.tags, changed.attributes) == (["vip", "late parcel"], {"size": 4})
        assert [entry.conversation.id for entry in await queue.listing(session, now=LATER)] == [second, first]
        assert await labels.known_tags(session) == ["late parcel", "vip"]


@pytest.mark.parametrize(
    "values",
    [{"priority": 9}, {"tags": ["x" * 33]}, {"tags": [str(n) for n in range(21)]}, {"tags": ["a,b"]},
     {"attributes": {"<b>": 1}}, {"attributes": {"a": "x" * 501}}],
)  # fmt: skip
async def test_labels_that_cannot_be(store: Store, values: dict[str, Any]) -> None:
    number = await conversation(store, NOON)
    async with store.write() as session:
        with pytest.raises(InvalidValue):
            await labels.change_labels(session, number, now=NOON, settings=StoreSettings(), **values)


async def two_of_one(store: Store) -> tuple[int, int]:
    """The ids of a resolved conversation of a customer and of a later open one."""
    owner = await visitor(store, NOON)
    ann = await agent(store, "Zoe")
    old = await conversation(store, NOON, customer_id=owner, text="old words")
    async with store.write() as session:
        found = await conversations.get(session, old)
        found.status, found.agent_id, found.resolved_at = Status.RESOLVED, ann.id, NOON
    return old, await conversation(store, LATER, customer_id=owner, text="new words")


async def words(store: Store, number: int) -> list[str]:
    async with store.read() as session:
        return [m.text or m.intent["say"] for m in await conversations.messages(session, number)]  # type: ignore[index]


async def test_a_merged_conversation_reads_as_one_and_comes_apart_again(store: Store) -> None:
    ann = await agent(store)
    old, new = await two_of_one(store)
    async with store.write() as session:
        with pytest.raises(Conflict, match="keep the open one"):
            await joining.merge(session, kept_id=old, merged_id=new, by=ann, now=LATER)
        assert [one.id for one in await joining.others(session, await conversations.get(session, new))] == [
            old
        ]
        done = await joining.merge(session, kept_id=new, merged_id=old, by=ann, now=LATER)
    assert await words(store, new) == ["old words", "new words", "merged_in"]
    assert await words(store, old) == []
    async with store.write() as session:
        assert await joining.others(session, await conversations.get(session, new)) == []
        await joining.undo(session, done.id, by=ann, now=LATER, settings=StoreSettings())
        with pytest.raises(Conflict, match="undone already"):
            await joining.undo(session, done.id, by=ann, now=LATER, settings=StoreSettings())
        assert await joining.of_conversation(session, new) == []
    assert await words(store, old) == ["old words"]
    assert await words(store, new) == ["new words", "merged_in", "merge_undone"]


async def two_open(store: Store, *, second_is_queued: bool = True) -> tuple[int, int]:
    """Two conversations of one person, come in on two addresses; in the first they have waited for ten minutes."""
    earlier = NOON - timedelta(minutes=10)
    owners = await visitor(store, earlier), await visitor(store, NOON)
    first = await conversation(store, earlier, customer_id=owners[0], text="first")
    second = await conversation(store, NOON, customer_id=owners[1], text="second", queued=second_is_queued)
    async with store.write() as session:
        await merging.merge(session, kept_id=owners[0], merged_id=owners[1], now=NOON, merged_by="Ann")
    return first, second


async def test_who_waits_is_not_merged_into_what_the_bot_holds(store: Store) -> None:
    ann = await agent(store)
    waiting, with_bot = await two_open(store, second_is_queued=False)
    async with store.write() as session:
        with pytest.raises(Conflict, match=f"keep the one that people serve, {waiting}"):
            await joining.merge(session, kept_id=with_bot, merged_id=waiting, by=ann, now=NOON)
        await joining.merge(session, kept_id=waiting, merged_id=with_bot, by=ann, now=NOON)
    assert (await row(store, waiting)).status == Status.QUEUED


async def test_who_waited_longer_keeps_their_place_in_the_merged_one(store: Store) -> None:
    ann = await agent(store)
    first, second = await two_open(store)
    async with store.write() as session:
        before = {each: (await conversations.get(session, each)).queued_at for each in (first, second)}
        done = await joining.merge(session, kept_id=second, merged_id=first, by=ann, now=NOON)
        assert [one.conversation.id for one in await queue.listing(session, now=NOON)] == [second]
    assert (await row(store, second)).queued_at == NOON - timedelta(minutes=10)
    async with store.write() as session:
        await joining.undo(session, done.id, by=ann, now=NOON, settings=StoreSettings())
        assert [one.conversation.id for one in await queue.listing(session, now=NOON)] == [first, second]
    assert {each: (await row(store, each)).queued_at for each in before} == before


@pytest.mark.parametrize("rest", ["answered", "aside"])
async def test_unanswered_words_wake_the_conversation_they_move_into(store: Store, rest: str) -> None:
    ann = await agent(store)
    first, second = await two_open(store)
    await take(store, second, ann)
    async with store.write() as session:
        if rest == "answered":
            await conversations.reply(session, second, ann, "Hello", now=NOON)
        else:
            await snoozing.snooze(session, second, ann, until=LATER, now=NOON)
        await joining.merge(session, kept_id=second, merged_id=first, by=ann, now=NOON)
    woken = await row(store, second)
    assert (woken.status, woken.agent_id) == (
        (Status.ASSIGNED, ann.id) if rest == "answered" else (Status.QUEUED, None)
    )
    async with store.write() as session:
        due = await timers.claim_due(session, now=NOON)
    assert ("unanswered", second) in [(timer.kind, timer.subject_id) for timer in due]


async def test_conversations_of_two_people_are_not_merged(store: Store) -> None:
    ann, one, two = await agent(store), await conversation(store, NOON), await conversation(store, NOON)
    async with store.write() as session:
        for kept, merged in ((one, two), (one, one)):
            with pytest.raises(InvalidValue):
                await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=NOON)


async def held_reply(store: Store, number: int, by: Agent) -> Message:
    async with store.write() as session:
        message = await conversations.reply(session, number, by, "Oh no", now=NOON)
        await taking_back.hold_back(session, message, by, now=NOON)
    return message


async def claimed(store: Store, now: datetime) -> list[str]:
    return [
        one.text or "system" for one in await store.transact(lambda c, _: outbox.claim(c, ["web"], now=now))
    ]


async def test_a_held_back_reply_is_not_sent_before_its_time_and_can_be_taken_back(store: Store) -> None:
    ann = await agent(store, undo_s=15)
    number = await conversation(store, NOON)
    async with store.write() as session:  # nothing else is to be sent before it
        await queue.take(session, number, ann, now=NOON)
    assert await claimed(store, NOON) == ["system"]
    await store.transact(lambda c, _: outbox.settle(c, [outbox.Sent(2, "x")], [], now=NOON))
    message = await held_reply(store, number, ann)
    assert await claimed(store, NOON + timedelta(seconds=14)) == []
    assert (await row(store, number)).first_reply_at == NOON
    async with store.write() as session:
        taken = await taking_back.take_back(session, message.id, ann, now=NOON + timedelta(seconds=14))
    assert (taken.text, taken.conversation_id) == ("Oh no", number)
    after = await row(store, number)
    assert (after.status, after.agent_id, after.first_reply_at) == (Status.ASSIGNED, ann.id, None)
    assert await claimed(store, LATER) == []


async def test_what_is_on_its_way_is_not_taken_back(store: Store) -> None:
    ann, ben = await agent(store, undo_s=15), await agent(store, "Ben", undo_s=0)
    number = await conversation(store, NOON)
    message = await held_reply(store, number, ann)
    async with store.write() as session:
        with pytest.raises(NotFound):
            await taking_back.take_back(session, message.id, ben, now=NOON)
        with pytest.raises(Conflict, match="on its way"):
            await taking_back.take_back(session, message.id, ann, now=NOON + timedelta(seconds=15))
    other = await conversation(store, NOON)
    at_once = await held_reply(store, other, ben)
    async with store.write() as session:
        with pytest.raises(Conflict):
            await taking_back.take_back(session, at_once.id, ben, now=NOON)


async def test_a_resolved_conversation_is_not_put_aside(store: Store) -> None:
    ann = await agent(store)
    old, _ = await two_of_one(store)
    async with store.write() as session:
        ann.role = "admin"
        with pytest.raises(IllegalTransition):
            await snoozing.snooze(session, old, ann, until=LATER, now=NOON)
