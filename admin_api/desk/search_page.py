"""The search page: conversations by words in them and by what they are, kept in the address, saved as views."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, Field

from admin_api.contract import Context
from admin_api.desk import days
from admin_api.desk.case_acts import reader_zone
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.menus import colleagues
from admin_api.desk.pages import page, words_of
from admin_api.desk.snooze_times import presets
from admin_api.desk.through import through
from admin_api.desk.timeline import worded
from admin_api.handlers import finding
from admin_api.schemas.base import IdPath
from admin_api.schemas.finding import MAX_ASKED, FilterFields, NewView
from crm_store import inbox, labels, scores, search, snoozing, views
from crm_store.errors import InvalidValue
from crm_store.filters import Filters
from crm_store.lifecycle import Status
from crm_store.queueing import PRIORITIES
from crm_store.search_text import marked
from crm_store.session import Session

SHOWN = 50


def _left_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Left = BeforeValidator(_left_empty)
Text = Annotated[Annotated[str, Field(max_length=MAX_ASKED)] | None, Left]


class FindQuery(BaseModel):
    """What is asked for; fields left empty ask nothing."""

    q: Text = None
    status: Annotated[Status | None, Left] = None
    agent_id: Annotated[int | None, Left] = None
    team: Text = None
    tag: Text = None
    channel: Text = None
    priority: Annotated[int | None, Left] = None
    attribute: Text = None
    segment: Text = None
    since: Text = None
    until: Text = None
    before: Annotated[int | None, Left] = None

    def filters(self, since: datetime | None, until: datetime | None) -> Filters:
        """All that is asked, in the time between these moments."""
        asked = self.model_dump(exclude={"before", "since", "until"})
        return Filters(**asked, since=since, until=until)


class ViewForm(Form):
    """A filter to save: what is asked for, as it stands in the address."""

    name: str
    whose: Literal["shared", "personal"] = "personal"
    q: str | None = None
    status: str | None = None
    agent_id: int | None = None
    team: str | None = None
    tag: str | None = None
    channel: str | None = None
    priority: int | None = None
    attribute: str | None = None
    segment: str | None = None
    since: str | None = None
    until: str | None = None


def _filters(context: Context, query: FindQuery) -> Filters:
    zone = reader_zone(context.request)
    try:
        since = days.begins(query.since, zone) if query.since else None
        until = days.is_over(query.until, zone) if query.until else None
    except ValueError:
        raise InvalidValue(words_of(context.request)("find.no_day")) from None
    return query.filters(since, until)


async def show(context: Context, query: FindQuery) -> web.Response:
    """The conversations in which all holds that was asked; with words, the newest message of each that has them."""
    filters = _filters(context, query)
    if filters.q:
        await finding.follow_messages(context)
    zone = reader_zone(context.request)
    async with context.read() as session:
        rows = await search.find_conversations(session, filters, before_id=query.before, limit=SHOWN + 1)
        hits = await search.newest_hits(session, filters, [row.id for row in rows[:SHOWN]])
        values: dict[str, Any] = {
            "lines": await inbox.lines(session, rows[:SHOWN]),
            **await _choices(context, session, filters, zone),
        }
    told = filters.told()
    more = address({**told, "before": rows[SHOWN - 1].id}) if len(rows) > SHOWN else None
    words = words_of(context.request)
    found = {
        number: (hit.message, count, marked(worded(hit.message, words), filters.q or ""))
        for number, (hit, count) in hits.items()
    }
    return page(context, "search.html", **values, query=query, told=told, hits=found, more_at=more)


async def _choices(context: Context, session: Session, filters: Filters, zone: tzinfo) -> dict[str, Any]:
    """What the fields of the page offer; what is asked for is among it, whether anybody still has it or not."""
    me = context.caller.agent
    run = await scores.latest_run(session)
    kept = await views.listing(session, me.id if me else None)
    return {
        "names": await inbox.agent_names(session),
        "teams": await snoozing.teams(session),
        "asked_teams": _with(filters.team, await snoozing.teams(session)),
        "colleagues": await colleagues(session, context.now),
        "presets": presets(context.now, zone),
        "tags": _with(filters.tag, await labels.known_tags(session)),
        "attributes": await labels.known_attributes(session),
        "segments": _with(filters.segment, [one["name"] for one in (run.segments or [] if run else [])]),
        "statuses": [status.value for status in Status],
        "steps": [step for step in PRIORITIES if step > min(PRIORITIES)],
        "every_step": list(PRIORITIES),
        "since_day": days.first_day(filters.since, zone),
        "until_day": days.last_day(filters.until, zone),
        "views": [(row, address(row.filters)) for row in kept],
    }


def _with(asked: str | None, known: Iterable[str]) -> list[str]:
    return sorted({*known, *([asked] if asked else ())}, key=str.lower)


def address(values: Mapping[str, object]) -> str:
    """The page with this asked for."""
    return f"/search?{urlencode(values)}" if values else "/search"


async def save_view(context: Context) -> web.Response:
    """Save what is asked for."""
    form = await read_form(context.request, ViewForm)
    asked = form.model_dump(exclude={"name", "whose"}, exclude_none=True)
    body = NewView(name=form.name, filters=filled(FilterFields, asked), personal=form.whose == "personal")
    saved = (await through(finding.save_view, context, body)).body
    return see(address({**saved.filters, "done": "saved"}))


async def delete_view(context: Context, path: IdPath) -> web.Response:
    """Delete a saved filter."""
    await through(finding.delete_view, context, path)
    return see("/search?done=deleted")
