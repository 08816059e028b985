"""Calls that one act makes, and those for one agent alone: which is claimed, where, and what it settles."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from crm_store import desk, desk_given, desk_load, desk_posts, queue_lines
from crm_store.desk_given import Called
from crm_store.desk_load import Load
from crm_store.desk_posts import Claimed
from crm_store.engine import Store
from crm_store.models.conversations import Assignment, Conversation
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from tests.integration.crm_store.test_standing_queries import plan
from tests.integration.crm_store.test_store_desk_load import NOON, SOON, people
from tests.query_counter import counted_queries

LATER = NOON + timedelta(minutes=1)


async def given(store: Store, *, now: datetime = NOON, kind: str = desk.GIVEN, count: int = 3) -> Agent:
    """One act gave so many to Ann, whose own chat is 71."""
    async with store.write() as session:
        ann = (await session.scalars(select(Agent))).one()
        for number in range(1, count + 1):
            one = await session.get_one(Conversation, number)
            one.status, one.agent_id = "assigned", ann.id
            await desk.call(session, one, kind, ann, now=now)
    return ann


async def claim(
    store: Store, chat: str = "-1", chats: Collection[str] = (), behind: Collection[int] = ()
) -> list[Claimed]:
    async with store.write() as session:
        return await desk_posts.claim(session, chat=chat, chats=list(chats), now=SOON, behind=behind)


async def test_the_last_tells_of_all_and_settles_them(store: Store) -> None:
    await people(store, 3)
    await given(store)
    posts = await claim(store)
    assert [one.customer_id for one in posts] == [3]
    assert await claim(store) == []
    async with store.write() as session:
        assert await desk_given.called(session, posts[0]) == Called("Ann", 71)
        told = await desk_given.together(session, posts[0], chat="-1")
        assert [one.name for one in told] == ["C1", "C2", "C3"]
        await desk_posts.mark_sent(session, [posts[0].id], platform_id="5")
        await desk_given.mark_told(session, posts)
    async with store.read() as session:
        assert await desk_posts.unsent(session) == 0


async def test_another_act_is_told_by_itself(store: Store) -> None:
    await people(store, 4)
    await given(store)
    await given(store, now=LATER, count=1)
    async with store.write() as session:
        found = [await desk_posts.claim(session, chat="-1", now=LATER) for _ in range(3)]
        told = [await desk_given.together(session, one, chat="-1") for posts in found for one in posts]
    assert [[(one.customer_id, one.created_at) for one in posts] for posts in found] == [
        [(3, NOON)],
        [(1, LATER)],
        [],
    ]
    assert [[one.conversation_id for one in act] for act in told] == [[1, 2, 3], [1]]


@pytest.mark.parametrize("how", ["erased", "resolved", "answered", "taken", "fails", "follows", "behind"])
async def test_where_the_last_does_not_come_the_one_before_it_tells(store: Store, how: str) -> None:
    await people(store, 3)
    await given(store)
    async with store.write() as session:
        one = await session.get_one(Conversation, 3)
        waits = update(DeskPost).where(DeskPost.customer_id == 3)
        if how == "erased":
            await session.execute(delete(Customer).where(Customer.id == 3))
        elif how == "resolved":
            one.status = "resolved"
        elif how == "answered":
            one.status = "waiting_customer"
        elif how == "taken":
            other = Agent(name="Cid", role="agent", created_at=NOON)
            session.add(other)
            await session.flush()
            one.agent_id = other.id
        elif how in ("fails", "follows"):
            values = {"attempts": 1, "next_try_at": LATER}
            await session.execute(waits.values(values if how == "fails" else {"id": 99}))
            if how == "follows":  # what is said before it waits
                first = {"conversation_id": 3, "customer_id": 3, "kind": "notice", "delivery": "pending"}
                session.add(DeskPost(id=50, created_at=NOON, text="", **first, **values))
    posts = await claim(store, behind=[3] if how == "behind" else ())
    assert [one.customer_id for one in posts] == [2]


@pytest.mark.parametrize("kind", desk.FOR_ONE)
async def test_what_is_for_one_agent_goes_into_their_own_chat(store: Store, kind: str) -> None:
    chats = ["-1", "71", "73"]
    await people(store, 3)
    async with store.write() as session:
        ann = (await session.scalars(select(Agent))).one()
        ben = Agent(name="Ben", role="agent", telegram_user_id=74, created_at=NOON)
        session.add(ben)
        await session.flush()
        for number, agent in ((2, ann), (3, ben)):
            one = await session.get_one(Conversation, number)
            await desk.call(session, one, kind, agent, now=NOON)
            await desk.post(session, one, "card", now=NOON)
        loads = [await desk_load.load(session, chat=chat, chats=chats, now=SOON) for chat in chats]
    assert loads == [Load(1, 1, 1), Load(1 if kind in desk_load.CALLS else 0, *(2 * [int(kind in desk_load.CALLS)])),
                     Load(1, 1, 1)]  # fmt: skip
    found = {chat: [(one.customer_id, one.kind) for one in await claim(store, chat, chats)] for chat in chats}
    assert found == {"-1": [(3, kind), (3, "card")], "71": [(2, kind)], "73": [(2, "card")]}


async def test_a_call_reaches_its_agent_by_the_name_and_in_the_chat_they_have_by_then(store: Store) -> None:
    chats = ["-1", "71", "73"]
    await people(store, 3)
    async with store.write() as session:
        ann = (await session.scalars(select(Agent))).one()
        await desk.call(
            session, await session.get_one(Conversation, 2), desk.RELIEVED, ann, now=NOON, minutes=5
        )
        ann.name, ann.telegram_user_id = "Anna", 73
    assert [await claim(store, chat, chats) for chat in ("-1", "71")] == [[], []]
    [post] = await claim(store, "73", chats)
    assert (post.agent_id, post.text) == (ann.id, '{"minutes": 5}')
    async with store.read() as session:
        assert await desk_given.called(session, post) == Called("Anna", 73)


async def test_calls_are_found_among_calls_that_wait_not_among_all_that_waits(sqlite_store: Store) -> None:
    await people(sqlite_store, 3)
    await given(sqlite_store)
    with counted_queries(sqlite_store) as sent:
        assert [one.customer_id for one in await claim(sqlite_store)] == [3]
    [query] = [one for one in sent if "FROM desk_post" in one]
    steps = await plan(sqlite_store, query)
    before = steps[: steps.index("SCAN last_of_act")]
    assert [step for step in before if "ix_desk_post_unsent_call (kind=?" in step]


async def test_who_works_and_never_said_where_they_are(store: Store) -> None:
    """Ann is linked in Telegram; Ben has held a conversation; Cid has done neither; Dan has said that he is gone."""
    await people(store, 1)
    async with store.write() as session:
        ben, cid, dan = (Agent(name=name, role="agent", created_at=NOON) for name in ("Ben", "Cid", "Dan"))
        dan.seen_at = datetime(2026, 3, 1, tzinfo=UTC)
        session.add_all([ben, cid, dan])
        await session.flush()
        for agent in (ben, dan):
            held = Assignment(conversation_id=1, agent_id=agent.id, reason="take", assigned_at=NOON)
            session.add(held)
    async with store.read() as session:
        found = await (await session.connection()).run_sync(queue_lines.staff, NOON)
        names = await session.scalars(select(Agent.name).where(Agent.id.in_(found.untold)).order_by(Agent.id))
        assert list(names) == ["Ann", "Ben"]
