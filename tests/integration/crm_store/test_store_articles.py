"""Publishing articles and reading them back, on both databases."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from crm_store import articles, publishing
from crm_store.articles import ArticleDraft, LiveCopy
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.publishing import Published
from crm_store.signals import Topic
from knowledge_base.articles import Article

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TRACK = ArticleDraft(
    "track-order", "Where is my order?", ("where's my parcel",), "See the link.", tags=("delivery",)
)
TRACK_ZH = ArticleDraft(
    "track-order", "我的订单到哪了？", ("快递到哪儿了",), "请看链接。", language="zh", tags=("delivery",)
)
REFUND = ArticleDraft(
    "refund",
    "How do I get a refund?",
    ("money back", "I want 100% back"),
    "Write to us.",
    tags=("money", "returns"),
    valid_from=NOW,
    valid_until=NOW + timedelta(days=30, microseconds=7),
)
HIDDEN = ArticleDraft("old-offer", "Is the offer on?", (), "No.", enabled=False)
ALL = [TRACK, TRACK_ZH, REFUND, HIDDEN]


async def publish(store: Store, drafts: list[ArticleDraft], *, replace_all: bool = False) -> Published:
    async with store.write() as session:
        return await publishing.publish(session, drafts, by="ada", now=NOW, replace=replace_all)


async def publish_and_fail(store: Store) -> None:
    async with store.write() as session:
        await publishing.publish(session, ALL, by="ada", now=NOW)
        raise RuntimeError


async def names(store: Store, **filters: str) -> list[tuple[str, str]]:
    async with store.read() as session:
        found = await articles.page(session, **filters)  # type: ignore[arg-type]
        return [(article.draft.key, article.draft.language) for article in found]


async def test_what_is_published_comes_back_as_it_was(store: Store) -> None:
    assert await publish(store, ALL) == Published(added=4, changed=0, removed=0, publication_id=1)
    async with store.read() as session:
        stored = await articles.page(session)
        live = await articles.live(session)
    assert [article.draft for article in stored] == ALL
    assert {article.version for article in stored} == {1}
    assert live == [TRACK, TRACK_ZH, REFUND]


async def test_a_copy_is_brought_up_to_date_by_what_changed_alone(store: Store) -> None:
    await publish(store, ALL)
    async with store.read() as session:
        first = await articles.live_since(session, LiveCopy())
        assert await articles.live_since(session, first) is first
    assert list(first.articles.values()) == [TRACK, TRACK_ZH, REFUND]
    shown, moved = replace(HIDDEN, enabled=True), replace(TRACK, answer="By mail.")
    await publish(store, [moved, REFUND, shown], replace_all=True)
    async with store.read() as session:
        second = await articles.live_since(session, first)
        assert list(second.articles.values()) == await articles.live(session) == [moved, REFUND, shown]
    assert list(second.articles.values())[1] is list(first.articles.values())[2], "not read again"


def test_a_draft_is_an_article_of_the_knowledge_base() -> None:
    article = Article(**asdict(REFUND))
    assert ArticleDraft(**asdict(article)) == REFUND


async def test_publishing_again_changes_only_what_differs(store: Store) -> None:
    await publish(store, ALL)
    assert await publish(store, ALL) == Published(0, 0, 0, publication_id=1)
    moved = replace(REFUND, valid_until=None, enabled=False)
    assert await publish(store, [TRACK, moved]) == Published(0, 1, 0, publication_id=2)
    async with store.read() as session:
        refund = await articles.find(session, "refund", "en")
        assert refund is not None
        assert (refund.version, refund.draft) == (2, moved)
        assert await articles.latest_publication(session) == 2


async def test_replacing_removes_what_is_not_named(store: Store) -> None:
    await publish(store, ALL)
    assert await publish(store, [TRACK], replace_all=True) == Published(0, 0, 3, publication_id=2)
    assert await names(store) == [("track-order", "en")]
    async with store.read() as session:
        past = await articles.versions(session, "track-order", "zh")
    assert [(each.version, each.draft) for each in past] == [(2, None), (1, TRACK_ZH)]


async def test_an_article_that_returns_counts_its_versions_on(store: Store) -> None:
    await publish(store, [TRACK])
    await publish(store, [REFUND], replace_all=True)
    await publish(store, [TRACK])
    async with store.read() as session:
        assert [each.version for each in await articles.versions(session, "track-order", "en")] == [3, 2, 1]


async def test_publishing_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(InvalidValue, match=r"two articles are named 'refund' in language 'en'"):
        await publish(store, [TRACK, REFUND, replace(REFUND, answer="Other.")])
    with pytest.raises(RuntimeError):
        await publish_and_fail(store)
    async with store.read() as session:
        assert await articles.page(session) == []
        assert await articles.latest_publication(session) == 0


async def test_a_publication_wakes_who_listens_and_only_when_something_changed(store: Store) -> None:
    listener = store.signals.listen(Topic.KNOWLEDGE)
    await publish(store, [TRACK])
    assert await listener.wait(0)
    await publish(store, [TRACK])
    assert not await listener.wait(0)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"language": "zh"}, [("track-order", "zh")]),
        ({"tag": "delivery"}, [("track-order", "en"), ("track-order", "zh")]),
        ({"tag": "deliver"}, []),
        ({"tag": "delivery", "language": "en"}, [("track-order", "en")]),
        ({"text": "MONEY"}, [("refund", "en")]),
        ({"text": "where's"}, [("track-order", "en")]),
        ({"text": "快递"}, [("track-order", "zh")]),
        ({"text": "100%"}, [("refund", "en")]),
        ({"text": "%"}, [("refund", "en")]),
        ({"text": "_"}, []),
        ({"text": "link"}, [("track-order", "en")]),
    ],
)
async def test_filters(store: Store, filters: dict[str, str], expected: list[tuple[str, str]]) -> None:
    await publish(store, ALL)
    assert await names(store, **filters) == expected


async def test_pages_follow_one_another(store: Store) -> None:
    await publish(store, ALL)
    seen: list[ArticleDraft] = []
    after_id = 0
    async with store.read() as session:
        while found := await articles.page(session, after_id=after_id, limit=3):
            seen += [article.draft for article in found]
            after_id = found[-1].id
    assert seen == ALL


async def test_a_change_names_the_version_it_saw(store: Store) -> None:
    await publish(store, [TRACK])
    better = replace(TRACK, answer="Look here.")
    async with store.write() as session:
        first = await publishing.change(session, 1, better, version=1, by="ada", now=LATER)
    assert (first.version, first.draft, first.created_at, first.updated_at) == (2, better, NOW, LATER)
    async with store.write() as session:
        with pytest.raises(Conflict, match="at version 2, not 1"):
            await publishing.change(session, 1, TRACK, version=1, by="bob", now=LATER)
        with pytest.raises(Conflict, match="at version 2, not 1"):
            await publishing.remove(session, 1, version=1, by="bob", now=LATER)
        with pytest.raises(InvalidValue, match="keeps its key and language"):
            await publishing.change(session, 1, REFUND, version=2, by="bob", now=LATER)
        with pytest.raises(NotFound):
            await publishing.change(session, 99, TRACK, version=1, by="bob", now=LATER)


async def test_creating_refuses_a_taken_name(store: Store) -> None:
    async with store.write() as session:
        assert (await publishing.create(session, TRACK, by="ada", now=NOW)).draft == TRACK
        assert (await publishing.create(session, TRACK_ZH, by="ada", now=NOW)).version == 1
        with pytest.raises(Conflict, match="already"):
            await publishing.create(session, TRACK, by="ada", now=NOW)


async def test_restoring_an_earlier_version_and_a_deleted_article(store: Store) -> None:
    await publish(store, [REFUND])
    async with store.write() as session:
        await publishing.change(session, 1, replace(REFUND, answer="No."), version=1, by="bob", now=LATER)
        back = await publishing.restore(session, "refund", "en", 1, by="ada", now=LATER)
        assert (back.draft, back.version) == (REFUND, 3)
        await publishing.remove(session, back.id, version=3, by="bob", now=LATER)
        with pytest.raises(NotFound):
            await articles.get(session, back.id)
        again = await publishing.restore(session, "refund", "en", 3, by="ada", now=LATER)
        assert (again.draft, again.version) == (REFUND, 5)
        with pytest.raises(NotFound, match="no content at version 4"):
            await publishing.restore(session, "refund", "en", 4, by="ada", now=LATER)
        with pytest.raises(NotFound, match="never was"):
            await publishing.restore(session, "refund", "zh", 1, by="ada", now=LATER)
        past = await articles.versions(session, "refund", "en")
    authors = [(each.version, each.changed_by) for each in past]
    assert authors == [(5, "ada"), (4, "bob"), (3, "ada"), (2, "bob"), (1, "ada")]


async def test_a_large_publication_needs_few_statements(store: Store) -> None:
    from sqlalchemy import event

    statements: list[str] = []
    event.listen(store.writer.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    many = [replace(TRACK, key=f"article-{number}") for number in range(1_500)]
    assert (await publish(store, many)).added == 1_500
    assert len(statements) <= 8
