"""Articles in the store: reading them, and publishing changes all or nothing with every version kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, String, Table, TableValuedAlias, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_store.errors import NotFound
from crm_store.models.knowledge import ArticleRow, ArticleVersion, Publication

MAX_PAGE = 200
_FEW = 1_000
"""Changed articles are asked for by name; of more, all are read: SQLite takes 32,766 values in one statement."""


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """What an article says, with the field names of `knowledge_base.articles.Article`.

    So `Article(**asdict(draft))` and `ArticleDraft(**asdict(article))` convert between the two.
    """

    key: str
    question: str
    phrasings: tuple[str, ...]
    answer: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    enabled: bool = True
    category: str = ""
    attachments: tuple[str, ...] = ()
    """Keys of files (`article_files`)."""


Name = tuple[str, str]
"""Key and language."""
Silent = Mapping[Name, frozenset[str]]
"""Which fields of an article whoever brings it says nothing of, by its name."""


def with_kept(draft: ArticleDraft, present: ArticleDraft | None, silent: Silent) -> ArticleDraft:
    """The draft with what is not spoken of as it is at present."""
    unsaid = silent.get((draft.key, draft.language)) if present is not None else None
    return replace(draft, **{name: getattr(present, name) for name in unsaid}) if unsaid else draft


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as it stands in the store; `version` is what a change must name."""

    id: int
    draft: ArticleDraft
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PastArticle:
    """An article at one of its versions; `draft` is None where that version is its deletion."""

    version: int
    draft: ArticleDraft | None
    changed_by: str
    changed_at: datetime


LISTS = ("phrasings", "tags", "attachments")
ARTICLE_TABLE = cast(Table, ArticleRow.__table__)
DRAFT_COLUMNS = [ARTICLE_TABLE.c[name] for name in ArticleDraft.__dataclass_fields__]
SELECT_ARTICLES = select(
    *DRAFT_COLUMNS, ArticleRow.id, ArticleRow.version, ArticleRow.created_at, ArticleRow.updated_at
)


def draft_of(values: Sequence[Any]) -> ArticleDraft:
    """The draft in the leading columns of a row selected by DRAFT_COLUMNS."""
    found = dict(zip(ArticleDraft.__dataclass_fields__, values, strict=False))
    return ArticleDraft(**(found | {name: tuple(found[name]) for name in LISTS}))


def stored_of(row: Sequence[Any]) -> StoredArticle:
    """The stored article in a row of all columns: the draft's, then id, version and the two times."""
    article_id, version, created_at, updated_at = row[len(DRAFT_COLUMNS) :]
    return StoredArticle(article_id, draft_of(row), version, created_at, updated_at)


def snapshot_of(draft: ArticleDraft) -> dict[str, Any]:
    """The draft as JSON values; times are ISO 8601 text."""
    times = {
        name: moment.isoformat() if moment else None
        for name, moment in (("valid_from", draft.valid_from), ("valid_until", draft.valid_until))
    }
    return asdict(draft) | times


def draft_from_snapshot(snapshot: dict[str, Any]) -> ArticleDraft:
    """The draft a snapshot was made from."""
    times = {
        name: datetime.fromisoformat(snapshot[name]) if snapshot.get(name) else None
        for name in ("valid_from", "valid_until")
    }
    lists = {name: tuple(snapshot[name]) for name in LISTS}
    return ArticleDraft(**(snapshot | times | lists))


