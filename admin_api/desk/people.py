"""Customers: found, looked at, corrected."""

from datetime import timedelta

from aiohttp import web
from pydantic import Field, field_validator

from admin_api.contract import Context
from admin_api.desk import own_attributes
from admin_api.desk.customer_card import customer_card
from admin_api.desk.forms import Form, filled, local, read_form, see
from admin_api.desk.pages import page, words_of
from admin_api.desk.through import through
from admin_api.handlers import bans, customers, merges
from admin_api.patching import all_of
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.customers import BanBody, CustomerFields, CustomerQuery, DuplicatesQuery, MergeBody
from admin_api.versions import IfMatch
from crm_store import customers as crm_customers
from crm_store import duplicates
from crm_store.customer_fields import clean_phone
from crm_store.errors import InvalidValue

SHOWN = 20
PROPOSED = 5


class CustomerForm(Form):
    """What the desk lets one change about a customer; a field left empty is emptied."""

    version: int
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    language: str | None = None
    profiling_allowed: bool = False

    @field_validator("profiling_allowed", mode="before")
    @classmethod
    def _ticked(cls, value: object) -> bool:
        return value == "yes"


class PhoneForm(Form):
    """The number, left empty to take it away; `version` is the record's that was looked at."""

    version: int
    phone: str | None = None
    back: str = ""


class AttributesForm(Form):
    """Lines of "name: value"; `version` is the record's that was looked at."""

    version: int
    own: str = ""


class BanForm(Form):
    """Why, and how long: hours, or nothing for a ban without an end. `back` is the page one came from."""

    reason: str
    hours: int | None = Field(None, ge=1, le=87_600)
    is_shadow: bool = False
    back: str = ""


class MergeForm(Form):
    """Which record becomes part of this one."""

    merged_id: RowId


class UnmergeForm(Form):
    """Which merge is taken back."""

    merge_id: RowId


class UnbanForm(Form):
    """Where one came from."""

    back: str = ""


async def listing(context: Context, query: CustomerQuery) -> web.Response:
    """Customers, or those a search finds."""
    found = await through(customers.listing, context, query)
    return page(context, "customers.html", found=found.body, query=query.q or "")


async def read(context: Context, path: IdPath) -> web.Response:
    """One customer with everything the desk knows of them."""
    async with context.read() as session:
        card = await customer_card(session, path.id, now=context.now, shown=SHOWN)
    likely = (
        await through(merges.proposals, context, DuplicatesQuery(customer_id=path.id, limit=PROPOSED))
    ).body
    done = [one for one in (await through(merges.listing, context, path)).body.items if one.undone_at is None]
    others = {one.first_id + one.second_id - path.id: one.reasons for one in likely.items}
    shown = {*others, *(number for one in done for number in (one.kept_id, one.merged_id))}
    async with context.read() as session:
        names = await duplicates.names(session, shown)
    own = own_attributes.lines(card.customer.attributes)
    return page(context, "customer.html", card=card, others=others, merges=done, names=names, lines=own)


async def change(context: Context, path: IdPath) -> web.Response:
    """Correct a customer's fields, if nobody else did meanwhile."""
    form = await read_form(context.request, CustomerForm)
    values = form.model_dump(exclude={"version"})
    body = filled(CustomerFields, values)
    condition = IfMatch(if_match=f'"{form.version}"')
    await through(customers.change, context, path, condition, body)
    return see(f"/customers/{path.id}?done=saved")


async def change_phone(context: Context, path: IdPath) -> web.Response:
    """Set, correct or take away a customer's number, if nobody changed the record meanwhile."""
    form = await read_form(context.request, PhoneForm)
    words = words_of(context.request)
    try:
        number = clean_phone(form.phone) if form.phone else None
    except InvalidValue:
        raise ApiError(422, words("panel.no_phone_number", typed=str(form.phone)[:40])) from None
    condition = IfMatch(if_match=f'"{form.version}"')
    await through(customers.change, context, path, condition, filled(CustomerFields, {"phone": number}))
    return see(local(form.back, f"/customers/{path.id}?done=saved"))


async def change_attributes(context: Context, path: IdPath) -> web.Response:
    """Set the owner's own attributes of a customer, all at once, if nobody changed the record meanwhile."""
    form = await read_form(context.request, AttributesForm)
    async with context.read() as session:
        before = (await crm_customers.get(session, path.id)).attributes
    body = filled(CustomerFields, {"attributes": all_of(before, own_attributes.read(form.own, before))})
    await through(customers.change, context, path, IfMatch(if_match=f'"{form.version}"'), body)
    return see(f"/customers/{path.id}?done=saved")


async def merge(context: Context, path: IdPath) -> web.Response:
    """Make another record of the same person part of this one."""
    form = await read_form(context.request, MergeForm)
    await through(merges.merge, context, path, MergeBody(merged_id=form.merged_id))
    return see(f"/customers/{path.id}?done=saved")


async def unmerge(context: Context, path: IdPath) -> web.Response:
    """Two people after all: what moved returns."""
    form = await read_form(context.request, UnmergeForm)
    await through(merges.undo, context, IdPath(id=form.merge_id))
    return see(f"/customers/{path.id}?done=saved")


async def ban(context: Context, path: IdPath) -> web.Response:
    """Serve a customer no more, or not for some time."""
    form = await read_form(context.request, BanForm)
    until = context.now + timedelta(hours=form.hours) if form.hours is not None else None
    values = {
        "reason": form.reason,
        "until": until.isoformat() if until else None,
        "is_shadow": form.is_shadow,
    }
    body = filled(BanBody, values)
    await through(bans.ban, context, path, body)
    return see(local(form.back, f"/customers/{path.id}?done=saved"))


async def unban(context: Context, path: IdPath) -> web.Response:
    """Serve them again."""
    form = await read_form(context.request, UnbanForm)
    await through(bans.unban, context, path)
    return see(local(form.back, f"/customers/{path.id}?done=saved"))
