"""Articles as files: taken out by a link, and brought in after a look at what was checked."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from admin_api.article_files import Format, as_sent, format_of, parse
from admin_api.contract import Context
from admin_api.desk.forms import FORM_TYPES, filled, read_form, see
from admin_api.desk.knowledge import ForcedForm, forced
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import articles
from admin_api.problems import ApiError
from admin_api.schemas.articles import ExportQuery, ImportBody
from knowledge_base.drafts import Parsed

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at; `data` is sent again to be published, as the API takes it."""

    name: str
    kind: Format
    data: str
    replace: bool
    parsed: Parsed

    @property
    def phrasings(self) -> int:
        """Of all its articles."""
        return sum(len(article.phrasings) for article in self.parsed.articles)


class PublishForm(ForcedForm):
    """A checked file."""

    format: Format
    data: str
    replace: str = ""


async def export(context: Context, query: ExportQuery) -> web.Response:
    """All articles as a file."""
    return await through(articles.export, context, query)


async def show(context: Context) -> web.Response:
    """The form that takes a file."""
    return page(context, "import.html", checked=None, most=MOST_SHOWN)


async def check(context: Context) -> web.Response:
    """What the file holds, and every bad row of it by its line; nothing is published."""
    checked = await _checked(context.request)
    return page(context, "import.html", checked=checked, most=MOST_SHOWN)


async def _checked(request: web.Request) -> Checked:
    if request.content_type not in FORM_TYPES:
        raise ApiError(415, "send this as a form")
    fields = await request.post()
    file = fields.get("file")
    if not isinstance(file, web.FileField):
        raise ApiError(422, "choose a file of articles")
    kind = format_of(file.filename)
    if kind is None:
        raise ApiError(422, "name the file with one of .csv, .jsonl, .yaml, .zip")
    data = file.file.read()
    parsed = await asyncio.to_thread(parse, data, kind, None)
    sent = "" if parsed.problems else as_sent(data, kind)
    return Checked(file.filename, kind, sent, fields.get("replace") == "yes", parsed)


async def publish(context: Context) -> web.Response:
    """Publish a file that was checked."""
    form = await read_form(context.request, PublishForm)
    body = filled(ImportBody, {"format": form.format, "data": form.data, "replace": form.replace == "yes"})
    await through(articles.import_file, context, forced(form), body)
    return see("/articles?done=imported")
