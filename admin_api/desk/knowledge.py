"""The knowledge base: articles with their phrasings and versions, and the questions nobody could answer."""

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.desk import answer_files
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import articles, gaps
from admin_api.paging import PageQuery
from admin_api.schemas.articles import ArticleChange, ArticleQuery, NewArticle, RestoreBody
from admin_api.schemas.base import IdPath
from admin_api.schemas.gaps import CloseGapsBody, GapChange, GapQuery, GroupsQuery, TeachBody
from admin_api.trying import ChangeHeaders, Forced
from crm_store import askers
from crm_store import gaps as stored_gaps
from knowledge_base.languages import FALLBACK, language_among

ANSWERED_SHOWN = 20
NUMBERS = r"^([0-9]{1,18}(,[0-9]{1,18}){0,499})?$"


class SearchQuery(PageQuery):
    """What to look for; fields of the search left empty mean everything."""

    text: str = ""
    language: str = ""
    done: str = ""


class DraftQuery(BaseModel):
    """The unanswered questions to begin a new article with, the typical one first; numbers by commas."""

    gaps: str = Field("", pattern=NUMBERS)
    language: str = ""


class ForcedForm(Form):
    """A change that may fail the gold set, with the reason to publish it all the same."""

    force_reason: str | None = Field(None, max_length=200)


class ArticleForm(ForcedForm):
    """An article as it is edited: one phrasing a line, tags by commas."""

    question: str = ""
    answer: str = ""
    phrasings: str = ""
    tags: str = ""
    category: str = ""
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
            "category": self.category,
            "enabled": self.enabled == "yes",
        }


class NewForm(ArticleForm):
    """A new article; key and language name it for good."""

    key: str = ""
    language: str = "en"
    gaps: str = Field("", pattern=NUMBERS)
    """Which unanswered questions it settles."""


class ChangeForm(ArticleForm):
    """A changed article; `version` is the one that was read."""

    version: int


class RemoveForm(ForcedForm):
    """The version that was read."""

    version: int


class RestoreForm(ForcedForm):
    """Which version is to be the newest."""

    key: str
    language: str
    version: int


class GapForm(Form):
    """What became of a gap."""

    state: Literal["open", "closed"]


class CloseForm(ForcedForm):
    """Gaps that need no article."""

    gaps: str = Field(pattern=NUMBERS)


class TeachForm(CloseForm):
    """An article that answers these gaps."""

    article_id: int


def forced(form: ForcedForm) -> Forced:
    """The reason to publish what the gold set speaks against, if one was given."""
    return filled(Forced, {"force_reason": form.force_reason})


def conditions(form: ChangeForm | RemoveForm) -> ChangeHeaders:
    """The version that was read, and the reason."""
    values = {"if_match": f'"{form.version}"', "force_reason": form.force_reason}
    return filled(ChangeHeaders, values)


async def listing(context: Context, query: SearchQuery) -> web.Response:
    """Articles, or those a search finds."""
    left_empty = {name for name in ("text", "language") if not getattr(query, name)}
    wanted = query.model_dump(exclude={"done", *left_empty}, exclude_none=True)
    found = await through(articles.listing, context, filled(ArticleQuery, wanted))
    return page(context, "articles.html", found=found.body, query=query)


async def new(context: Context, query: DraftQuery) -> web.Response:
    """A new article, empty or begun with what customers asked, without what is private in it."""
    asked: list[str] = []
    if wanted := numbers(query.gaps):
        async with context.read() as session:
            by_number = {gap.id: gap for gap in await stored_gaps.of(session, wanted)}
            asked = await askers.questions_of(session, [by_number[number] for number in wanted])
    language = query.language or language_among("", context.services.knowledge().languages, FALLBACK)
    draft = query.model_copy(update={"language": language})
    return page(context, "article.html", article=None, versions=[], draft=draft, asked=asked)


async def create(context: Context) -> web.Response:
    """Publish a new article."""
    form = await read_form(context.request, NewForm)
    body = filled(NewArticle, {**form.content(), "key": form.key, "language": form.language})
    made = await through(articles.create, context, forced(form), body)
    if settled := numbers(form.gaps):
        closing = CloseGapsBody(gap_ids=settled, article_id=made.body.id)
        await through(gaps.close, context, closing)
    return see(f"/articles/{made.body.id}?done=published")


async def read(context: Context, path: IdPath) -> web.Response:
    """One article, to read or edit, with what it was before."""
    found = await through(articles.read, context, path)
    past = await through(articles.versions, context, path)
    standing = await through(articles.read_standing, context, path)
    values: dict[str, Any] = {"article": found.body, "versions": past.body.items, "standing": standing.body}
    attached = await answer_files.of_article(context, found.body)
    return page(context, "article.html", draft=None, attached=attached, **values)


async def change(context: Context, path: IdPath) -> web.Response:
    """Publish a changed article, if nobody else changed it meanwhile."""
    form = await read_form(context.request, ChangeForm)
    body = filled(ArticleChange, form.content())
    await through(articles.change, context, path, conditions(form), body)
    return see(f"/articles/{path.id}?done=published")


async def remove(context: Context, path: IdPath) -> web.Response:
    """Take an article away."""
    form = await read_form(context.request, RemoveForm)
    await through(articles.remove, context, path, conditions(form))
    return see("/articles?done=removed")


async def restore(context: Context) -> web.Response:
    """Make an old version the newest."""
    form = await read_form(context.request, RestoreForm)
    stored = await through(
        articles.restore,
        context,
        forced(form),
        filled(RestoreBody, form.model_dump(exclude={"force_reason"})),
    )
    return see(f"/articles/{stored.body.id}?done=restored")


async def gap_listing(context: Context, query: GroupsQuery) -> web.Response:
    """Questions nobody could answer, what asks the same together."""
    found = await through(gaps.groups, context, query)
    since = GapQuery(state=stored_gaps.ANSWERED, language=query.language, limit=ANSWERED_SHOWN)
    answered = await through(gaps.listing, context, since)
    return page(context, "gaps.html", found=found.body, answered=answered.body.items)


async def change_gap(context: Context, path: IdPath) -> web.Response:
    """Close a gap, or open it again."""
    form = await read_form(context.request, GapForm)
    await through(gaps.change, context, path, GapChange(state=form.state))
    return see("/gaps")


async def close_gaps(context: Context) -> web.Response:
    """Close a group of gaps."""
    form = await read_form(context.request, CloseForm)
    await through(gaps.close, context, CloseGapsBody(gap_ids=numbers(form.gaps)))
    return see("/gaps?done=closed")


async def teach(context: Context) -> web.Response:
    """Make a group of gaps phrasings of an article."""
    form = await read_form(context.request, TeachForm)
    body = TeachBody(gap_ids=numbers(form.gaps), article_id=form.article_id)
    stored = await through(gaps.teach, context, forced(form), body)
    return see(f"/articles/{stored.body.id}?done=published")


def numbers(by_commas: str) -> list[int]:
    """Those of a field of gaps."""
    return [int(number) for number in by_commas.split(",") if number]
