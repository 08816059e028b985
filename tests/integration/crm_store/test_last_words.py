"""What a line of a list tells of its conversation: what is wanted, found in one query by the index of the messages."""

import re
from typing import Any

from sqlalchemy import Connection, event

from bot.channels.base import Kind, Press
from crm_store import conversations, inbox
from crm_store.engine import Store
from tests.house import House, open_house
from tests.query_counter import counted_queries


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
            await inbox.last_words(session, [1, 2, 3])
    event.remove(store.reader.sync_engine, "before_cursor_execute", explain)
    assert len([one for one in sent if re.match("SELECT", one)]) == 1
    assert any("ix_message_conversation_id_id" in step for step in plans), plans
