"""Several staff chats share the customers, what waits is told in short; albums, files and deletions in the store."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm_store import (
    album_parts,
    conversations,
    desk,
    desk_errands,
    desk_load,
    desk_posts,
    desk_topics,
    relaying,
)
from crm_store.desk_load import Backlog, Load
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.errors import Conflict
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.staff import Agent

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(seconds=1)
CHATS = ["-1", "-2", "71"]


async def people(store: Store, count: int, status: str = "queued") -> Agent:
    """So many customers with a conversation each, their numbers from 1, and Ann, whose Telegram id is 71."""
    async with store.write() as session:
        ann = Agent(name="Ann", role="agent", telegram_user_id=71, created_at=NOON)
        session.add(ann)
        await desk.set_groups(session, CHATS)
        for n in range(1, count + 1):
            customer = Customer(name=f"C{n}", created_at=NOON, updated_at=NOON)
            session.add(customer)
            await session.flush()
            identity = Identity(
                customer_id=customer.id,
                channel="telegram",
                address=str(n),
                created_at=NOON,
                last_seen_at=NOON,
            )
            session.add(identity)
            await session.flush()
            session.add(
                Conversation(customer_id=customer.id, identity_id=identity.id, channel="telegram", status=status,
                             queued_at=NOON, created_at=NOON, last_message_at=NOON)
            )  # fmt: skip
    return ann


async def post(store: Store, customer: int, kind: str = "card", message_id: int | None = None) -> None:
    async with store.write() as session:
        await desk_posts.add(
            session,
            conversation_id=customer,
            customer_id=customer,
            kind=kind,
            message_id=message_id,
            now=NOON,
        )


async def claimed(store: Store, chat: str) -> list[int]:
    """Whose posts this chat gets, until nothing is left for it."""
    found: list[int] = []
    while True:
        async with store.write() as session:
            posts = await desk_posts.claim(session, chat=chat, chats=CHATS, now=SOON)
        if not posts:
            return found
        found.append(posts[0].customer_id)


async def test_customers_are_dealt_out_and_stay_where_their_topic_is(store: Store) -> None:
    await people(store, 6)
    async with store.write() as session:
        await desk_topics.keep(session, "-1", Place(5, "50", "51"), now=NOON)  # 5 would be dealt to the third
    for customer in range(1, 7):
        await post(store, customer)
    assert {chat: sorted(await claimed(store, chat)) for chat in CHATS} == {
        "-1": [3, 5, 6],
        "-2": [1, 4],
        "71": [2],
    }


async def test_who_is_served_in_private_is_posted_there(store: Store) -> None:
    ann = await people(store, 2)
    async with store.write() as session:
        for number in (1, 2):
            await desk_topics.keep(session, "-1", Place(number, str(number), "9"), now=NOON)
        (await session.get_one(Conversation, 2)).agent_id = ann.id
    for customer in (1, 2):
        await post(store, customer)
    assert [await claimed(store, chat) for chat in CHATS] == [[1], [], [2]]


async def test_who_waits_for_somebody_absent_is_posted_in_their_own_chat_unless_a_group_has_them(
    store: Store,
) -> None:
    """Ann is 71. The third was dealt to a group; the second to the chat of 73, and waits for Ann alone for a second."""
    chats = ["-1", "71", "73"]
    ann = await people(store, 3)
    async with store.write() as session:
        for number in (2, 3):
            row = await session.get_one(Conversation, number)
            row.meant_for_id, row.meant_until = ann.id, SOON
    for customer in (2, 3):
        await post(store, customer)
    for now, expected in ((NOON, {"71": [2], "-1": [3]}), (SOON, {"73": [2], "-1": [3]})):
        async with store.read() as session:
            told = {chat: await desk_load.backlog(session, chat=chat, chats=chats, now=now) for chat in chats}
        assert {chat: [one.customer_id for one in found] for chat, found in told.items() if found} == expected


async def test_the_backlog_in_short(store: Store) -> None:
    await people(store, 6)
    async with store.write() as session:
        await desk_topics.keep(session, "-1", Place(3, "30", "31"), now=NOON)
        for words in ("first", "last words"):
            said = Message(
                conversation_id=3, customer_id=3, author="customer", text=words, kind="text", created_at=NOON
            )
            session.add(said)
        (await session.get_one(Conversation, 6)).status = "assigned"
    await post(store, 3, "message", 1)
    await post(store, 3, "message", 2)
    await post(store, 6)  # only a redraw
    async with store.read() as session:
        first = await desk_load.backlog(session, chat="-1", chats=CHATS, now=SOON)
        assert first == [Backlog(3, "C3", "queued", 2, "last words", "30", "31", "text")]
        assert await desk_load.load(session, chat="-1", chats=CHATS, now=SOON) == Load(1, 1, 0)
        assert await desk_load.backlog(session, chat="-2", chats=CHATS, now=SOON) == []
        assert await desk_load.load(session, chat="-2", chats=CHATS, now=SOON) == Load(0, 0, 0)


async def test_all_who_wait_are_counted_and_whose_turn_it_is_among_them(store: Store) -> None:
    await people(store, 130)
    for customer in range(1, 131):
        await post(store, customer)
    async with store.write() as session:
        await desk_topics.keep(session, "-1", Place(4, "40"), now=NOON)
        await desk_topics.keep(session, "-1", Place(6, None, "60"), now=NOON)
        (first, *_) = await desk_posts.claim(session, chat="-1", now=SOON)
        assert first.customer_id == 1
    async with store.read() as session:
        assert await desk_load.load(session, chat="-1", chats=["-1"], now=SOON) == Load(130, 129, 128)
        told = await desk_load.backlog(session, chat="-1", chats=["-1"], now=SOON)
    assert [one.customer_id for one in told] == list(range(1, desk_load.MOST_TOLD + 1))


async def test_an_album_grows_until_it_leaves(store: Store) -> None:
    ann = await people(store, 1)
    part = {"type": "photo", "file_id": "a", "media_group_id": "7"}
    async with store.write() as session:
        message = await conversations.reply(session, 1, ann, "two", now=NOON, attachment=part, kind="photo")
        message.next_try_at = SOON
    more = part | {"file_id": "b"}
    async with store.write() as session:
        assert await relaying.hold_albums(session, until=SOON) == 1
        (held,) = await album_parts.held(session, 1, ann, "7")
        assert await album_parts.held(session, 1, ann, "8") == []
        longer = await relaying.extend_album(session, held, more, until=SOON)
        assert longer is not None
        assert longer.attachment == part | {"album": [more]}
        longer.delivery = "sending"
    async with store.write() as session:
        (held,) = await album_parts.held(session, 1, ann, "7")
        assert await relaying.extend_album(session, held, more, until=SOON) is None


@pytest.mark.parametrize("state", ["pending", "sent"])
async def test_taking_back(store: Store, state: str) -> None:
    ann = await people(store, 1)
    async with store.write() as session:
        bob = Agent(name="Bob", role="agent", created_at=NOON)
        session.add(bob)
        message = await conversations.reply(session, 1, ann, "oh", now=NOON)
        message.delivery = state
        await session.flush()
        with pytest.raises(Conflict, match="colleague"):
            await relaying.take_back(session, message, bob, now=NOON)
        assert await relaying.take_back(session, message, ann, now=NOON) is (state == "sent")
        with pytest.raises(Conflict, match="already"):
            await relaying.take_back(session, message, ann, now=NOON)
    async with store.write() as session:
        delivery = await session.scalar(select(Message.delivery).where(Message.author == "agent"))
        assert delivery == (None if state == "pending" else "sent")
        errands = await desk_errands.claim(session, now=SOON)
        assert [post.kind for post in errands] == ["delete"] * (state == "sent")


async def test_a_message_waits_for_its_file(store: Store) -> None:
    ann = await people(store, 1)
    async with store.write() as session:
        message = await conversations.reply(session, 1, ann, "", now=NOON, attachment={"file_id": "x"})
        await relaying.ask_for_file(session, message, now=NOON)
        assert message.next_try_at == NOON + relaying.FETCHED_WITHIN
        assert await relaying.give_file(session, message.id, {"file": "k"}, kind="file")
    async with store.write() as session:
        held = await session.get_one(Message, message.id)
        assert (held.attachment, held.next_try_at, held.delivery) == ({"file": "k"}, None, "pending")
        await relaying.give_up(session, message.id, "gone", now=SOON)
        assert not await relaying.give_file(session, message.id, {"file": "k"}, kind="file")


async def test_errands_do_not_hold_up_the_group(store: Store) -> None:
    await people(store, 1)
    await post(store, 1, "reword")
    await post(store, 1)
    async with store.write() as session:
        posts = await desk_posts.claim(session, chat="-2", now=SOON)
        errands = await desk_errands.claim(session, now=SOON)
    assert ([one.kind for one in posts], [one.kind for one in errands]) == (["card"], ["reword"])


async def test_a_pause_lasts_no_longer_than_was_asked_whatever_the_clock_did(store: Store) -> None:
    asked = timedelta(seconds=30)
    async with store.write() as session:
        assert await desk_load.pause_left(session, "-1001", now=NOON) == timedelta()
        await desk_load.note_pause(session, "-1001", NOON + asked, now=NOON)
    for later, left in ((0, 30), (10, 20), (31, 0), (-3000, 30)):
        async with store.read() as session:
            found = await desk_load.pause_left(session, "-1001", now=NOON + timedelta(seconds=later))
        assert found == timedelta(seconds=left)
