"""Articles of the knowledge base. A change is live in the running bot within two seconds."""

from dataclasses import asdict, replace

from aiohttp import web

from admin_api import importing
from admin_api.article_files import MEDIA_TYPES, ZIP
from admin_api.contract import Context, Reply
from admin_api.handlers.attachments import take
from admin_api.importing import Brought
from admin_api.paging import Page, last_id, paged
from admin_api.problems import ApiError, Fault
from admin_api.schemas.article_files import FileQuery, FileShown
from admin_api.schemas.articles import (
    ArticleChange,
    ArticleQuery,
    ArticleShown,
    ExportQuery,
    ImportBody,
    ImportShown,
    NewArticle,
    RestoreBody,
    StandingShown,
    VersionShown,
    VersionsQuery,
    VersionsShown,
    WrongForShown,
)
from admin_api.schemas.attachments import AttachmentQuery
from admin_api.schemas.base import IdPath
from admin_api.trying import ChangeHeaders, Forced, guard
from admin_api.versions import check, etag
from crm_store import answer_taps, articles, publishing, stored_files, wrong_answers
from crm_store.articles import ArticleDraft, StoredArticle
from crm_store.changes import Change
from knowledge_base.articles import Article, faults, shows_gaps
from knowledge_base.drafts import Problem
from knowledge_base.standing import FLOOR, standing_of

_MOST_FAULTS = 100


async def listing(context: Context, query: ArticleQuery) -> Reply[Page[ArticleShown]]:
    """Articles by id; disabled and expired ones too."""
    async with context.read() as session:
        rows = await articles.page(
            session,
            after_id=last_id(context, query) or 0,
            limit=query.limit + 1,
            language=query.language,
            tag=query.tag,
            category=query.category,
            text=query.text,
        )
    return paged(context, query, rows, ArticleShown.of, lambda row: [row.id])


def told(stored: StoredArticle) -> Reply[ArticleShown]:
    """The article with its version as ETag."""
    return Reply(ArticleShown.of(stored), etag(stored.version))


def checked(draft: ArticleDraft) -> ArticleDraft:
    """The draft, if the knowledge base finds nothing wrong with it; else ApiError 422."""
    article = Article(**asdict(draft))
    wrong = [Fault(place="body", field="", message=text) for text in faults(article)]
    told = "the article cannot be published; see errors"
    if shows_gaps(article):
        raise ApiError(422, told, errors=wrong, kind="article_shows_gaps")
    if wrong:
        raise ApiError(422, told, errors=wrong, kind="article_faults")
    return draft


async def create(context: Context, headers: Forced, body: NewArticle) -> Reply[ArticleShown]:
    """Publish a new article."""
    draft = checked(body.draft())
    reason = await guard(context, Change([draft]), headers)
    async with context.write() as session:
        stored = await publishing.create(session, draft, by=context.caller.name, now=context.now)
        await context.audit(
            session, f"article:{stored.id}", key=draft.key, language=draft.language, forced=reason
        )
    answer = told(stored)
    answer.headers["Location"] = f"/api/v1/articles/{stored.id}"
    return answer


async def read(context: Context, path: IdPath) -> Reply[ArticleShown]:
    """One article."""
    async with context.read() as session:
        return told(await articles.get(session, path.id))


async def change(
    context: Context, path: IdPath, headers: ChangeHeaders, body: ArticleChange
) -> Reply[ArticleShown]:
    """Publish a changed article; what it was stays as a version."""
    async with context.read() as session:
        present = await articles.get(session, path.id)
    check(headers, present.version)
    draft = checked(replace(present.draft, **body.changes()))
    reason = await guard(context, Change([draft]), headers)
    async with context.write() as session:
        stored = await publishing.change(
            session, path.id, draft, version=present.version, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"article:{path.id}", version=stored.version, forced=reason)
    return told(stored)


async def remove(context: Context, path: IdPath, headers: ChangeHeaders) -> Reply[None]:
    """Take an article away; its versions stay, and restore brings it back."""
    async with context.read() as session:
        present = await articles.get(session, path.id)
    check(headers, present.version)
    name = (present.draft.key, present.draft.language)
    reason = await guard(context, Change(removed=[name]), headers)
    async with context.write() as session:
        await publishing.remove(
            session, path.id, version=present.version, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"article:{path.id}", key=present.draft.key, forced=reason)
    return Reply(None)