async def get(session: AsyncSession, article_id: int) -> StoredArticle:
    """The article with this id; raises NotFound."""
    row = (await session.execute(SELECT_ARTICLES.where(ArticleRow.id == article_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no article {article_id}")
    return stored_of(row)


async def find(session: AsyncSession, key: str, language: str) -> StoredArticle | None:
    """The article of this name, or None."""
    wanted = SELECT_ARTICLES.where(ArticleRow.key == key, ArticleRow.language == language)
    row = (await session.execute(wanted)).one_or_none()
    return None if row is None else stored_of(row)


async def named(session: AsyncSession, keys: Collection[str]) -> list[StoredArticle]:
    """The articles with these keys, in every language."""
    found = await session.execute(SELECT_ARTICLES.where(ArticleRow.key.in_(keys)).order_by(ArticleRow.id))
    return [stored_of(row) for row in found]


async def page(
    session: AsyncSession,
    *,
    after_id: int = 0,
    limit: int = 50,
    language: str | None = None,
    tag: str | None = None,
    category: str | None = None,
    text: str | None = None,
) -> list[StoredArticle]:
    """The next articles by id, after `after_id`; `text` is looked for in key, question, answer, phrasings."""
    conditions: list[ColumnElement[bool]] = [ArticleRow.id > after_id]
    if language:
        conditions.append(ArticleRow.language == language)
    if category:
        conditions.append(ArticleRow.category == category)
    if tag:
        tags = _elements(session, ArticleRow.tags)
        conditions.append(exists(select(1).select_from(tags).where(tags.c.value == tag)))
    if text:
        conditions.append(_contains(session, text))
    found = await session.execute(
        SELECT_ARTICLES.where(*conditions).order_by(ArticleRow.id).limit(max(1, min(limit, MAX_PAGE)))
    )
    return [stored_of(row) for row in found]


def _elements(session: AsyncSession, column: InstrumentedAttribute[list[Any]]) -> TableValuedAlias:
    """The texts of a JSON list as rows with one column, `value`."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    unfold = func.json_each if on_sqlite else func.jsonb_array_elements_text
    return unfold(column).table_valued(Column("value", String))


def _contains(session: AsyncSession, text: str) -> ColumnElement[bool]:
    phrasings = _elements(session, ArticleRow.phrasings)
    fields = (ArticleRow.key, ArticleRow.question, ArticleRow.answer)
    return or_(
        *(field.icontains(text, autoescape=True) for field in fields),
        exists(select(1).select_from(phrasings).where(phrasings.c.value.icontains(text, autoescape=True))),
    )


async def live(session: AsyncSession) -> list[ArticleDraft]:
    """Every enabled article by id, to build an index from; whoever answers checks validity against its clock.

    Read `latest_publication` first: an index is then never older than the number it carries.
    """
    found = await session.execute(select(*DRAFT_COLUMNS).where(ArticleRow.enabled).order_by(ArticleRow.id))
    return [draft_of(row) for row in found]


@dataclass(frozen=True, slots=True)
class LiveCopy:
    """Every enabled article by its id, in order of ids, as of one edition: the number of the newest version."""

    edition: int = 0
    articles: Mapping[int, ArticleDraft] = field(default_factory=dict)


async def live_since(session: AsyncSession, copy: LiveCopy) -> LiveCopy:
    """`copy` brought up to date, for which only what has changed is read; `live` of an empty one.

    What has not changed is the same object as before.
    """
    edition = int(await session.scalar(select(func.coalesce(func.max(ArticleVersion.id), 0))) or 0)
    if edition == copy.edition:
        return copy
    names = select(ArticleVersion.key, ArticleVersion.language).where(ArticleVersion.id > copy.edition)
    changed = {(key, language) for key, language in await session.execute(names.distinct())}
    wanted = select(ArticleRow.id, *DRAFT_COLUMNS).where(ArticleRow.enabled).order_by(ArticleRow.id)
    if copy.articles and len(changed) <= _FEW:
        wanted = wanted.where(ArticleRow.key.in_({key for key, _ in changed}))
        kept = {n: draft for n, draft in copy.articles.items() if (draft.key, draft.language) not in changed}
    else:
        kept = {}
    read = {n: draft_of(values) for n, *values in await session.execute(wanted)}
    return LiveCopy(edition, dict(sorted((read | kept).items())))


async def everything(session: AsyncSession) -> list[ArticleDraft]:
    """Every article by id, the disabled and those out of date too: what an export holds."""
    found = await session.execute(select(*DRAFT_COLUMNS).order_by(ArticleRow.id))
    return [draft_of(row) for row in found]


async def latest_publication(session: AsyncSession) -> int:
    """The number of the newest publication; 0 before the first."""
    return int(await session.scalar(select(func.coalesce(func.max(Publication.id), 0))) or 0)


async def versions(session: AsyncSession, key: str, language: str) -> list[PastArticle]:
    """All versions of an article, newest first; raises NotFound when there never was one."""
    rows = await session.execute(
        select(
            ArticleVersion.version,
            ArticleVersion.snapshot,
            ArticleVersion.changed_by,
            ArticleVersion.changed_at,
        )
        .where(ArticleVersion.key == key, ArticleVersion.language == language)
        .order_by(ArticleVersion.version.desc())
    )
    found = [
        PastArticle(version, draft_from_snapshot(snapshot) if snapshot else None, by, at)
        for version, snapshot, by, at in rows
    ]
    if not found:
        raise NotFound(f"there never was an article '{key}' in language '{language}'")
    return found
