"""Files of articles in the store: which may be named, how long they stay, and how versions bring them back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import article_files, articles, publishing, stored_files
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.errors import InvalidValue, NotFound
from crm_store.files import MEGABYTE, Files
from crm_store.models.learning import ArticleProposal
from tests.article_stage import handed_in
from tests.outbox_rows import eventually
from tests.pictures import PDF, PNG
from tests.several_processes import anybody_waits

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RETURNS = ArticleDraft("returns", "How do I return it?", ("send it back",), "By post.")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(stored_files, "SETTLED_S", -10.0)  # nothing is too young to be swept
    return Files(tmp_path / "files", MEGABYTE)


async def publish(store: Store, draft: ArticleDraft) -> None:
    async with store.write() as session:
        await publishing.publish(session, [draft], by="tests", now=NOW)


async def swept(store: Store, files: Files, **later: float) -> int:
    async with store.write() as session:
        await article_files.let_go_of_drafts(session)
    return await stored_files.sweep(store, files, now=NOW + timedelta(**later))


async def test_an_old_version_brings_its_files_back_and_none_is_ever_swept(
    store: Store, files: Files
) -> None:
    label, way = await handed_in(store, files, ("label.pdf", PDF), ("way.png", PNG), now=NOW)
    await publish(store, replace(RETURNS, attachments=(label, way)))
    await publish(store, replace(RETURNS, attachments=(way,)))
    await publish(store, RETURNS)
    async with store.write() as session:
        present = await articles.find(session, "returns", "en")
        assert present is not None
        await publishing.remove(session, present.id, version=3, by="tests", now=NOW)
    assert await swept(store, files, days=4000) == 0
    for version, kept in ((1, (label, way)), (2, (way,)), (3, ())):
        async with store.write() as session:
            back = await publishing.restore(session, "returns", "en", version, by="tests", now=NOW)
        assert back.draft.attachments == kept
    assert (await files.read(label), await files.read(way)) == (PDF, PNG)


async def test_what_no_article_took_goes_after_a_day(store: Store, files: Files) -> None:
    [label] = await handed_in(store, files, ("label.pdf", PDF), now=NOW)
    assert await swept(store, files, hours=23) == 0
    assert await swept(store, files, hours=25) == 1
    with pytest.raises(NotFound):
        files.path(label)


async def test_a_file_of_an_open_draft_stays_and_goes_when_the_draft_is_settled(
    store: Store, files: Files
) -> None:
    label, way = await handed_in(store, files, ("label.pdf", PDF), ("way.png", PNG), now=NOW)
    async with store.write() as session:
        for state, keys in (("open", [way]), ("dismissed", [label, way])):
            content = articles.snapshot_of(replace(RETURNS, attachments=tuple(keys)))
            times = {"created_at": NOW, "updated_at": NOW}
            session.add(ArticleProposal(content=content, state=state, created_by="tests", **times))
            await article_files.keep(session, keys, by=article_files.DRAFTED)
    assert await swept(store, files, days=30) == 1
    assert await files.read(way) == PNG
    with pytest.raises(NotFound):
        files.path(label)
    await publish(store, replace(RETURNS, attachments=(way,)))
    async with store.write() as session:
        await article_files.keep(session, [way], by=article_files.DRAFTED)  # what is published stays so
        (await session.get_one(ArticleProposal, 1)).state = "dismissed"
    assert await swept(store, files, days=30) == 0


async def test_what_comes_again_is_the_same_file(store: Store, files: Files) -> None:
    first = await handed_in(store, files, ("label.pdf", PDF), now=NOW)
    assert await handed_in(store, files, ("label.pdf", PDF), now=NOW + timedelta(hours=20)) == first
    assert await handed_in(store, files, ("other.pdf", PDF), ("label.pdf", PDF + b"\n"), now=NOW) != first
    assert await swept(store, files, hours=25) == 3  # the double, and the two nobody took
    assert files.path(first[0]).is_file(), "it came again, so it is as young as that"


async def test_only_files_that_were_handed_in_for_articles_can_be_named(store: Store, files: Files) -> None:
    private = await files.keep(PDF, "bill.pdf")
    async with store.write() as session:
        await stored_files.add(session, private, lane="web:w_1", now=NOW)
    for key in (private.key, "0" * 32, "../../etc/passwd"):
        with pytest.raises(InvalidValue, match="hand it in first"):
            await publish(store, replace(RETURNS, attachments=(key,)))
    async with store.read() as session:
        assert await articles.everything(session) == []
        with pytest.raises(NotFound):
            await article_files.get(session, private.key)


async def drafted(store: Store, files: Files) -> str:
    """A file that only a draft had which is dismissed."""
    [key] = await handed_in(store, files, ("label.pdf", PDF), now=NOW)
    async with store.write() as session:
        await article_files.keep(session, [key], by=article_files.DRAFTED)
    return key


async def has(store: Store, key: str) -> bool:
    """Whether articles have this file still."""
    async with store.read() as session:
        return bool(await article_files.named(session, [key]))


async def beside(store: Store, files: Files, keeping: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Sweep a month later while this is being written, which is committed once the sweeping has to wait for it."""
    async with store.write() as session:
        await keeping(session)
        await session.flush()
        sweeping = asyncio.create_task(swept(store, files, days=30))
        await eventually(lambda: anybody_waits(store), seconds=60)
    await sweeping
    await swept(store, files, days=60)


async def test_a_file_published_while_drafts_let_go_of_theirs_stays(
    postgres_store: Store, files: Files
) -> None:
    key = await drafted(postgres_store, files)
    await beside(postgres_store, files, lambda session: article_files.keep(session, [key]))
    assert await has(postgres_store, key)


async def test_a_file_that_another_draft_takes_up_meanwhile_stays(
    postgres_store: Store, files: Files
) -> None:
    key = await drafted(postgres_store, files)

    async def take_up(session: AsyncSession) -> None:
        content = articles.snapshot_of(replace(RETURNS, attachments=(key,)))
        session.add(
            ArticleProposal(content=content, state="open", created_by="t", created_at=NOW, updated_at=NOW)
        )
        await article_files.keep(session, [key], by=article_files.DRAFTED)

    await beside(postgres_store, files, take_up)
    assert await has(postgres_store, key)


async def test_a_file_published_while_others_are_swept_stays(postgres_store: Store, files: Files) -> None:
    [key] = await handed_in(postgres_store, files, ("label.pdf", PDF), now=NOW)
    await beside(postgres_store, files, lambda session: article_files.keep(session, [key]))
    assert await has(postgres_store, key)