async def read_standing(context: Context, path: IdPath) -> Reply[StandingShown]:
    """Whether an article may answer alone, and why: what people said under its answers since it was changed."""
    async with context.read() as session:
        article = await articles.get(session, path.id)
        found = await answer_taps.taps(session, path.id)
        wrong = await wrong_answers.of_article(
            session, article.draft.key, article.draft.language, since=article.updated_at
        )
    _, helped, not_helped = found[0] if found else (None, 0, 0)
    told = standing_of(helped, not_helped)
    return Reply(
        StandingShown(
            helped=helped,
            not_helped=not_helped,
            lowest=told.lowest,
            floor=FLOOR,
            answers_alone=told.answers_alone,
            wrong_for=[WrongForShown.model_validate(each) for each in wrong],
        )
    )


async def versions(context: Context, path: IdPath) -> Reply[VersionsShown]:
    """What an article was before."""
    async with context.read() as session:
        present = await articles.get(session, path.id)
        found = await articles.versions(session, present.draft.key, present.draft.language)
    return Reply(VersionsShown(items=[VersionShown.of(past) for past in found]))


async def history(context: Context, query: VersionsQuery) -> Reply[VersionsShown]:
    """The same by name, for articles that were deleted too."""
    async with context.read() as session:
        found = await articles.versions(session, query.key, query.language)
    return Reply(VersionsShown(items=[VersionShown.of(past) for past in found]))


async def restore(context: Context, headers: Forced, body: RestoreBody) -> Reply[ArticleShown]:
    """Make an old version the newest; brings a deleted article back."""
    async with context.read() as session:
        past = await articles.versions(session, body.key, body.language)
    wanted = [checked(each.draft) for each in past if each.version == body.version and each.draft is not None]
    reason = await guard(context, Change(wanted), headers)
    async with context.write() as session:
        stored = await publishing.restore(
            session, body.key, body.language, body.version, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"article:{stored.id}", version=body.version, forced=reason)
    return told(stored)


async def hand_in_file(context: Context, query: FileQuery) -> Reply[FileShown]:
    """Hand in a file of articles that is too large for a request's body; it waits for a day to be imported.

    The raw body, or a form with `file`.
    """
    sent = await take(context, AttachmentQuery(name=query.name, text=None), importing.folder_of(context))
    async with context.services.files.new(sent.file.key), context.write() as session:
        row = await stored_files.add(session, sent.file, lane=importing.LANE, now=context.now)
        await context.audit(session, "import_file", file=row.key, name=row.name)
    return Reply(FileShown.of(row))


async def import_file(context: Context, headers: Forced, body: ImportBody) -> Reply[ImportShown]:
    """Publish a file of articles, all or nothing; every bad row is named with its line.

    A field that it has no column or name for stays as it is; an empty one takes away what was there.
    """
    brought = await _opened(context, body)
    parsed = brought.parsed
    if parsed.problems:
        wrong = [_fault(problem) for problem in parsed.problems[:_MOST_FAULTS]]
        told = "nothing was imported: the file has errors"
        raise ApiError(422, told, errors=wrong, kind="import_faults")
    change = importing.change_of(parsed, replace=body.replace)
    reason = await guard(context, change, headers)
    drafts = importing.drafts_of(await importing.handed_in(context, brought))
    async with context.write() as session:
        done = await publishing.publish(
            session,
            drafts,
            by=context.caller.name,
            now=context.now,
            replace=change.replace,
            summary=f"imported {len(drafts)} articles",
            silent=change.silent,
        )
        await context.audit(
            session, f"publication:{done.publication_id}", articles=len(drafts), forced=reason
        )
    notes = [f"line {note.line}: {note.text}" for note in parsed.notes]
    return Reply(ImportShown(added=done.added, changed=done.changed, removed=done.removed, notes=notes))


async def _opened(context: Context, body: ImportBody) -> Brought:
    if body.data is not None:
        return await importing.opened_text(context, body.data, body.format, body.answer)
    content = await importing.kept(context, str(body.file))
    return await importing.opened(context, content, body.format, body.answer)


def _fault(problem: Problem) -> Fault:
    return Fault(place="body", field=f"data, line {problem.line}", message=problem.text)


async def export(context: Context, query: ExportQuery) -> web.Response:
    """All articles, the disabled ones too, as a file that import takes back; md.zip holds their files as well."""
    async with context.read() as session:
        drafts = await articles.everything(session)
    kept = [Article(**asdict(draft)) for draft in drafts]
    body = await importing.packed(context, kept, query.format)
    name = f'attachment; filename="articles.{query.format}"'
    return web.Response(
        body=body,
        content_type=MEDIA_TYPES[query.format],
        charset=None if query.format == ZIP else "utf-8",
        headers={"Content-Disposition": name},
    )
