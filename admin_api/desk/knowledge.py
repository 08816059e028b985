"""The knowledge base: articles with their phrasings and versions, and the questions nobody could answer."""

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import articles, gaps
from admin_api.paging import PageQuery
from admin_api.schemas.articles import (
    ArticleChange,
    ArticleQuery,
    GapChange,
    GapQuery,
    NewArticle,
    RestoreBody,
)
from admin_api.schemas.base import IdPath
from admin_api.versions import IfMatch


class SearchQuery(PageQuery):
    """What to look for; fields of the search left empty mean everything."""

    text: str = ""
    language: str = ""
    done: str = ""


class DraftQuery(BaseModel):
    """A question to begin a new article with."""

    question: str = ""
    language: str = "en"


class ArticleForm(Form):
    """An article as it is edited: one phrasing a line, tags by commas."""

    question: str = ""
    answer: str = ""
    phrasings: str = ""
    tags: str = ""
    enabled: str = ""

    def content(self) -> dict[str, Any]:
        """The fields as the API takes them."""
        lines = [line.strip() for line in self.phrasings.splitlines()]
        tags = [tag.strip() for tag in self.tags.replace("，", ",").split(",")]
        return {
            "question": self.question,
            "answer": self.answer,
            "phrasings": list(dict.fromkeys(line for line in lines if line)),
            "tags": list(dict.fromkeys(tag for tag in tags if tag)),
            "enabled": self.enabled == "yes",
        }


class NewForm(ArticleForm):
    """A new article; key and language name it for good."""

    key: str = ""
    language: str = "en"


class ChangeForm(ArticleForm):
    """A changed article; `version` is the one that was read."""

    version: int


class RemoveForm(Form):
    """The version that was read."""

    version: int


class RestoreForm(Form):
    """Which version is to be the newest."""

    key: str
    language: str
    version: int


class GapForm(Form):
    """What became of a gap."""

    state: Literal["open", "closed"]


async def listing(context: Context, query: SearchQuery) -> web.Response:
    """Articles, or those a search finds."""
    left_empty = {name for name in ("text", "language") if not getattr(query, name)}
    wanted = query.model_dump(exclude={"done", *left_empty}, exclude_none=True)
    found = await through(articles.listing, context, filled(ArticleQuery, wanted))
    return page(context, "articles.html", found=found.body, query=query)


async def new(context: Context, query: DraftQuery) -> web.Response:
    """An empty article."""
    return page(context, "article.html", article=None, versions=[], draft=query)


async def create(context: Context) -> web.Response:
    """Publish a new article."""
    form = await read_form(context.request, NewForm)
    body = filled(NewArticle, {**form.content(), "key": form.key, "language": form.language})
    made = await through(articles.create, context, body)
    return see(f"/articles/{made.body.id}?done=published")


async def read(context: Context, path: IdPath) -> web.Response:
    """One article, to read or edit, with what it was before."""
    found = await through(articles.read, context, path)
    past = await through(articles.versions, context, path)
    return page(context, "article.html", article=found.body, versions=past.body.items, draft=None)


async def change(context: Context, path: IdPath) -> web.Response:
    """Publish a changed article, if nobody else changed it meanwhile."""
    form = await read_form(context.request, ChangeForm)
    body = filled(ArticleChange, form.content())
    await through(articles.change, context, path, IfMatch(if_match=f'"{form.version}"'), body)
    return see(f"/articles/{path.id}?done=published")


async def remove(context: Context, path: IdPath) -> web.Response:
    """Take an article away."""
    form = await read_form(context.request, RemoveForm)
    await through(articles.remove, context, path, IfMatch(if_match=f'"{form.version}"'))
    return see("/articles?done=removed")


async def restore(context: Context) -> web.Response:
    """Make an old version the newest."""
    form = await read_form(context.request, RestoreForm)
    stored = await through(articles.restore, context, filled(RestoreBody, form.model_dump()))
    return see(f"/articles/{stored.body.id}?done=restored")


async def gap_listing(context: Context, query: GapQuery) -> web.Response:
    """Questions nobody could answer, the newest first."""
    found = await through(gaps.listing, context, query)
    return page(context, "gaps.html", found=found.body, state=query.state)


async def change_gap(context: Context, path: IdPath) -> web.Response:
    """Close a gap, or open it again."""
    form = await read_form(context.request, GapForm)
    await through(gaps.change, context, path, GapChange(state=form.state))
    return see("/gaps")
