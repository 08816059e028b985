"""What a line of a list tells of its conversation: what is wanted, found in one query by the index of the messages."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event

from bot.channels.base import Kind, Press
from crm_store import conversations, desk_cards, inbox, relaying
from crm_store.engine import Store
from crm_store.last_words import last_words
from crm_store.session import Session
from tests.house import House, open_house
from tests.query_counter import counted_queries

NOON = datetime(2030, 3, 2, 12, tzinfo=UTC)


async def told(house: House) -> str:
    async with house.store.read() as session:
        [line] = await inbox.lines(session, await conversations.page(session))
    assert line.last is not None
    return f"{line.last.author}: {line.last.text}"


async def test_who_asks_for_a_person_is_listed_by_what_they_want(store: Store) -> None:
    async with open_house(store) as house:
        for wish in ("/human", "can I talk to a person please", "?!"):
            await house.say("I was charged twice")
            await house.say(wish)
            assert await told(house) == "customer: I was charged twice"
        await house.say("hurry", kind=Kind.TEXT)
        assert await told(house) == "customer: hurry"


async def test_a_button_tells_only_what_no_words_do(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("/human")
        assert await told(house) == "customer: /human"
        await house.say("my parcel is not here, and I want money for it")
        before = await told(house)
        async with store.read() as session:
            [talk] = await conversations.page(session)
            buttons = [m for m in await conversations.messages(session, talk.id) if m.author != "customer"]
        await house.say("", kind=Kind.PRESSED, press=Press(buttons[0].id, 0))
        assert await told(house) == before


async def test_the_agents_newer_reply_counts_and_a_note_does_not(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("I was charged twice")
        await house.say("/human")
        ann = await house.agent()
        async with store.write() as session:
            [talk] = await conversations.page(session)
            await conversations.reply(session, talk.id, ann, "I am looking", now=house.clock())
            await conversations.note(session, talk.id, ann, "third time", now=house.clock())
        assert await told(house) == "agent: I am looking"
        await house.say("/human")
        assert await told(house) == "agent: I am looking"


async def test_who_began_and_asked_for_a_person_is_listed_by_the_wish(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("/start")
        assert await told(house) == "customer: /start"
        await house.say("/human")
        assert await told(house) == "customer: /human"
        await house.say("person please")
        await house.say("/start")
        assert await told(house) == "customer: person please"


async def test_what_was_taken_back_is_no_last_word_in_lists_and_on_the_card(store: Store) -> None:
    async with open_house(store) as house:
        await house.say("I was charged twice")
        await house.say("/human")
        ann = await house.agent()
        async with store.write() as session:
            [talk] = await conversations.page(session)
            wrong = await conversations.reply(session, talk.id, ann, "oops, delete this", now=house.clock())
            assert "oops, delete this" in await told_of(session, talk.id)
            await relaying.take_back(session, wrong, ann, now=house.clock())
        assert await told(house) == "customer: I was charged twice"
        async with store.read() as session:
            assert "oops, delete this" not in await told_of(session, talk.id)


async def told_of(session: Session, number: int) -> list[str]:
    """What people said, on the card."""
    card = await desk_cards.card(session, number, now=NOON)
    return [line.text for line in card.last_lines if line.author in ("customer", "agent")]


async def test_all_are_found_in_one_query_by_the_index(store: Store) -> None:
    plans: list[str] = []

    def explain(connection: Connection, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "max(" in statement and "CASE" in statement and not statement.startswith("EXPLAIN"):
            kind = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            if kind == "EXPLAIN":  # an empty table is gone through rather than looked up
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = connection.exec_driver_sql(f"{kind} {statement}", values)
            plans.extend(str(row[-1]) for row in rows)

    event.listen(store.reader.sync_engine, "before_cursor_execute", explain)
    async with store.read() as session:
        with counted_queries(store) as sent:
            await last_words(session, [1, 2, 3])
    event.remove(store.reader.sync_engine, "before_cursor_execute", explain)
    assert len([one for one in sent if re.match("SELECT", one)]) == 1
    assert any("ix_message_conversation_id_id" in step for step in plans), plans
