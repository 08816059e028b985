"""One act on many conversations: asked about, done, and what stands of it on every page until it is undone or old."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Literal

from aiohttp import web
from pydantic import Field
from yarl import URL

from admin_api.contract import Context
from admin_api.desk.case_acts import reader_zone
from admin_api.desk.formats import Formats
from admin_api.desk.forms import Form, filled, local, read_form, see
from admin_api.desk.pages import not_done, page, words_of
from admin_api.desk.refused import worded
from admin_api.desk.snooze_times import typed_time
from admin_api.desk.texts import Words
from admin_api.desk.through import through
from admin_api.handlers import finding
from admin_api.schemas.base import IdPath
from admin_api.schemas.finding import BulkBody
from crm_store import attendance, bulk, handing_on, holders, inbox, staff
from crm_store.errors import DoneBefore, InvalidValue, TooLate

NUMBERS = r"^[0-9]{1,18}(,[0-9]{1,18}){0,199}$"
ASKED_AT = "/search/bulk"
PAGE_HEADER = "HX-Current-URL"
"""Which page a part of one was asked for from."""


class BulkForm(Form):
    """What is to be done to which conversations; only once it is confirmed. `back` is the page one came from."""

    ids: str = Field(pattern=NUMBERS)
    action: Literal["resolve", "assign", "snooze", "tag", "priority"]
    value: str = ""
    step: str = ""
    to: str = ""
    until: str = ""
    own_until: str = ""
    confirmed: Literal["", "yes"] = ""
    back: str = ""

    def told(self, zone: tzinfo) -> str:
        """What the act is told besides its name."""
        if self.action == "assign":
            return self.to
        if self.action == "snooze":
            return typed_time(self.own_until or self.until, zone).isoformat()
        if self.action == "priority":
            return self.step or self.value
        return self.value if self.action in bulk.LABELS else ""


class UndoForm(Form):
    """The page one came from."""

    back: str = ""


async def act(context: Context) -> web.Response:
    """Ask whether it is meant; once it is confirmed, do it."""
    form = await read_form(context.request, BulkForm)
    numbers = [int(number) for number in form.ids.split(",")]
    value = form.value if form.confirmed else form.told(reader_zone(context.request))
    body = filled(BulkBody, {"conversation_ids": numbers, "action": form.action, "value": value})
    back = local(form.back, "/search")
    if form.confirmed != "yes":
        named = await _named(context, form.action, value)
        held, count = await _held(context, body), len(set(numbers))
        shown: dict[str, Any] = {"count": count, "value": value, "named": named, "held": held, "back": back}
        return page(context, "bulk.html", form=form, **shown)
    await through(finding.act_on_many, context, body)
    return see(back)


async def _held(context: Context, asked: BulkBody) -> list[tuple[str, int]]:
    """The colleagues from whom some of them are taken, and how many; a label takes nothing from anybody."""
    if asked.action in bulk.LABELS or context.caller.agent_id is None:
        return []
    kind, _, to = asked.value.partition(":")
    stays = {int(to)} if kind == "agent" and to.isascii() and to.isdigit() else set()
    async with context.read() as session:
        return await holders.colleagues(session, asked.conversation_ids, {context.caller.agent_id} | stays)


async def _named(context: Context, action: str, value: str) -> str:
    """The value as a reader knows it: a name, a time of theirs."""
    if action == "snooze":
        request = context.request
        return Formats(words_of(request), reader_zone(request), context.now).ahead(
            datetime.fromisoformat(value)
        )
    if action == "priority":
        return words_of(context.request).maybe(f"priority.{value}", value)
    if action != "assign":
        return value
    kind, _, name = value.partition(":")
    if not name or (kind == "agent" and not name.isdigit()):
        raise InvalidValue(words_of(context.request)("transfer.to"))
    if kind != "agent":
        return name
    async with context.read() as session:
        agent = await staff.get_agent(session, int(name))
        has_room = await handing_on.can_hold(session, agent, now=context.now)
    presence = attendance.presence_of(agent, context.now)
    if has_room or agent.id == context.caller.agent_id:
        return agent.name
    why = "full" if presence == "online" else presence
    return words_of(context.request)(f"transfer.named_{why}", name=agent.name)


async def undo(context: Context, path: IdPath) -> web.Response:
    """Each as it was before."""
    form = await read_form(context.request, UndoForm)
    try:
        await through(finding.undo_bulk, context, path)
    except DoneBefore:
        return not_done(context.request, "undone_before", "/search")
    except TooLate:
        return not_done(context.request, "undo_too_late", "/search")
    return see(local(form.back, "/search"))


async def standing(context: Context) -> web.Response:
    """What stands of the reader's last act on many: its undoing, and whom it left out and why. Often nothing."""
    me = context.caller.agent
    words = words_of(context.request)
    async with context.read() as session:
        row = await bulk.standing(session, me.id, now=context.now) if me else None
        names = await inbox.customer_names(session, [one["id"] for one in row.refused] if row else [])
    left_out = [(one["id"], names.get(one["id"]), why(words, one)) for one in (row.refused if row else [])]
    from_page = URL(context.request.headers.get(PAGE_HEADER, "/search")).without_query_params("not_done")
    # What was asked for by the question's own page is none to go back to.
    back = local(from_page.raw_path_qs, "/search") if from_page.path != ASKED_AT else "/search"
    until = row.done_at + bulk.UNDO_FOR if row else None
    return page(context, "standing.html", act=row, left_out=left_out, back=back, undo_until=until)


def why(words: Words, refused: Mapping[str, Any]) -> str:
    """Why one was left out, in the reader's words where the reason has a name."""
    if refused["why"] == "other":
        return worded({**refused, "status": 409, "detail": refused["reason"]}, words)
    name = str(refused.get("status") or refused.get("holder") or "")
    named = words.maybe(f"status.{name}", name)
    return words.maybe(f"left_out.{refused['why']}", refused["reason"], name=named)
