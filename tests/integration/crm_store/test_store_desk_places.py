"""Where customers stand in the staff's chats, and what of them is shown there, on both databases."""

from crm_store import desk_cards, desk_lines, desk_posts, desk_topics, links
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.integration.crm_store.test_store_desk import CHAT, NOON, people, reply


async def test_places(store: Store) -> None:
    await people(store, 1)
    async with store.write() as session:
        for place in (Place(1, "7"), Place(1, "7", "8"), Place(1, None, "9")):
            await desk_topics.keep(session, CHAT, place, now=NOON)
            assert await desk_topics.find(session, CHAT, 1) == place
        assert await desk_topics.by_thread(session, CHAT, "7") is None
        assert await desk_topics.by_card(session, CHAT, "9") == Place(1, None, "9")
        assert await desk_topics.by_card(session, "-101", "9") is None
        await desk_topics.move_group(session, CHAT, "-101")
        await desk_topics.move_group(session, "-101", "-102")
        assert await desk_topics.find(session, CHAT, 1) is None
        assert await desk_topics.present_group(session, CHAT) == "-102"
        await desk_topics.move_group(session, "-102", CHAT)
        assert await desk_topics.present_group(session, "-5") == "-5"
        assert await desk_topics.present_group(session, CHAT) in {CHAT, "-101", "-102"}


async def test_copies_are_found_by_their_place(store: Store) -> None:
    await people(store, 1)
    number = await reply(store, "hello")
    async with store.write() as session:
        for side, at in (("desk", "20"), ("merged", "21")):
            await links.link(session, number, side=side, channel="telegram", chat=CHAT, platform_id=at)
        for at, expected in (("20", number), ("21", number), ("22", None)):
            found = await links.find_message(session, channel="telegram", chat=CHAT, platform_id=at)
            assert (found.id if found else None) == expected
        assert await links.copies(session, number, side="desk", chat=CHAT) == ["20"]


async def test_the_card_and_what_was_not_shown_yet(store: Store) -> None:
    await people(store, 1)
    async with store.write() as session:
        for author, text, kind in (
            ("customer", "help", "text"),
            ("bot", "answer", "text"),
            ("customer", "No", "button"),
        ):
            session.add(
                Message(
                    conversation_id=1, customer_id=1, author=author, text=text, kind=kind, created_at=NOON
                )
            )
            await session.flush()
        card = await desk_cards.card(session, 1, now=NOON)
        assert (card.name, card.status, card.rating, card.orders) == ("C1", "queued", None, 0)
        assert [line.text for line in card.last_lines] == ["help", "answer", "No"]
        unseen = await desk_lines.unseen(session, 1)
        assert [line.text for line in unseen] == ["help", "answer", "No"]
        await desk_posts.add(
            session,
            conversation_id=1,
            customer_id=1,
            kind="history",
            message_id=unseen[-1].message_id,
            platform_id="5",
            now=NOON,
        )
        assert await desk_lines.unseen(session, 1) == []
