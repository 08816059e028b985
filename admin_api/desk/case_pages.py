"""After-sales cases and follow-ups: listed, opened beside a conversation, moved on step by step."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.case_acts import reader_zone
from admin_api.desk.case_forms import ChangeForm, NewForm, changed, money
from admin_api.desk.forms import filled, read_form, see
from admin_api.desk.pages import page, words_of
from admin_api.desk.snooze_times import typed_time
from admin_api.desk.texts import Words
from admin_api.desk.through import through
from admin_api.handlers import cases
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.cases import CaseFields, CaseQuery, CaseSpan, CaseWithHistory, NewCase
from admin_api.versions import IfMatch
from crm_store import (
    case_currency,
    conversations,
    customers,
    follow_ups,
    inbox,
    orders,
    ratings,
    snoozing,
    staff,
    stars,
)
from crm_store.amounts import typed
from crm_store.case_states import CaseKind
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.session import Session

MINUTES = "%Y-%m-%dT%H:%M"
"""As a browser's field for a moment has it."""
MOST_ORDERS = 50


class ListQuery(BaseModel):
    """Which cases; all that are open unless said otherwise."""

    show: Literal["open", "follow_ups", "overdue", "mine", "closed"] = "open"
    at: str = ""
    done: str = ""


async def listing(context: Context, query: ListQuery) -> web.Response:
    """The cases asked for, with how they do."""
    me = context.caller.agent
    asked: dict[str, object] = {"open": query.show != "closed"}
    if query.show == "follow_ups":
        asked["kind"] = CaseKind.FOLLOW_UP
    if query.show == "overdue":
        asked["overdue"] = True
    if query.show == "mine" and me:
        asked["owner_id"] = me.id
    if query.at:
        asked["cursor"] = query.at
    found = await through(cases.listing, context, filled(CaseQuery, asked))
    told = await through(cases.report, context, CaseSpan())
    async with context.read() as session:
        names = await inbox.agent_names(session)
        whose = await follow_ups.named(session, found.body.items)
        numbers = await orders.numbers(session, {one.order_id for one in found.body.items if one.order_id})
    return page(
        context,
        "cases.html",
        found=found.body,
        figures=told.body.kinds,
        names=names,
        customers=whose,
        orders=numbers,
        shown=query.show,
    )


async def create(context: Context) -> web.Response:
    """Open a case."""
    form = await read_form(context.request, NewForm)
    if form.amount and not form.currency:
        async with context.read() as session:
            talk = await conversations.get(session, form.conversation_id)
            form.currency = await case_currency.usual(session, talk.customer_id, order_id=form.order_id) or ""
    values = {**form.model_dump(exclude_none=True), **money(form, words_of(context.request))}
    made = await through(cases.create, context, filled(NewCase, values))
    return see(f"/cases/{made.body.id}?done=saved")


async def read(context: Context, path: IdPath) -> web.Response:
    """One case with its steps."""
    found = await through(cases.read, context, path)
    async with context.read() as session:
        names = await inbox.agent_names(session)
        customer = await customers.get(session, found.body.customer_id)
        people = [a for a in await staff.page(session, limit=200) if a.disabled_at is None]
        rated = await _rated(session, found.body)
        talk = await _talk(session, found.body)
        order = await orders.get(session, found.body.order_id) if found.body.order_id else None
        bought = await orders.of_customer(session, customer.id, limit=MOST_ORDERS)
        teams = await snoozing.teams(session)
        currency = await case_currency.usual(session, customer.id, order_id=found.body.order_id)
    return page(
        context,
        "case.html",
        one=found.body,
        names=names,
        customer=customer,
        rated=rated,
        talk=talk,
        order=order,
        bought=[one for one in bought if order is None or one.id != order.id],
        currency=currency or "",
        teams=sorted({*teams, *([found.body.team] if found.body.team else ())}, key=str.lower),
        typed=typed,
        people=people,
        zone=reader_zone(context.request),
    )


@dataclass(frozen=True, slots=True)
class Rated:
    """What the customer gave whom a follow-up is about."""

    aspects: dict[str, float]
    """Stars 1-5 by aspect."""
    comment: str | None


async def _rated(session: Session, one: CaseWithHistory) -> Rated | None:
    if one.rating_request_id is None:
        return None
    request = await ratings.get_request(session, one.rating_request_id)
    given = (await follow_ups.given(session, [request.id])).get(request.id, {})
    return Rated({aspect: stars.stars_of(score) for aspect, score in given.items()}, request.comment)


async def _talk(session: Session, one: CaseWithHistory) -> Conversation | None:
    """The conversation a follow-up is about, where it can be opened again."""
    if one.kind is not CaseKind.FOLLOW_UP or one.conversation_id is None:
        return None
    found = await conversations.get(session, one.conversation_id)
    return found if found.status == Status.RESOLVED else None


async def change(context: Context, path: IdPath) -> web.Response:
    """Take a step, and set whatever the case holds."""
    form = await read_form(context.request, ChangeForm)
    before = (await through(cases.read, context, path)).body
    words = words_of(context.request)
    values: dict[str, object] = {"note": form.note}
    if form.state:
        values["state"] = form.state
    values |= changed(form, before, words) | _deadline(form, before, context, words)
    condition = IfMatch(if_match=f'"{form.version}"')
    await through(cases.change, context, path, condition, filled(CaseFields, values))
    return see(f"/cases/{path.id}?done=saved")


def _deadline(form: ChangeForm, before: CaseWithHistory, context: Context, words: Words) -> dict[str, object]:
    """The deadline where it is another; a form knows whole minutes only, and what is there must keep its seconds."""
    zone = reader_zone(context.request)
    shown = before.due_at.astimezone(zone).strftime(MINUTES) if before.due_at else ""
    if form.due_at in ("", shown):
        return {}
    due_at = typed_time(form.due_at, zone)
    if due_at <= context.now:
        raise ApiError(422, words("cases.due_past"))
    return {"due_at": due_at.isoformat()}
