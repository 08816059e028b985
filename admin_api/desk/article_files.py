"""Articles as files: taken out by a link, and brought in after a look at what was checked."""

from contextlib import aclosing
from dataclasses import dataclass

from aiohttp import web

from admin_api import importing
from admin_api.article_files import Format, format_of
from admin_api.contract import Context
from admin_api.desk.forms import FORM_TYPES, filled, read_form, see
from admin_api.desk.knowledge import ForcedForm, forced
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.form_parts import MULTIPART, chunks_in, parts_of, words_in
from admin_api.handlers import articles
from admin_api.problems import ApiError
from admin_api.schemas.articles import ExportQuery, ImportBody
from knowledge_base.drafts import Parsed

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at; it waits under the id `file` to be published."""

    name: str
    kind: Format
    file: str
    replace: bool
    parsed: Parsed

    @property
    def phrasings(self) -> int:
        """Of all its articles."""
        return sum(len(article.phrasings) for article in self.parsed.articles)

    @property
    def files(self) -> int:
        """How many go along with their answers."""
        return len(self.parsed.named)


class PublishForm(ForcedForm):
    """A checked file."""

    format: Format
    file: str
    replace: str = ""


async def export(context: Context, query: ExportQuery) -> web.Response:
    """All articles as a file."""
    return await through(articles.export, context, query)


async def show(context: Context) -> web.Response:
    """The form that takes a file."""
    return page(context, "import.html", checked=None, most=MOST_SHOWN)


async def check(context: Context) -> web.Response:
    """What the file holds, and every bad row of it by its line; nothing is published."""
    checked = await _checked(context)
    return page(context, "import.html", checked=checked, most=MOST_SHOWN)


async def _checked(context: Context) -> Checked:
    request = context.request
    if request.content_type not in FORM_TYPES:
        raise ApiError(415, "send this as a form")
    if request.content_type != MULTIPART:
        raise ApiError(422, "choose a file of articles", kind="choose_articles")
    row, kind, is_whole = None, None, False
    # Read as it comes: a ZIP of articles and their files is larger than a form may be.
    async for part in parts_of(request, ("file", "replace")):
        if part.name == "replace":
            is_whole = await words_in(part) == "yes"
            continue
        kind = format_of(part.filename or "")
        if kind is None:
            raise ApiError(422, "name the file with one of .csv, .jsonl, .yaml, .zip", kind="articles_ending")
        async with aclosing(chunks_in(part)) as chunks:
            row = await importing.keep(context, chunks, part.filename)
    if row is None or kind is None:
        raise ApiError(422, "choose a file of articles", kind="choose_articles")
    data = await importing.kept(context, row.key)
    brought = await importing.opened(context, data, kind, None)
    return Checked(row.name, kind, row.key, is_whole, brought.parsed)


async def publish(context: Context) -> web.Response:
    """Publish a file that was checked."""
    form = await read_form(context.request, PublishForm)
    body = filled(ImportBody, {"format": form.format, "file": form.file, "replace": form.replace == "yes"})
    await through(articles.import_file, context, forced(form), body)
    return see("/articles?done=imported")
