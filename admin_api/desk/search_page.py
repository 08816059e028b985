"""The search page: messages by their words, conversations by filters, saved views, one act on many."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, Field
from yarl import URL

from admin_api.contract import Context
from admin_api.desk.case_acts import reader_zone
from admin_api.desk.formats import Formats
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.menus import colleagues
from admin_api.desk.pages import page, words_of
from admin_api.desk.snooze_times import presets, typed_time
from admin_api.desk.through import through
from admin_api.handlers import finding
from admin_api.schemas.base import IdPath
from admin_api.schemas.finding import BulkBody, FilterFields, NewView, SearchQuery
from crm_store import attendance, bulk, inbox, labels, snoozing, staff, views
from crm_store.errors import InvalidValue
from crm_store.lifecycle import Status
from crm_store.views import Filters

SHOWN = 50
NUMBERS = r"^[0-9]{1,18}(,[0-9]{1,18}){0,199}$"


def _left_empty(value: object) -> object:
    return None if value == "" else value


Left = BeforeValidator(_left_empty)


class FindQuery(BaseModel):
    """What is asked for; fields left empty ask nothing."""

    q: Annotated[str, Field(max_length=200)] = ""
    status: Annotated[Status | None, Left] = None
    agent_id: Annotated[int | None, Left] = None
    team: Annotated[str | None, Left] = None
    tag: Annotated[str | None, Left] = None
    channel: Annotated[str | None, Left] = None
    priority: Annotated[int | None, Left] = None
    before: Annotated[int | None, Left] = None
    at: Annotated[str | None, Left] = None
    done: str = ""
    bulk: Annotated[int | None, Left] = None
    changed: int = 0
    refused: int = 0
    waiting: int = 0

    def filters(self) -> Filters:
        """The filters alone."""
        return Filters(self.status, self.agent_id, self.team, self.tag, self.channel, self.priority)


class ViewForm(Form):
    """A filter to save: the query as it stands in the address."""

    name: str
    whose: Literal["shared", "personal"] = "personal"
    status: str = ""
    agent_id: int | None = None
    team: str = ""
    tag: str = ""
    channel: str = ""
    priority: int | None = None


class BulkForm(Form):
    """What is to be done to which conversations; only once it is confirmed."""

    ids: str = Field(pattern=NUMBERS)
    action: Literal["resolve", "assign", "snooze", "tag", "priority"]
    value: str = ""
    to: str = ""
    until: str = ""
    own_until: str = ""
    confirmed: Literal["", "yes"] = ""

    def told(self, zone: tzinfo) -> str:
        """What the act is told besides its name."""
        if self.action == "assign":
            return self.to
        if self.action == "snooze":
            return typed_time(self.own_until or self.until, zone).isoformat()
        return self.value if self.action in bulk.LABELS else ""


async def show(context: Context, query: FindQuery) -> web.Response:
    """What was asked for: messages when there are words, else conversations."""
    me = context.caller.agent
    async with context.read() as session:
        values: dict[str, Any] = {
            "names": await inbox.agent_names(session),
            "teams": await snoozing.teams(session),
            "colleagues": await colleagues(session, context.now),
            "presets": presets(context.now, reader_zone(context.request)),
            "tags": await labels.known_tags(session),
            "views": [
                (row, _address(row.filters)) for row in await views.listing(session, me.id if me else None)
            ],
        }
    found = await (_messages if query.q.strip() else _conversations)(context, query)
    told = query.filters().told()
    return page(context, "search.html", **values, **found, query=query, told=told, statuses=list(Status))


async def _messages(context: Context, query: FindQuery) -> dict[str, Any]:
    asked = {"q": query.q, **({"cursor": query.at} if query.at else {})}
    hits = (await through(finding.search_messages, context, filled(SearchQuery, asked))).body
    more = _address({"q": query.q, "at": URL(hits.next).query["cursor"]}) if hits.next else None
    return {"hits": hits, "lines": [], "more_at": more}


async def _conversations(context: Context, query: FindQuery) -> dict[str, Any]:
    async with context.read() as session:
        rows = await views.matching(session, query.filters(), before_id=query.before, limit=SHOWN + 1)
        lines = await inbox.lines(session, rows[:SHOWN])
    following = {**query.filters().told(), "before": rows[SHOWN - 1].id} if len(rows) > SHOWN else None
    return {"hits": None, "lines": lines, "more_at": _address(following) if following else None}


def _address(values: Mapping[str, object]) -> str:
    return f"/search?{urlencode(values)}"


async def save_view(context: Context) -> web.Response:
    """Save a filter."""
    form = await read_form(context.request, ViewForm)
    fields = form.model_dump(exclude={"name", "whose"})
    asked = {name: value for name, value in fields.items() if value not in ("", None)}
    body = NewView(name=form.name, filters=filled(FilterFields, asked), personal=form.whose == "personal")
    await through(finding.save_view, context, body)
    return see(_address({**asked, "done": "saved"}))


async def delete_view(context: Context, path: IdPath) -> web.Response:
    """Delete a saved filter."""
    await through(finding.delete_view, context, path)
    return see("/search?done=deleted")


async def act(context: Context) -> web.Response:
    """Ask whether it is meant; once it is confirmed, do it."""
    form = await read_form(context.request, BulkForm)
    numbers = [int(number) for number in form.ids.split(",")]
    value = form.value if form.confirmed else form.told(reader_zone(context.request))
    body = filled(BulkBody, {"conversation_ids": numbers, "action": form.action, "value": value})
    if form.confirmed != "yes":
        named = await _named(context, form.action, value)
        return page(context, "bulk.html", form=form, count=len(set(numbers)), value=value, named=named)
    done = (await through(finding.act_on_many, context, body)).body
    counts = {"changed": len(done.changed), "refused": len(done.refused), "waiting": len(done.waiting)}
    return see(_address({"bulk": done.id, **counts}))


async def _named(context: Context, action: str, value: str) -> str:
    """The value as a reader knows it: a name, a time of theirs."""
    if action == "snooze":
        request = context.request
        return Formats(words_of(request), reader_zone(request), context.now).ahead(
            datetime.fromisoformat(value)
        )
    if action != "assign":
        return value
    kind, _, name = value.partition(":")
    if not name or (kind == "agent" and not name.isdigit()):
        raise InvalidValue(words_of(context.request)("transfer.to"))
    if kind != "agent":
        return name
    async with context.read() as session:
        agent = await staff.get_agent(session, int(name))
    presence = attendance.presence_of(agent, context.now)
    words = words_of(context.request)
    return agent.name if presence == "online" else words(f"transfer.named_{presence}", name=agent.name)


async def undo(context: Context, path: IdPath) -> web.Response:
    """Each as it was before."""
    done = (await through(finding.undo_bulk, context, path)).body
    return see(_address({"done": "undone", "changed": len(done.changed), "refused": len(done.refused)}))
