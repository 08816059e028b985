"""The queue's stored order: ranked when somebody comes into it, and whenever what speaks for them changes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations, queue, ranking
from crm_store.engine import Store
from crm_store.lifecycle import Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.models.staff import Agent
from tests.house import NOON
from tests.query_counter import counted_queries

MINUTE = timedelta(minutes=1)


async def _somebody(session: AsyncSession, since: datetime) -> int:
    customer = Customer(created_at=since, updated_at=since)
    session.add(customer)
    await session.flush()
    return customer.id


async def waits(
    store: Store,
    address: str,
    since: datetime,
    *words: str,
    customer_id: int | None = None,
    **columns: object,
) -> int:
    """A conversation that was handed over at that time, after these words."""
    async with store.write() as session:
        if customer_id is None:
            customer_id = await _somebody(session, since)
        identity = Identity(
            customer_id=customer_id, channel="web", address=address, created_at=since, last_seen_at=since
        )
        session.add(identity)
        await session.flush()
        made = Conversation(
            customer_id=customer_id,
            identity_id=identity.id,
            channel="web",
            created_at=since,
            last_message_at=since,
            **columns,
        )
        session.add(made)
        await session.flush()
        said = {
            "conversation_id": made.id,
            "customer_id": customer_id,
            "author": "customer",
            "created_at": since,
        }
        if words:
            await session.execute(insert(table_of(Message)), [{**said, "text": each} for each in words])
        await conversations.change(
            session, made, Change.HANDOFF, actor="customer", now=since, queued_at=since
        )
    return made.id


async def the_order(store: Store, now: datetime = NOON) -> list[int]:
    async with store.read() as session:
        return [entry.conversation.id for entry in await queue.listing(session, now=now)]


async def told(store: Store, number: int) -> dict[str, int]:
    """Reason and points of one that waits, besides its wait."""
    async with store.read() as session:
        kept = await conversations.get(session, number)
        entry = await queue.place(session, kept, now=NOON)
    assert entry is not None
    assert entry.why_next[0].reason == "waiting"
    assert entry.points == pytest.approx((NOON - (kept.queued_at or NOON)) / MINUTE + sum(
        why.points for why in entry.why_next[1:]
    ))  # fmt: skip
    return {why.reason: why.points for why in entry.why_next[1:]}


async def test_the_upset_and_the_urgent_wait_less_and_it_is_said_why(store: Store) -> None:
    calm = await waits(store, "calm", NOON - 10 * MINUTE, "where is my parcel")
    upset = await waits(store, "upset", NOON - 8 * MINUTE, "This is a SCAM!!!", "worst shop, I will sue")
    urgent = await waits(store, "urgent", NOON - 2 * MINUTE, priority=2)
    assert await the_order(store) == [urgent, upset, calm]
    assert await the_order(store, NOON + timedelta(days=3)) == [urgent, upset, calm]
    assert await told(store, calm) == {}
    assert await told(store, urgent) == {"priority": 30}
    found = await told(store, upset)
    assert set(found) == {"mood"}
    assert found["mood"] > 2


async def test_a_customer_of_worth_who_comes_back_is_known(store: Store) -> None:
    first = await waits(store, "first", NOON - timedelta(days=1))
    async with store.write() as session:
        ann = Agent(name="Ann", role="agent", created_at=NOON)
        session.add(ann)
        await session.flush()
        closed = await queue.take(session, first, ann, now=NOON - timedelta(days=1))
        await session.execute(update(Conversation).where(Conversation.id == first).values(
            status=Status.RESOLVED, resolved_at=NOON - timedelta(hours=20)))  # fmt: skip
    back = await waits(store, "again", NOON - MINUTE, customer_id=closed.customer_id)
    assert await told(store, back) == {"repeat": 5}
    async with store.write() as session:
        run = ScoreRun(as_of=NOON, window_days=365, computed_at=NOON, versions={})
        session.add(run)
        await session.flush()
        session.add(
            CustomerScore(run_id=run.id, customer_id=closed.customer_id, values={"value": {"index": 82.0}})
        )
        assert await ranking.rank_all(session) == 1
    assert await told(store, back) == {"repeat": 5, "value": 8}


async def test_agents_take_what_they_speak_and_serve_in_the_order(store: Store) -> None:
    billing = await waits(store, "1", NOON - 9 * MINUTE, team="billing")
    chinese = await waits(store, "2", NOON - 8 * MINUTE, language="zh")
    anything = await waits(store, "3", NOON - 7 * MINUTE)
    more = await waits(store, "4", NOON - 6 * MINUTE, team="billing")
    people = {
        "Zhao": {"languages": ["zh"]},
        "Ben": {"languages": ["en"], "team": "returns"},
        "Bea": {"skills": ["billing"]},
        "Any": {},
    }
    taken = {}
    async with store.write() as session:
        for name, has in people.items():
            agent = Agent(name=name, role="agent", created_at=NOON, **has)
            session.add(agent)
            await session.flush()
            taken[name] = await queue.take_next(session, agent, now=NOON)
    assert {name: each and each.id for name, each in taken.items()} == {
        "Zhao": chinese, "Ben": anything, "Bea": billing, "Any": more,
    }  # fmt: skip


async def test_who_is_given_back_stands_where_they_stood(store: Store) -> None:
    ids = [await waits(store, str(n), NOON - n * MINUTE) for n in (5, 4, 3)]
    async with store.write() as session:
        ann = Agent(name="Ann", role="agent", created_at=NOON)
        session.add(ann)
        await session.flush()
        await queue.take(session, ids[1], ann, now=NOON)
        given = await queue.release(session, ids[1], ann, now=NOON + 30 * MINUTE)
        entry = await queue.place(session, given, now=NOON)
    assert entry is not None
    assert entry.position == 2
    assert await the_order(store) == ids


async def test_taking_costs_the_same_however_many_wait(store: Store) -> None:
    costs = []
    for count in (2, 60):
        for n in range(count):
            await waits(store, f"{count}-{n}", NOON - n * MINUTE)
        async with store.write() as session:
            ann = Agent(name=f"Ann {count}", role="agent", created_at=NOON)
            session.add(ann)
            await session.flush()
            with counted_queries(store) as queries:
                assert await queue.take_next(session, ann, now=NOON) is not None
        costs.append(len(queries))
    assert costs[0] == costs[1]


async def test_the_next_is_found_in_the_index(sqlite_store: Store) -> None:
    first = "SELECT id FROM conversation WHERE status = 'queued' ORDER BY ranked_at, queued_at, id LIMIT 1"
    async with sqlite_store.read() as session:
        plan = " ".join(str(row) for row in await session.execute(text(f"EXPLAIN QUERY PLAN {first}")))
    assert "ix_conversation_status_ranked_at" in plan
    assert "TEMP B-TREE" not in plan
