"""Search over messages and notes, on both databases: found, edited, gone, in pages, in Chinese."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, text, update

from crm_store import conversations, key_values, privacy, search, search_index, staff
from crm_store.engine import Store
from crm_store.filters import Filters
from crm_store.models.conversations import Message, MessageEdit
from crm_store.models.plumbing import KeyValue
from crm_store.staff import Role
from tests.admin_world import conversation
from tests.outbox_rows import eventually
from tests.several_processes import anybody_waits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def said(store: Store, *words: str) -> list[int]:
    """The ids of conversations whose customers said these words."""
    return [await conversation(store, NOON, text=each) for each in words]


async def found(store: Store, query: str, **page: int) -> list[str]:
    async with store.write() as session:
        await search_index.catch_up(session)
    async with store.read() as session:
        return [hit.message.text for hit in await search.find(session, Filters(q=query), **page)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("refund", ["My refund, please", "REFUNDS?"]),
        ("refund please", ["My refund, please"]),
        ("cafe", ["Un café"]),
        ("退款", ["我要退款"]),
        ("款退", []),
        ("退", ["我要退款"]),
        ("", []),
        ("'\"*:& |!()", []),
        ("refund:* & please", ["My refund, please"]),
    ],
)
async def test_words_are_found(store: Store, query: str, expected: list[str]) -> None:
    await said(store, "REFUNDS?", "My refund, please", "Un café", "我要退款", "")
    assert await found(store, query) == expected


CODES = (
    "order 20391557",
    "order 20391599",
    "DE20391557X",
    "C++ or C#?",
    "SKU-12/3, please",
    "sku12 3",
    "my R&D",
    "call Rita, dear",
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("391557", ["DE20391557X", "order 20391557"]),
        ("2039", ["DE20391557X", "order 20391599", "order 20391557"]),
        ("order 91557", ["order 20391557"]),
        ("391", []),  # fewer than four digits: only as the beginning of a number
        ("c++", ["C++ or C#?"]),
        ("C#", ["C++ or C#?"]),
        ("c+", ["C++ or C#?"]),
        ("SKU-12/3", ["SKU-12/3, please"]),
        ("sku-12", ["sku12 3", "SKU-12/3, please"]),
        ("12/3", ["SKU-12/3, please"]),
        ("sku 12", ["SKU-12/3, please"]),
        ("R&D", ["my R&D"]),
    ],
)
async def test_numbers_are_found_by_their_inside_and_codes_with_their_signs(
    store: Store, query: str, expected: list[str]
) -> None:
    await said(store, *CODES)
    assert await found(store, query) == expected


async def test_an_index_of_other_tokens_is_made_anew(store: Store) -> None:
    await said(store, *CODES)
    await found(store, "order")
    async with store.write() as session:
        await session.execute(text("DELETE FROM message_search"))
        old = "rowid" if store.is_sqlite else "message_id"
        tokens = "'old'" if store.is_sqlite else "array_to_tsvector(ARRAY['old'])"
        await session.execute(
            text(f"INSERT INTO message_search ({old}, tokens) SELECT max(id), {tokens} FROM message")
        )
        await session.execute(delete(KeyValue).where(KeyValue.key == search_index.TOKENS_KEY))
    assert await found(store, "391557") == ["DE20391557X", "order 20391557"]
    assert await found(store, "old") == []


async def test_two_who_search_first_at_once_both_find(postgres_store: Store) -> None:
    [number] = await said(postgres_store, "hello")
    async with postgres_store.write() as session:
        ann = await staff.create_agent(session, name="Ann", role=Role.AGENT, now=NOON)
        noted = await conversations.note(session, number, ann, "a dream", now=NOON)
        await session.execute(
            insert(MessageEdit).values(message_id=noted.id, old_text="a wish", edited_at=NOON)
        )
        await search_index.catch_up(session)
    async with postgres_store.write() as session:
        await search_index.clear(session)
        await key_values.forget(session, search_index.TOKENS_KEY)
    async with postgres_store.write() as session:
        await search_index.catch_up(session)
        beside = asyncio.create_task(found(postgres_store, "dream"))
        await eventually(lambda: anybody_waits(postgres_store))
    assert await beside == ["a dream"]


async def test_notes_are_found_and_edits_count(store: Store) -> None:
    [number] = await said(store, "hello")
    async with store.write() as session:
        ann = await staff.create_agent(session, name="Ann", role=Role.AGENT, now=NOON)
        noted = await conversations.note(session, number, ann, "a secret wish", now=NOON)
    assert await found(store, "wish") == ["a secret wish"]
    async with store.write() as session:
        await session.execute(update(Message).where(Message.id == noted.id).values(text="another dream"))
        await session.execute(
            insert(MessageEdit).values(message_id=noted.id, old_text="a secret wish", edited_at=NOON)
        )
    assert await found(store, "wish") == []
    assert await found(store, "dream") == ["another dream"]


async def test_what_is_erased_is_not_found_and_leaves_no_entry(store: Store) -> None:
    [number, _] = await said(store, "a peculiarword", "peculiarword too")
    assert len(await found(store, "peculiarword")) == 2
    async with store.write() as session:
        owner = (await conversations.get(session, number)).customer_id
        await privacy.erase_person(session, owner, now=NOON, erased_by="test")
    assert await found(store, "peculiarword") == ["peculiarword too"]
    async with store.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM message_search")) == 1


async def test_pages_go_on_where_the_one_before_ended(store: Store) -> None:
    await said(store, *(f"parcel {n}" for n in range(5)))
    first = await found(store, "parcel", limit=3)
    async with store.read() as session:
        hits = await search.find(session, Filters(q="parcel"), limit=3)
    rest = await found(store, "parcel", before_id=hits[-1].message.id)
    assert first + rest == [f"parcel {n}" for n in (4, 3, 2, 1, 0)]


async def test_catching_up_goes_in_batches_and_ends(store: Store) -> None:
    await said(store, *(f"lamp {n}" for n in range(5)))
    async with store.write() as session:
        steps = [await search_index.catch_up(session, limit=2) for _ in range(4)]
    assert steps == [2, 2, 1, 0]
    assert len(await found(store, "lamp")) == 5
    async with store.write() as session:
        await search_index.clear(session)
    assert len(await found(store, "lamp")) == 5


async def test_an_edit_far_ahead_hides_nothing_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "LOOK_BACK", 1)
    await said(store, *(f"lamp {n}" for n in range(9)))
    async with store.write() as session:
        last = await session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1))
        await session.execute(update(Message).where(Message.id == last).values(text="a chair"))
        await session.execute(insert(MessageEdit).values(message_id=last, old_text="lamp 8", edited_at=NOON))
    async with store.write() as session:
        assert [await search_index.catch_up(session, limit=2) for _ in range(6)] == [2, 2, 2, 2, 1, 0]
    assert len(await found(store, "lamp")) == 8
    assert await found(store, "chair") == ["a chair"]


async def answer(
    store: Store, *conversation_ids: int, text: str = "see page 7", is_note: bool = False
) -> None:
    async with store.write() as session:
        for number in conversation_ids:
            meant = await conversations.get(session, number)
            session.add(
                Message(
                    conversation_id=number,
                    customer_id=meant.customer_id,
                    author="agent",
                    is_note=is_note,
                    text=text,
                    created_at=NOON,
                )
            )


async def answered_like(store: Store, question: str, *, limit: int = 50) -> list[str]:
    async with store.write() as session:
        while await search_index.catch_up(session, limit=3):
            pass
    async with store.read() as session:
        ids = await search.answered_like(session, question, limit=limit)
        return [(await conversations.message(session, number)).text for number in ids]


async def test_of_what_agents_answered_the_likest_come_first(store: Store) -> None:
    lamps = ("my lamp is broken", "the lamp arrived broken in its box")
    numbers = await said(store, *lamps, *(f"the weather was fine in {n}" for n in range(9)))
    await answer(store, *numbers)
    assert await answered_like(store, "lamps broken as they arrived", limit=1) == [lamps[1]]
    assert len(await answered_like(store, "a broken lamp")) == 2
    assert await answered_like(store, "?") == []


async def test_what_no_agent_answered_crowds_nothing_out(store: Store) -> None:
    [number, *_] = await said(store, "my lamp is broken", *["my lamp is broken, broken!"] * 9)
    assert await answered_like(store, "is my lamp broken", limit=2) == []
    await answer(store, number, text="she is cross", is_note=True)
    assert await answered_like(store, "is my lamp broken", limit=2) == []
    await answer(store, number)  # after the index has taken the question in
    assert await answered_like(store, "is my lamp broken", limit=2) == ["my lamp is broken"]


async def test_a_question_that_was_edited_is_found_as_it_reads_now(store: Store) -> None:
    [number] = await said(store, "灯不亮了怎么办")
    await answer(store, number)
    assert await answered_like(store, "灯不亮") == ["灯不亮了怎么办"]
    async with store.write() as session:
        asked = (await conversations.messages(session, number))[0]
        asked.text = "屏幕裂了怎么办"
        session.add(MessageEdit(message_id=asked.id, old_text="灯不亮了怎么办", edited_at=NOON))
    assert await answered_like(store, "屏幕裂了") == ["屏幕裂了怎么办"]
    assert await answered_like(store, "灯不亮") == []


async def test_several_at_once_take_each_message_once(store: Store) -> None:
    await said(store, "one lamp", "two lamps")
    async with store.write() as session:
        await search_index.catch_up(session, limit=1)
    async with store.write() as session:
        await search_index.catch_up(session)
        await search_index.catch_up(session)
    assert len(await found(store, "lamp")) == 2
