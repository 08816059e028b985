"""Canned replies: found, written, changed."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Literal, TypeVar

from aiohttp import BodyPartReader, web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.form_text import form_text
from admin_api.handlers import canned_replies
from admin_api.handlers.attachments import chunks_in, words_in
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.canned_replies import CannedChange, CannedQuery, NewCanned
from admin_api.versions import IfMatch
from crm_store.canned_text import KNOWN
from crm_store.files import Taken

M = TypeVar("M", bound=BaseModel)
BLANKS = " ".join(f"{{{name}}}" for name in KNOWN[:2]) + " {customer.first_name|…}"


class SearchQuery(BaseModel):
    """What to look for."""

    q: str = ""
    done: str = ""


class CannedForm(Form):
    """A canned reply as it is edited."""

    shortcode: str = ""
    text: str = ""
    category: str = ""


class NewForm(CannedForm):
    """A new one, and for whom."""

    whose: Literal["shared", "personal"] = "personal"


class ChangeForm(CannedForm):
    """A changed one; `version` is the one that was read."""

    version: int


async def _typed(context: Context, model: type[M]) -> tuple[M, Taken | None]:
    """The form, and the file that was chosen in it: in the folder now, and the caller's to give or to remove."""
    request = context.request
    if request.content_type != "multipart/form-data":
        return await read_form(request, model), None
    taken, values = None, {}
    # Read as it comes: a file may be larger than a form.
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ApiError(415, "send this as a form")
        if part.name != "file":
            values[str(part.name)] = form_text((await words_in(part)).decode("utf-8", "replace"))
        elif part.filename and taken is None:
            async with aclosing(chunks_in(part)) as chunks:
                taken = await context.services.files.take_in(chunks, part.filename)
    async with _kept_only_if_given(context, taken):
        return filled(model, {name: value for name, value in values.items() if value.strip()}), taken


@asynccontextmanager
async def _kept_only_if_given(context: Context, taken: Taken | None) -> AsyncIterator[None]:
    """What is done with the form: where that fails, its file goes again."""
    async with context.services.files.new(*([taken.key] if taken else [])):
        yield


async def listing(context: Context, query: SearchQuery) -> web.Response:
    """Those one may use, or those a search finds."""
    found = await through(canned_replies.listing, context, filled(CannedQuery, {"q": query.q}))
    return page(context, "canned.html", found=found.body.items, query=query, one=None, blanks=BLANKS)


async def create(context: Context) -> web.Response:
    """Write one."""
    form, taken = await _typed(context, NewForm)
    async with _kept_only_if_given(context, taken):
        values = form.model_dump(exclude={"whose"}) | {"personal": form.whose == "personal"}
        made = await through(canned_replies.create, context, filled(NewCanned, values))
        if taken:
            await through(canned_replies.give, context, IdPath(id=made.body.id), taken)
    return see(f"/canned/{made.body.id}?done=saved")


async def read(context: Context, path: IdPath) -> web.Response:
    """One, to read or change."""
    found = await through(canned_replies.read, context, path)
    return page(context, "canned_reply.html", one=found.body, blanks=BLANKS)


async def change(context: Context, path: IdPath) -> web.Response:
    """Change it, if nobody did meanwhile."""
    form, taken = await _typed(context, ChangeForm)
    async with _kept_only_if_given(context, taken):
        body = filled(CannedChange, form.model_dump(exclude={"version"}))
        await through(canned_replies.change, context, path, IfMatch(if_match=f'"{form.version}"'), body)
        if taken:
            await through(canned_replies.give, context, path, taken)
    return see(f"/canned/{path.id}?done=saved" if taken else "/canned?done=saved")


async def remove(context: Context, path: IdPath) -> web.Response:
    """Delete it."""
    await through(canned_replies.remove, context, path)
    return see("/canned?done=deleted")


async def detach(context: Context, path: IdPath) -> web.Response:
    """Take its file away."""
    await through(canned_replies.detach, context, path)
    return see(f"/canned/{path.id}?done=saved")
