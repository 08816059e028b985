"""The files of articles and drafts on their pages: what is there, what the customer gets, and taking one away."""

from dataclasses import dataclass

from aiohttp import web

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk.forms import Form, read_form, see
from admin_api.desk.through import through
from admin_api.handlers import article_attachments
from admin_api.schemas.article_files import AttachedPath, FileShown
from admin_api.schemas.articles import ArticleShown
from admin_api.schemas.base import IdPath
from admin_api.schemas.learning import DraftShown
from admin_api.versions import IfMatch
from crm_store.file_types import ANSWERABLE, IMAGES
from knowledge_base.articles import MAX_ATTACHMENTS
from knowledge_base.blanks import filled

UNKNOWN = "…"
"""What stands in the preview for facts of a customer."""


@dataclass(frozen=True, slots=True)
class AnswerFiles:
    """What an answer brings; `where` is the page of the article or draft."""

    where: str
    version: int
    files: list[FileShown]
    words: str
    can_change: bool
    accepted: str = ",".join((*sorted(IMAGES), *(f".{ending}" for ending in ANSWERABLE)))

    @property
    def room(self) -> int:
        """How many more it takes."""
        return MAX_ATTACHMENTS - len(self.files)

    def address(self, file: FileShown) -> str:
        """Where the file is read."""
        return f"/api/v1/article-files/{file.file}"

    def is_picture(self, file: FileShown) -> bool:
        """Whether it is drawn where it stands."""
        return file.mime in IMAGES


async def of_article(context: Context, article: ArticleShown) -> AnswerFiles:
    """What the article's answer brings."""
    async with context.read() as session:
        files = await article_attachments.files_of(session, article.attachments)
    return AnswerFiles(
        f"/articles/{article.id}",
        article.version,
        files,
        _previewed(article.answer),
        context.caller.may(Access.LEAD),
    )


async def of_draft(context: Context, draft: DraftShown) -> AnswerFiles:
    """What the draft's answer would bring."""
    async with context.read() as session:
        files = await article_attachments.files_of(session, draft.content["attachments"])
    may = context.caller.may(Access.WORK) and draft.state == "open"
    return AnswerFiles(
        f"/drafts/{draft.id}", draft.version, files, _previewed(str(draft.content["answer"])), may
    )


def _previewed(answer: str) -> str:
    return filled(answer, lambda _name: "", UNKNOWN)


class DetachForm(Form):
    """Which file, and the version that was read."""

    file: str
    version: int

    @property
    def condition(self) -> IfMatch:
        """Nothing changed since."""
        return IfMatch(if_match=f'"{self.version}"')


async def detach(context: Context, path: IdPath) -> web.Response:
    """Send this file with the article's answer no more."""
    form = await read_form(context.request, DetachForm)
    gone = AttachedPath.model_construct(id=path.id, file=form.file)
    await through(article_attachments.detach, context, gone, form.condition)
    return see(f"/articles/{path.id}?done=published")


async def detach_from_draft(context: Context, path: IdPath) -> web.Response:
    """Take a file out of a draft."""
    form = await read_form(context.request, DetachForm)
    gone = AttachedPath.model_construct(id=path.id, file=form.file)
    await through(article_attachments.detach_from_draft, context, gone, form.condition)
    return see(f"/drafts/{path.id}?done=saved")
