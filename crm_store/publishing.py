"""Changing the knowledge base: many articles at once or one, each change a version, all or nothing.

Every change is a publication, which a running bot sees by its number; they are made one at a time (turns.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import article_files, articles, signals, turns
from crm_store.articles import (
    ARTICLE_TABLE,
    SELECT_ARTICLES,
    ArticleDraft,
    Name,
    Silent,
    StoredArticle,
    with_kept,
)
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.knowledge import ArticleRow, ArticleVersion, Publication
from crm_store.signals import Topic
from crm_store.turns import Turn

NOTHING_UNSAID: Final[Silent] = MappingProxyType({})
_IN_ONE_STATEMENT = 10_000  # SQLite takes 32,766 values in one
_MAX_SUMMARY = 256


@dataclass(frozen=True, slots=True)
class Published:
    """How many articles a publication touched; without any change, the number of the newest there is."""

    added: int
    changed: int
    removed: int
    publication_id: int


@dataclass(frozen=True, slots=True)
class _Changes:
    added: list[ArticleDraft]
    changed: list[tuple[StoredArticle, ArticleDraft]]
    removed: list[StoredArticle]


async def publish(
    session: AsyncSession,
    drafts: Iterable[ArticleDraft],
    *,
    by: str,
    now: datetime,
    replace: bool = False,
    summary: str = "",
    silent: Silent = NOTHING_UNSAID,
) -> Published:
    """Make the store hold these articles; with `replace`, only these. Equal ones are left alone.

    What they are `silent` of stays as it is.

    Raises InvalidValue when two drafts have the same key and language, or one names a file that is not there.
    """
    wanted = _by_name(drafts)
    await turns.take(session, Turn.PUBLISHING)
    present = await _present(session, None if replace else {key for key, _ in wanted})
    wanted |= {
        name: with_kept(wanted[name], article.draft, silent)
        for name, article in present.items()
        if name in wanted
    }
    changes = _Changes(
        added=[draft for name, draft in wanted.items() if name not in present],
        changed=[
            (present[name], draft)
            for name, draft in wanted.items()
            if name in present and present[name].draft != draft
        ],
        removed=[article for name, article in present.items() if replace and name not in wanted],
    )
    return await _apply(session, changes, by, now, summary)


async def create(session: AsyncSession, draft: ArticleDraft, *, by: str, now: datetime) -> StoredArticle:
    """A new article; raises Conflict when its key and language are taken."""
    await turns.take(session, Turn.PUBLISHING)
    if await articles.find(session, draft.key, draft.language):
        raise Conflict(
            f"there is an article '{draft.key}' in language '{draft.language}' already; change that",
            kind="article_exists",
            article=draft.key,
            language=draft.language,
        )
    await _apply(session, _Changes([draft], [], []), by, now, f"added {draft.key}")
    return await _stored(session, draft)


async def change(
    session: AsyncSession, article_id: int, draft: ArticleDraft, *, version: int, by: str, now: datetime
) -> StoredArticle:
    """The article with its new content; raises NotFound, or Conflict when it is not at `version` any more."""
    await turns.take(session, Turn.PUBLISHING)
    present = await _at_version(session, article_id, version)
    if (draft.key, draft.language) != (present.draft.key, present.draft.language):
        raise InvalidValue(
            "an article keeps its key and language; add a new one and remove the old one instead",
            kind="article_keeps_key",
        )
    changed = [(present, draft)] if draft != present.draft else []
    await _apply(session, _Changes([], changed, []), by, now, f"changed {draft.key}")
    return await _stored(session, draft)


async def remove(session: AsyncSession, article_id: int, *, version: int, by: str, now: datetime) -> None:
    """Delete the article, its versions stay; raises NotFound, or Conflict as `change` does."""
    await turns.take(session, Turn.PUBLISHING)
    present = await _at_version(session, article_id, version)
    await _apply(session, _Changes([], [], [present]), by, now, f"removed {present.draft.key}")


async def restore(
    session: AsyncSession, key: str, language: str, version: int, *, by: str, now: datetime
) -> StoredArticle:
    """The article as it was at `version`, as its newest version; also brings a deleted one back."""
    past = {each.version: each.draft for each in await articles.versions(session, key, language)}
    draft = past.get(version)
    if draft is None:
        raise NotFound(f"article '{key}' ({language}) has no content at version {version}")
    await publish(session, [draft], by=by, now=now, summary=f"restored {key} to version {version}")
    return await _stored(session, draft)


def _by_name(drafts: Iterable[ArticleDraft]) -> dict[Name, ArticleDraft]:
    found: dict[Name, ArticleDraft] = {}
    for draft in drafts:
        if found.setdefault((draft.key, draft.language), draft) is not draft:
            told = f"two articles are named '{draft.key}' in language '{draft.language}'; keep one"
            raise InvalidValue(told, kind="two_of_a_name")
    return found


async def _present(session: AsyncSession, keys: Collection[str] | None) -> dict[Name, StoredArticle]:
    """The stored articles with these keys, or all."""
    if keys is None:
        rows = list(await session.execute(SELECT_ARTICLES))
    else:
        rows = []
        for some in _chunks(sorted(keys)):
            rows += await session.execute(SELECT_ARTICLES.where(ArticleRow.key.in_(some)))
    found = map(articles.stored_of, rows)
    return {(article.draft.key, article.draft.language): article for article in found}


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + _IN_ONE_STATEMENT] for at in range(0, len(values), _IN_ONE_STATEMENT))


async def _at_version(session: AsyncSession, article_id: int, version: int) -> StoredArticle:
    present = await articles.get(session, article_id)
    if present.version != version:
        raise Conflict(
            f"article '{present.draft.key}' is at version {present.version}, not {version}: somebody changed it; "
            "read it again",
            kind="changed_meanwhile",
        )
    return present


async def _stored(session: AsyncSession, draft: ArticleDraft) -> StoredArticle:
    found = await articles.find(session, draft.key, draft.language)
    assert found is not None, "written in this transaction"
    return found


async def _apply(session: AsyncSession, changes: _Changes, by: str, now: datetime, summary: str) -> Published:
    counts = len(changes.added), len(changes.changed), len(changes.removed)
    if not any(counts):
        return Published(0, 0, 0, await articles.latest_publication(session))
    past = await _last_versions(session, sorted({draft.key for draft in changes.added}))
    new = [(draft, past.get((draft.key, draft.language), 0) + 1) for draft in changes.added]
    await _write_articles(session, new, changes, now)
    await _write_versions(session, new, changes, by, now)
    written = (*changes.added, *(draft for _, draft in changes.changed))
    await article_files.keep(session, {file for draft in written for file in draft.attachments})
    values = {"published_at": now, "published_by": by, "summary": summary[:_MAX_SUMMARY]}
    publication = await session.execute(insert(Publication).values(values).returning(Publication.id))
    signals.notify(session, Topic.KNOWLEDGE)
    return Published(*counts, publication.scalar_one())


async def _last_versions(session: AsyncSession, keys: Sequence[str]) -> dict[Name, int]:
    """The last version number ever used under these keys, so that a name that returns counts on."""
    found: dict[Name, int] = {}
    for some in _chunks(keys):
        rows = await session.execute(
            select(ArticleVersion.key, ArticleVersion.language, func.max(ArticleVersion.version))
            .where(ArticleVersion.key.in_(some))
            .group_by(ArticleVersion.key, ArticleVersion.language)
        )
        found |= {(key, language): version for key, language, version in rows}
    return found


async def _write_articles(
    session: AsyncSession, new: list[tuple[ArticleDraft, int]], changes: _Changes, now: datetime
) -> None:
    if new:
        rows = [
            _content(draft) | {"version": version, "created_at": now, "updated_at": now}
            for draft, version in new
        ]
        await session.execute(insert(ARTICLE_TABLE), rows)
    if changes.changed:
        names = (*_content(changes.changed[0][1]), "version", "updated_at")
        statement = update(ARTICLE_TABLE).where(ARTICLE_TABLE.c.id == bindparam("row_id"))
        await session.execute(
            statement.values({name: bindparam(name) for name in names}),
            [
                _content(draft) | {"row_id": old.id, "version": old.version + 1, "updated_at": now}
                for old, draft in changes.changed
            ],
        )
    if changes.removed:
        gone = delete(ARTICLE_TABLE).where(ARTICLE_TABLE.c.id == bindparam("row_id"))
        await session.execute(gone, [{"row_id": article.id} for article in changes.removed])


def _content(draft: ArticleDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in ArticleDraft.__dataclass_fields__} | {
        "phrasings": list(draft.phrasings),
        "tags": list(draft.tags),
        "attachments": list(draft.attachments),
    }


async def _write_versions(
    session: AsyncSession, new: list[tuple[ArticleDraft, int]], changes: _Changes, by: str, now: datetime
) -> None:
    versions: list[tuple[ArticleDraft, int, bool]] = [(draft, version, True) for draft, version in new]
    versions += [(draft, old.version + 1, True) for old, draft in changes.changed]
    versions += [(old.draft, old.version + 1, False) for old in changes.removed]
    rows = [
        {
            "key": draft.key,
            "language": draft.language,
            "version": version,
            "snapshot": articles.snapshot_of(draft) if stays else None,
            "changed_by": by,
            "changed_at": now,
        }
        for draft, version, stays in versions
    ]
    await session.execute(insert(ArticleVersion), rows)
