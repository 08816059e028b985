"""What may not answer alone is looked up twice a minute in every process: never through all that was ever said."""

import re

import pytest
from sqlalchemy import text

from crm_store import answer_taps, question_labels, wrong_answers
from crm_store.engine import Store
from tests.admin_world import conversation, visitor
from tests.house import NOON
from tests.knowledge_stage import DRAFTS, publish
from tests.query_counter import counted_queries


@pytest.fixture
async def said(sqlite_store: Store) -> Store:
    """One customer whom an article did not help, as an agent confirms, and many whom others did."""
    store = sqlite_store
    await publish(store, DRAFTS)
    customer = await visitor(store, NOON)
    talk = await conversation(store, NOON, customer_id=customer, queued=False)
    words = [("not_helpful", "track"), ("agent", "track"), *[("helped", "gift")] * 50]
    async with store.write() as session:
        for source, key in words:
            label = {"question": "where is it", "normal": "where is it", "language": "en", "article_key": key}
            told = {"source": source, "agrees": source == "helped", "was_alone": True, "created_at": NOON}
            await question_labels.add(
                session, {"customer_id": customer, "conversation_id": talk, **label, **told}
            )
    return store


async def test_only_what_speaks_against_articles_is_walked_through(said: Store) -> None:
    async with said.read() as session:
        with counted_queries(said) as sent:
            [denied] = await wrong_answers.confirmed(session)
            [(name, helped, not_helped)] = await answer_taps.taps(session)
        assert (denied.article_key, denied.normal, denied.people) == ("track", "where is it", 1)
        assert (name, helped, not_helped) == (("track", "en"), 0, 1)
    queries = [query for query in sent if query.startswith("SELECT")]
    assert len(queries) == 3
    steps = [step for query in queries for step in await plan(said, query)]
    read = [step for step in steps if "question_label" in step]
    assert read
    assert not [step for step in read if "SCAN" in step and "ix_question_label_doubting" not in step]


async def plan(store: Store, query: str) -> list[str]:
    """The steps by which SQLite would answer it."""
    names = iter(range(1000))
    named = re.sub(r"\?", lambda _: f":p{next(names)}", query)
    values = {f"p{number}": None for number in range(query.count("?"))}
    async with store.read() as session:
        rows = await session.execute(text(f"EXPLAIN QUERY PLAN {named}"), values)
        return [str(row[3]) for row in rows]
