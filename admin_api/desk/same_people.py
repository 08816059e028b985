"""Records that may be one person: all of them on one page, the likeliest first."""

import re

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.forms import Form, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import merges
from admin_api.schemas.base import IdPath
from admin_api.schemas.customers import DuplicatesQuery, MergeBody
from crm_store import duplicates
from crm_store.errors import InvalidValue

SHOWN = 100
_PAIR = re.compile(r"([1-9][0-9]{0,17}) ([1-9][0-9]{0,17})")


class PairForm(Form):
    """The record that stays and, after a blank, the one that becomes part of it."""

    pair: str


async def show(context: Context) -> web.Response:
    """The pairs, each with its reasons."""
    found = (await through(merges.proposals, context, DuplicatesQuery(limit=SHOWN))).body.items
    numbers = {number for one in found for number in (one.first_id, one.second_id)}
    async with context.read() as session:
        names = await duplicates.names(session, numbers)
    return page(context, "duplicates.html", pairs=found, names=names)


async def merge(context: Context) -> web.Response:
    """Make the one part of the other; on its page it can be taken apart again."""
    form = await read_form(context.request, PairForm)
    found = _PAIR.fullmatch(form.pair)
    if found is None:
        raise InvalidValue("choose which of two records stays", kind="choose_record")
    await through(merges.merge, context, IdPath(id=int(found[1])), MergeBody(merged_id=int(found[2])))
    return see("/customers/duplicates?done=saved")
