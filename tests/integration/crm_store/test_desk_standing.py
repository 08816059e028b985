"""Where those stand whose cards are in a chat: in the whole queue, and among the cards there."""

from datetime import timedelta

from sqlalchemy import update

from crm_store import attendance, conversations, desk_posts, desk_standing, desk_topics, queue_hours
from crm_store.calendars import Calendars
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from tests.integration.crm_store.test_store_desk_load import CHATS, NOON, SOON, people

HOME = {1: "-1", 2: "-2", 3: "-1", 4: "-2", 5: "-1", 6: "-1"}


async def queue_of_six(store: Store) -> None:
    """The first came last, all have cards that tell of them; the fourth and the sixth have something under way."""
    await people(store, 6)
    async with store.write() as session:
        for number, chat in HOME.items():
            since = NOON - timedelta(minutes=number)
            values = {"queued_at": since, "ranked_at": since}
            await session.execute(update(Conversation).where(Conversation.id == number).values(values))
            await desk_topics.keep(session, chat, Place(number, f"{number}0", f"{number}1"), now=NOON)
            shown = {"platform_id": f"{number}1"} if number != 6 else {}
            await desk_posts.add(
                session, conversation_id=number, customer_id=number, kind="card", now=NOON, **shown
            )
        await desk_posts.add(session, conversation_id=4, customer_id=4, kind="notice", now=NOON)


async def told(store: Store, chat: str, first: int, *besides: str) -> list[tuple[int, int, int]]:
    async with store.read() as session:
        found = await desk_standing.waiting_cards(
            session, chat, CHATS, now=SOON, first=first, besides=besides
        )
    return [(one.conversation_id, one.place, one.place_here) for one in found]


async def test_both_places_and_not_what_is_drawn_anyway(store: Store) -> None:
    await queue_of_six(store)
    assert await told(store, "-1", 9) == [(5, 2, 2), (3, 4, 3), (1, 6, 4)]
    assert await told(store, "-2", 9) == [(2, 5, 2)]
    assert await told(store, "71", 9) == []
    async with store.read() as session:
        for number, expected in ((6, 1), (5, 2), (1, 4)):
            row = await conversations.get(session, number)
            assert await desk_standing.place_here(session, row, "-1", CHATS, now=SOON) == expected


async def test_the_first_of_a_chat_those_asked_for_and_whoever_waits_for_somebody(store: Store) -> None:
    await queue_of_six(store)
    assert await told(store, "-1", 2) == [(5, 2, 2)]
    assert await told(store, "-1", 2, "31", "21") == [(5, 2, 2), (3, 4, 3)]
    async with store.write() as session:
        ann = await session.get_one(Agent, 1)
        kept = {"meant_for_id": ann.id, "meant_until": SOON}
        await session.execute(update(Conversation).where(Conversation.id == 2).values(kept))
        await attendance.set_presence(session, ann, "online", now=NOON, lasts=timedelta(hours=1))
    async with store.read() as session:
        for now, is_there in ((SOON, True), (NOON + timedelta(hours=2), False)):
            (one,) = await desk_standing.waiting_cards(session, "-2", CHATS, now=now, first=0)
            assert (one.card, one.meant_for, one.meant_for_is_there) == ("21", "Ann", is_there)


async def test_who_does_not_wait_has_no_place(store: Store) -> None:
    await people(store, 1, "assigned")
    async with store.read() as session:
        row = await conversations.get(session, 1)
        assert await desk_standing.place_here(session, row, "-1", CHATS, now=SOON) is None


async def test_waits_are_told_as_they_count(store: Store) -> None:
    """People came at noon; all had asked before."""
    await queue_of_six(store)
    opened = Calendars(f"mon-sun {NOON:%H:%M}-23:00")
    now = NOON + timedelta(seconds=90)
    async with store.write() as session:
        await queue_hours.keep(session, opened, now=now)
    async with store.read() as session:
        found = await desk_standing.waiting_cards(session, "-1", CHATS, now=now, first=9)
    assert [(one.conversation_id, one.why_next[0].points) for one in found] == [(5, 1), (3, 1), (1, 1)]
