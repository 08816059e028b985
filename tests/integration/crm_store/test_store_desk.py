"""What the staff group's outbox does, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm_store import (
    conversations,
    desk,
    desk_failed,
    desk_outlived,
    desk_posts,
    desk_topics,
    rewording,
    seen,
    staff,
)
from crm_store.desk_topics import Place
from crm_store.desk_turns import SPARE
from crm_store.engine import Store
from crm_store.errors import InvalidValue
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from tests.query_counter import counted_queries

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHAT = "-100"


async def people(store: Store, count: int = 2) -> None:
    """Customers 1..count with a waiting conversation each of the same number, and the agent Ann."""
    async with store.write() as session:
        await desk.set_groups(session, [CHAT])
        await staff.create_agent(session, name="Ann", role=staff.Role.AGENT, now=NOON)
        for number in range(1, count + 1):
            session.add(Customer(name=f"C{number}", created_at=NOON, updated_at=NOON))
            await session.flush()
            session.add(
                Identity(
                    customer_id=number,
                    channel="telegram",
                    address=str(number),
                    created_at=NOON,
                    last_seen_at=NOON,
                )
            )
            await session.flush()
            session.add(
                Conversation(
                    customer_id=number,
                    identity_id=number,
                    channel="telegram",
                    status="queued",
                    queued_at=NOON,
                    created_at=NOON,
                    last_message_at=NOON,
                )
            )
            await session.flush()


async def add(store: Store, *posts: tuple[int, str]) -> None:
    async with store.write() as session:
        for customer, kind in posts:
            await desk_posts.add(session, conversation_id=customer, customer_id=customer, kind=kind, now=NOON)


async def claim(store: Store, now: datetime = NOON) -> list[tuple[int, str]]:
    async with store.write() as session:
        return [(p.customer_id, p.kind) for p in await desk_posts.claim(session, chat=CHAT, now=now)]


async def test_posts_are_claimed_customer_by_customer(store: Store) -> None:
    await people(store)
    await add(store, (1, "message"), (2, "message"), (1, "card"), (1, "notice"))
    assert await claim(store) == [(1, "message"), (1, "card"), (1, "notice")]
    assert await claim(store) == [(2, "message")]
    assert await claim(store) == []


async def test_a_card_that_is_only_redrawn_comes_last(store: Store) -> None:
    await people(store)
    async with store.write() as session:
        await desk_topics.keep(session, CHAT, Place(1, "7", "8"), now=NOON)
        (await session.get_one(Conversation, 1)).status = "assigned"
        await session.flush()
    await add(store, (1, "card"), (2, "message"))
    assert [await claim(store), await claim(store)] == [[(2, "message")], [(1, "card")]]


async def test_a_card_for_which_there_is_nothing_to_spare_is_left_and_keeps_nobody_waiting(
    store: Store,
) -> None:
    """Its words go alone; once there is something to spare, or an agent presses a button, it is drawn."""
    await people(store)
    async with store.write() as session:
        await desk_topics.keep(session, CHAT, Place(1, "7", "8"), now=NOON)
        about: dict[str, int] = {"conversation_id": 1, "customer_id": 1}
        await desk_posts.add(session, **about, kind="card", text=SPARE, now=NOON)
        await desk_posts.add(session, **about, kind="message", now=NOON)
    claimed = []
    for has_spare in (False, False, True):
        async with store.write() as session:
            posts = await desk_posts.claim(session, chat=CHAT, now=NOON, has_spare=has_spare)
            claimed.append([post.kind for post in posts])
    assert claimed == [["message"], [], ["card"]]


async def test_words_for_who_is_served_go_before_a_rush_of_new_ones_and_nobody_is_left_behind(
    store: Store,
) -> None:
    await people(store, 3)
    async with store.write() as session:
        await desk_topics.keep(session, CHAT, Place(3, "7", "8"), now=NOON)
        (await session.get_one(Conversation, 3)).status = "assigned"
    await add(store, (1, "card"), (2, "card"), (3, "message"))
    assert await claim(store) == [(3, "message")]
    await add(store, (3, "message"))
    async with store.write() as session:
        (oldest,) = await desk_posts.claim(session, chat=CHAT, now=NOON, in_turn=True)
    assert oldest.customer_id == 1
    assert [await claim(store), await claim(store)] == [[(3, "message")], [(2, "card")]]


async def test_the_card_that_was_pressed_goes_first_and_nobody_is_left_behind(store: Store) -> None:
    await people(store, 4)
    async with store.write() as session:
        for number in (1, 2, 3):
            await desk_topics.keep(session, CHAT, Place(number, f"7{number}", f"8{number}"), now=NOON)
            (await session.get_one(Conversation, number)).status = "assigned"
    await add(store, (1, "card"), (2, "message"), (3, "message"), (3, "card"), (4, "card"))
    async with store.write() as session:
        await desk_posts.hurry(session, 3)
        await desk_posts.hurry(session, 4711)
    async with store.write() as session:
        (oldest,) = await desk_posts.claim(session, chat=CHAT, now=NOON, in_turn=True)
    assert oldest.customer_id == 1
    assert [await claim(store) for _ in range(3)] == [
        [(3, "message"), (3, "card")],
        [(2, "message")],
        [(4, "card")],
    ]


async def test_what_did_not_arrive_is_told_before_anything_else(store: Store) -> None:
    await people(store, 2)
    async with store.write() as session:
        for number in (1, 2):
            await desk_topics.keep(session, CHAT, Place(number, f"7{number}", f"8{number}"), now=NOON)
        (await session.get_one(Conversation, 1)).status = "assigned"
        (await session.get_one(Conversation, 2)).status = "resolved"
    await add(store, (1, "message"), (2, "failed"))
    assert [await claim(store), await claim(store)] == [[(2, "failed")], [(1, "message")]]


async def test_what_is_postponed_holds_up_what_comes_after_it(store: Store) -> None:
    await people(store, 1)
    await add(store, (1, "message"))
    later = NOON + timedelta(seconds=30)
    async with store.write() as session:
        (post,) = await desk_posts.claim(session, chat=CHAT, now=NOON)
        await desk_posts.mark_failed(session, [post.id], error="x", retry_at=later)
    await add(store, (1, "notice"))
    assert await claim(store) == []
    assert await claim(store, later) == [(1, "message"), (1, "notice")]
    async with store.write() as session:
        assert await desk_posts.recover(session, now=later, everything=False) == 0
        assert await desk_posts.recover(session, now=later, everything=True) == 2
    assert len(await claim(store, later)) == 2


async def test_a_clock_that_was_a_day_ahead_postpones_nothing(store: Store) -> None:
    await people(store, 1)
    await add(store, (1, "message"))
    async with store.write() as session:
        (post,) = await desk_posts.claim(session, chat=CHAT, now=NOON)
        retry_at = NOON + timedelta(days=1, seconds=5)  # five seconds later, by that clock
        await desk_posts.mark_failed(session, [post.id], error="x", retry_at=retry_at)
    await add(store, (1, "notice"))
    assert await claim(store) == [(1, "message"), (1, "notice")]


async def test_what_was_claimed_while_the_clock_was_a_day_ahead_is_not_left_for_a_day(store: Store) -> None:
    await people(store, 1)
    await add(store, (1, "message"))
    assert await claim(store, NOON + timedelta(days=1)) == [(1, "message")]
    async with store.write() as session:
        assert await desk_posts.recover(session, now=NOON, everything=False) == 1
    assert await claim(store) == [(1, "message")]


async def reply(store: Store, text: str) -> int:
    async with store.write() as session:
        ann = await session.get_one(Agent, 1)
        return (await conversations.reply(session, 1, ann, text, now=NOON, from_desk=True)).id


async def kinds(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(DeskPost.kind).order_by(DeskPost.id)))


async def test_only_agents_messages_are_told_of_when_they_fail(store: Store) -> None:
    await people(store, 1)
    number = await reply(store, "hello")
    failed = [(number, "blocked"), (number - 1, "the system's"), (999, "nobody's")]
    for has_topic in (False, True):
        async with store.write() as session:
            if has_topic:
                await desk_topics.keep(session, CHAT, Place(1, "7"), now=NOON)
            connection = await session.connection()
            await connection.run_sync(desk_failed.tell_failed, failed, now=NOON)
        assert (await kinds(store)).count("failed") == has_topic


async def test_an_update_is_seen_once(store: Store) -> None:
    async with store.write() as session:
        found = [await seen.first_time(session, "telegram:1", update, now=NOON) for update in ("1", "1", "2")]
        assert found == [True, False, True]
        assert await seen.first_time(session, "telegram:2", "1", now=NOON)


@pytest.mark.parametrize(("text", "is_changed"), [("hello", False), ("hello!", True)])
async def test_rewording_keeps_the_old_words(store: Store, text: str, is_changed: bool) -> None:
    await people(store, 1)
    number = await reply(store, "hello")
    async with store.write() as session:
        message = await session.get_one(Message, number)
        message.delivery = "sent"
        await session.flush()
        assert await rewording.reword(session, message, text, now=NOON) is is_changed
        with pytest.raises(InvalidValue):
            await rewording.reword(session, message, " ", now=NOON)
    async with store.read() as session:
        assert list(await session.scalars(select(MessageEdit.old_text))) == ["hello"] * is_changed
    assert ("reword" in await kinds(store)) is is_changed


async def test_a_look_for_posts_that_finds_none_writes_nothing(store: Store) -> None:
    """Every group looks once a second."""
    await people(store, 1)
    async with store.write() as session:
        with counted_queries(store) as sent:
            found = await desk_outlived.claim(session, chat=CHAT, chats=[CHAT], now=NOON)
    assert (found, [one for one in sent if one.startswith("UPDATE")]) == (([], False), [])
