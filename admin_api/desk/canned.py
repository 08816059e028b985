"""Canned replies: found, written, changed."""

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.file_forms import done_with_file
from admin_api.desk.forms import Form, filled, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import canned_replies
from admin_api.schemas.base import IdPath
from admin_api.schemas.canned_replies import CannedChange, CannedQuery, NewCanned
from admin_api.versions import IfMatch
from crm_store.canned_text import KNOWN
from crm_store.files import Taken

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


async def listing(context: Context, query: SearchQuery) -> web.Response:
    """Those one may use, or those a search finds."""
    found = await through(canned_replies.listing, context, filled(CannedQuery, {"q": query.q}))
    return page(context, "canned.html", found=found.body.items, query=query, one=None, blanks=BLANKS)


async def create(context: Context) -> web.StreamResponse:
    """Write one."""
    return await done_with_file(context, NewForm, _create)


async def _create(context: Context, form: NewForm, taken: Taken | None) -> web.Response:
    values = form.model_dump(exclude={"whose"}) | {"personal": form.whose == "personal"}
    made = await through(canned_replies.create, context, filled(NewCanned, values), taken)
    return see(f"/canned/{made.body.id}?done=saved")


async def read(context: Context, path: IdPath) -> web.Response:
    """One, to read or change."""
    found = await through(canned_replies.read, context, path)
    return page(context, "canned_reply.html", one=found.body, blanks=BLANKS)


async def change(context: Context, path: IdPath) -> web.StreamResponse:
    """Change it, if nobody did meanwhile."""

    async def act(context: Context, form: ChangeForm, taken: Taken | None) -> web.Response:
        body = filled(CannedChange, form.model_dump(exclude={"version"}))
        read = IfMatch(if_match=f'"{form.version}"')
        await through(canned_replies.change, context, path, read, body, taken)
        return see(f"/canned/{path.id}?done=saved" if taken else "/canned?done=saved")

    return await done_with_file(context, ChangeForm, act)


async def remove(context: Context, path: IdPath) -> web.Response:
    """Delete it."""
    await through(canned_replies.remove, context, path)
    return see("/canned?done=deleted")


async def detach(context: Context, path: IdPath) -> web.Response:
    """Take its file away."""
    await through(canned_replies.detach, context, path)
    return see(f"/canned/{path.id}?done=saved")
