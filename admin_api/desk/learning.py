"""Learning from conversations: drafts made of replies, proposed phrasings, and a change tried before it is live."""

from aiohttp import web
from pydantic import Field

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk import answer_files
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.knowledge import ArticleForm, ForcedForm, NewForm, forced, numbers
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import articles, drafts, phrasings
from admin_api.schemas.articles import NewArticle
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.learning import (
    ArticleChoice,
    DraftChange,
    DraftsQuery,
    NewDraft,
    PhrasingBody,
    TryBody,
)

REPLAYED = 500


class DraftForm(ArticleForm):
    """A draft as it is edited; `version` is the one that was read."""

    version: int
    key: str = ""
    language: str = "en"


class TriedForm(ArticleForm):
    """An article as it is edited."""

    version: int


class ReplyForm(Form):
    """The agent's reply."""

    message_id: RowId


class ChoiceForm(ForcedForm):
    """An article."""

    article_id: RowId


class ProposalForm(ChoiceForm):
    """A proposed phrasing, and the words to add."""

    question: str = Field(min_length=1)
    phrasing: str | None = None


async def make(context: Context) -> web.Response:
    """A draft of an agent's reply, opened."""
    form = await read_form(context.request, ReplyForm)
    made = await through(drafts.from_reply, context, IdPath(id=form.message_id))
    return see(f"/drafts/{made.body.id}")


async def begin(context: Context) -> web.Response:
    """What is written of a new article so far, kept as a draft that takes files."""
    form = await read_form(context.request, NewForm)
    content = {name: value for name, value in form.content().items() if name != "enabled"}
    written = {**content, "key": form.key or None, "language": form.language, "gap_ids": numbers(form.gaps)}
    made = await through(drafts.begin, context, filled(NewDraft, written))
    return see(f"/drafts/{made.body.id}?done=drafted")


async def listing(context: Context, query: DraftsQuery) -> web.Response:
    """Drafts, the newest first."""
    found = await through(drafts.listing, context, query)
    return page(context, "drafts.html", found=found.body)


async def read(context: Context, path: IdPath) -> web.Response:
    """One draft, to edit and publish."""
    found = await through(drafts.read, context, path)
    attached = await answer_files.of_draft(context, found.body)
    return page(context, "draft.html", draft=found.body, attached=attached, trial=None)


async def _save(context: Context, path: IdPath, form: DraftForm) -> None:
    content = {name: value for name, value in form.content().items() if name != "enabled"}
    body = {**content, "key": form.key, "language": form.language, "version": form.version}
    await through(drafts.change, context, path, filled(DraftChange, body))


async def change(context: Context, path: IdPath) -> web.Response:
    """Keep a draft as it was written."""
    await _save(context, path, await read_form(context.request, DraftForm))
    return see(f"/drafts/{path.id}?done=saved")


async def publish(context: Context, path: IdPath) -> web.Response:
    """Keep a draft as it was written, and publish it."""
    form = await read_form(context.request, DraftForm)
    await _save(context, path, form)
    made = await through(drafts.publish, context, path, forced(form))
    return see(f"/articles/{made.body.id}?done=published")


async def try_draft(context: Context, path: IdPath) -> web.Response:
    """Keep a draft as it was written, and show what publishing it would do."""
    form = await read_form(context.request, DraftForm)
    await _save(context, path, form)
    content = {**form.content(), "enabled": True, "key": form.key, "language": form.language}
    body = TryBody(articles=[filled(NewArticle, content)], replay=REPLAYED)
    trial = await through(phrasings.try_out, context, body)
    found = await through(drafts.read, context, path)
    attached = await answer_files.of_draft(context, found.body)
    return page(context, "draft.html", draft=found.body, attached=attached, trial=trial.body)


async def teach(context: Context, path: IdPath) -> web.Response:
    """A draft's question becomes a phrasing of an article there is."""
    form = await read_form(context.request, ChoiceForm)
    body = ArticleChoice(article_id=form.article_id)
    stored = await through(drafts.teach, context, path, forced(form), body)
    return see(f"/articles/{stored.body.id}?done=published")


async def dismiss(context: Context, path: IdPath) -> web.Response:
    """Throw a draft away."""
    await through(drafts.dismiss, context, path)
    return see("/drafts?done=closed")


async def try_article(context: Context, path: IdPath) -> web.Response:
    """What publishing an article as it is written now would do."""
    form = await read_form(context.request, TriedForm)
    present = (await through(articles.read, context, path)).body
    kept = {name: getattr(present, name) for name in ("key", "language", "valid_from", "valid_until")}
    written = NewArticle.model_construct(**{**kept, **form.content()})
    trial = await through(phrasings.try_out, context, TryBody(articles=[written], replay=REPLAYED))
    return page(context, "trial.html", trial=trial.body, title=present.question, back=f"/articles/{path.id}")


async def proposals(context: Context) -> web.Response:
    """Phrasings that people's choices propose."""
    found = await through(phrasings.listing, context)
    return page(context, "phrasings.html", found=found.body, can_accept=context.caller.may(Access.LEAD))


async def accept(context: Context) -> web.Response:
    """Add a proposed phrasing."""
    form = await read_form(context.request, ProposalForm)
    body = filled(PhrasingBody, form.model_dump(exclude={"force_reason"}, exclude_none=True))
    await through(phrasings.accept, context, forced(form), body)
    return see("/phrasings?done=published")


async def reject(context: Context) -> web.Response:
    """Propose a phrasing no more."""
    form = await read_form(context.request, ProposalForm)
    body = filled(PhrasingBody, form.model_dump(exclude={"force_reason"}, exclude_none=True))
    await through(phrasings.reject, context, body)
    return see("/phrasings?done=closed")
