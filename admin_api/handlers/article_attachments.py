"""Files of articles and of their drafts. A change of an article's files is a version of it, live at once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import web

from admin_api.contract import Context, Reply
from admin_api.handlers.articles import checked, told
from admin_api.handlers.attachments import take
from admin_api.problems import ApiError
from admin_api.schemas.article_files import AttachedPath, FilePath, FileQuery, FileShown, FilesShown
from admin_api.schemas.articles import ArticleShown
from admin_api.schemas.attachments import AttachmentQuery
from admin_api.schemas.base import IdPath
from admin_api.schemas.learning import DraftShown
from admin_api.versions import IfMatch, check, etag
from crm_store import article_files, articles, drafts, publishing
from crm_store.articles import ArticleDraft
from crm_store.errors import NotFound
from crm_store.models.files import StoredFile
from crm_store.models.learning import ArticleProposal
from crm_store.serving_files import headers_for
from crm_store.session import Session
from knowledge_base.articles import MAX_ATTACHMENTS


async def upload(context: Context, query: FileQuery) -> Reply[FileShown]:
    """Hand in a file that articles and drafts may then name by its id; what none has named in a day goes.

    The raw body, or a form with `file`.
    """
    async with handed_in(context, query) as (session, row):
        await context.audit(session, f"article_file:{row.key}", name=row.name)
    return Reply(FileShown.of(row))


async def content(context: Context, path: FilePath) -> web.StreamResponse:
    """The file: an image as it is, anything else as bytes to be saved."""
    async with context.read() as session:
        row = await article_files.get(session, path.file)
    return web.FileResponse(context.services.files.path(row.key), headers=headers_for(row.mime, row.name))


async def files_of(session: Session, keys: Sequence[str]) -> list[FileShown]:
    """The files as they are told, in the order of their keys."""
    found = await article_files.named(session, keys)
    return [FileShown.of(found[key]) for key in keys if key in found]


async def listing(context: Context, path: IdPath) -> Reply[FilesShown]:
    """The files that go along with an article's answer, in their order."""
    async with context.read() as session:
        present = await articles.get(session, path.id)
        return Reply(FilesShown(items=await files_of(session, present.draft.attachments)))


async def attach(context: Context, path: IdPath, headers: IfMatch, query: FileQuery) -> Reply[ArticleShown]:
    """Give an article one more file: the raw body, or a form with `file`."""
    async with context.read() as session:
        present = await articles.get(session, path.id)
    check(headers, present.version)
    _refuse_more(present.draft)
    async with handed_in(context, query) as (session, row):
        draft = checked(_with(present.draft, row))
        stored = await publishing.change(
            session, path.id, draft, version=present.version, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"article:{path.id}", version=stored.version, file=row.name)
    return told(stored)


async def detach(context: Context, path: AttachedPath, headers: IfMatch) -> Reply[ArticleShown]:
    """Send this file with the answer no more; earlier versions keep it."""
    async with context.write() as session:
        present = await articles.get(session, path.id)
        check(headers, present.version)
        draft = _without(present.draft, path.file)
        stored = await publishing.change(
            session, path.id, draft, version=present.version, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"article:{path.id}", version=stored.version, file=None)
    return told(stored)


async def attach_to_draft(
    context: Context, path: IdPath, headers: IfMatch, query: FileQuery
) -> Reply[DraftShown]:
    """Give a draft one more file, which is published with it: the raw body, or a form with `file`."""
    async with context.read() as session:
        before = await drafts.open_draft(session, path.id, None)
    check(headers, before.version)
    _refuse_more(drafts.content_of(before))
    async with handed_in(context, query) as (session, row):
        present = await drafts.hold(session, path.id)
        check(headers, present.version)
        keys = _with(drafts.content_of(present), row).attachments
        draft = await drafts.change(session, path.id, version=None, now=context.now, attachments=keys)
        await context.audit(session, f"draft:{path.id}", version=draft.version, file=row.name)
    return _told_draft(draft)


async def detach_from_draft(context: Context, path: AttachedPath, headers: IfMatch) -> Reply[DraftShown]:
    """Take a file out of a draft."""
    async with context.write() as session:
        present = await drafts.hold(session, path.id)
        check(headers, present.version)
        keys = _without(drafts.content_of(present), path.file).attachments
        draft = await drafts.change(session, path.id, version=None, now=context.now, attachments=keys)
        await context.audit(session, f"draft:{path.id}", version=draft.version, file=None)
    return _told_draft(draft)


def _told_draft(draft: ArticleProposal) -> Reply[DraftShown]:
    return Reply(DraftShown.of(draft), etag(draft.version))


@asynccontextmanager
async def handed_in(context: Context, query: FileQuery) -> AsyncIterator[tuple[Session, StoredFile]]:
    """A transaction with the request's file in it; where that fails, nothing is left in the folder."""
    taken = (await take(context, AttachmentQuery(name=query.name, text=None))).file
    async with context.services.files.new(taken.key) as needless, context.write() as session:
        row = await article_files.add(session, taken, now=context.now)
        if row.key != taken.key:
            needless.add(taken.key)
        yield session, row


def _refuse_more(draft: ArticleDraft) -> None:
    if len(draft.attachments) >= MAX_ATTACHMENTS:
        told = f"an answer takes {MAX_ATTACHMENTS} files at most; take one away first"
        raise ApiError(422, told, kind="many_files", params={"most": MAX_ATTACHMENTS})


def _with(draft: ArticleDraft, row: StoredFile) -> ArticleDraft:
    if row.key in draft.attachments:
        told = f"{row.name} goes along with this answer already"
        raise ApiError(409, told, kind="file_there", params={"name": row.name})
    return replace(draft, attachments=(*draft.attachments, row.key))


def _without(draft: ArticleDraft, key: str) -> ArticleDraft:
    if key not in draft.attachments:
        raise NotFound(f"it has no file {key}")
    return replace(draft, attachments=tuple(each for each in draft.attachments if each != key))
