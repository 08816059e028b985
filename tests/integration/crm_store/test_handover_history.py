"""Hand-overs read back for a replay: what the queue did is what a replay under the same rules does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from crm_store import handover_history, labels, queue, queue_hours, ranking, staff
from crm_store.calendars import Calendars
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.queue_policies import parse_policy
from crm_store.queue_replay import as_it_was, compare, replay
from crm_store.queueing import MINUTE
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from tests.admin_world import conversation
from tests.promise_stage import RULES, scene_of
from tests.query_counter import counted_queries

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = (NOON - DAY, NOON + DAY)
UNTIL = NOON + DAY


async def rush(store: Store, *priorities: int) -> None:
    """Who comes a minute after the other, with a priority; then an agent takes the next every seven minutes."""
    async with store.write() as session:
        ann = await staff.create_agent(session, name="Ann", role=Role.AGENT, now=NOON, capacity=99)
    for n, priority in enumerate(priorities):
        number = await conversation(
            store, NOON + n * MINUTE, text="this is terrible" if n % 3 == 0 else "hello"
        )
        async with store.write() as session:
            await session.execute(
                update(Conversation).where(Conversation.id == number).values(priority=priority)
            )
        async with store.write() as session:
            await ranking.rank_anew(session, number)
    for n in range(len(priorities)):
        async with store.write() as session:
            agent = await staff.get_agent(session, ann.id)
            assert await queue.take_next(session, agent, now=NOON + (len(priorities) + 7 * n) * MINUTE)


@pytest.mark.parametrize("hours", ["", "mon-sun 00:00-12:02 12:20-24:00"])
async def test_the_same_rules_give_what_was_stored(store: Store, hours: str) -> None:
    async with store.write() as session:
        await queue_hours.keep(session, Calendars(hours), now=NOON)
    await rush(store, 0, 3, -1, 0, 2, 1, 0)
    async with store.read() as session:
        waits, turns = await handover_history.read(session, *SPAN, until=UNTIL)
    stored = as_it_was(waits, UNTIL)
    assert replay(waits, turns, parse_policy("present"), UNTIL) == stored
    found = compare(waits, turns, (parse_policy("present"), parse_policy("first_come")), UNTIL)
    assert found.stored == found.before
    assert found.changes != []
    longest = max(one.wait for one in stored.values())  # who came third, taken last, at 12:49
    assert longest == (29 * MINUTE if hours else 47 * MINUTE)
    assert [one.waiting.mood < 0 for one in waits] == [n % 3 == 0 for n in range(7)]


async def test_who_came_back_keeps_the_place_and_who_left_is_not_taken(store: Store) -> None:
    await rush(store, 0)
    number = await conversation(store, NOON + 30 * MINUTE)
    async with store.write() as session:
        [ann] = await staff.page(session)
        boss = await staff.create_agent(session, name="Boss", role=Role.SUPERVISOR, now=NOON)
        await queue.release(session, 1, ann, now=NOON + 40 * MINUTE)
        await queue.resolve(session, number, boss, now=NOON + 50 * MINUTE, settings=StoreSettings())
    async with store.read() as session:
        waits, _ = await handover_history.read(session, *SPAN, until=UNTIL)
    again = next(one for one in waits if one.entered_at == NOON + 40 * MINUTE)
    assert again.waiting.queued_at == NOON
    assert (again.taken_at, again.left_at) == (None, None)
    left = next(one for one in waits if one.waiting.conversation_id == number)
    assert (left.taken_at, left.left_at) == (None, NOON + 50 * MINUTE)


async def test_words_said_later_are_not_known_then_and_queries_do_not_grow(store: Store) -> None:
    await rush(store, 0, 0)
    async with store.write() as session:
        late = Message(
            conversation_id=2, customer_id=2, author="customer", text="terrible awful", created_at=UNTIL
        )
        session.add(late)
    async with store.read() as session:
        with counted_queries(store) as few:
            waits, _ = await handover_history.read(session, *SPAN, until=UNTIL)
    assert waits[1].waiting.mood == 0
    for n in range(3):
        await conversation(store, NOON + n * MINUTE)
    async with store.read() as session:
        with counted_queries(store) as many:
            await handover_history.read(session, *SPAN, until=UNTIL)
    assert len(few) == len(many)


async def test_who_is_owed_a_next_reply_stands_in_the_replay_where_they_stood(store: Store) -> None:
    """Served, then given back with a question open: what was promised then put them before an urgent newcomer."""
    async with scene_of(store, RULES) as scene:
        begun = scene.house.clock()
        first = await scene.says("first", "/human")
        await scene.pass_minutes(1)
        await scene.reply(first)
        await scene.pass_minutes(1)
        await scene.says("first", "and how much is it?")
        await scene.pass_minutes(18)
        urgent = await scene.says("urgent", "/human")
        async with store.write() as session:
            await labels.change_labels(
                session, urgent, now=scene.house.clock(), settings=StoreSettings(), priority=3
            )
        await scene.pass_minutes(10)
        async with store.write() as session:
            await queue.release(session, first, scene.ann, now=scene.house.clock())
        for expected in (first, urgent):
            await scene.pass_minutes(1)
            async with store.write() as session:
                taken = await queue.take_next(session, scene.ann, now=scene.house.clock())
                assert taken is not None
                assert taken.id == expected
        until = scene.house.clock() + MINUTE
    async with store.read() as session:
        waits, turns = await handover_history.read(session, begun, until, until=until)
    found = compare(waits, turns, (parse_policy("present"), parse_policy("target 0, overdue 0")), until)
    assert found.stored == found.before
    assert replay(waits, turns, parse_policy("present"), until) == as_it_was(waits, until)
    assert [one.conversation_id for one in found.changes] == [first, urgent]
    assert next(one for one in found.groups if one.reason == "target").waited == 3
