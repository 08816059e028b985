"""When people are there, as forms: one calendar for everybody, and one for each team that keeps its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.desk import hours_form
from admin_api.desk.forms import FORM_TYPES, filled, see
from admin_api.desk.hours_form import Calendar, Written
from admin_api.desk.pages import drawn_again, page
from admin_api.desk.through import through
from admin_api.form_parts import readable
from admin_api.form_text import form_text
from admin_api.handlers import settings as handlers
from admin_api.problems import ApiError
from crm_store import snoozing
from crm_store.hours_text import LONGEST_NAME
from crm_store.labels import MAX_TEAM
from crm_store.settings import StoreSettings
from crm_store.stored_settings import UnfitValue
from crm_store.working_hours import DAYS

OF_ALL = ("working_hours", "time_zone", "holidays")
OF_TEAMS = ("team_hours", "team_time_zones", "team_holidays")
FIELD_OF = {
    name: place
    for names in (OF_ALL, OF_TEAMS)
    for name, place in zip(names, ("week", "zone", "holidays"), strict=True)
}
"""Where on the form it is said that a setting cannot be so."""


class TeamQuery(BaseModel):
    """Whose calendar; empty: everybody's."""

    team: Annotated[str, Field(max_length=MAX_TEAM)] = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was typed into a form of the setting of this name, and is not kept."""

    name: str
    typed: str


async def show(context: Context, query: TeamQuery) -> web.Response:
    """The calendar of everybody, or of a team."""
    values = await _values(context)
    return await _page(context, values, query.team.strip(), _calendar(values, query.team.strip()))


async def change(context: Context) -> web.Response:
    """Keep this calendar; one that cannot be leaves the form as it was typed, with what is wrong at its field."""
    if context.request.content_type not in FORM_TYPES:
        raise ApiError(415, "send this as a form")
    with readable():
        sent = await context.request.post()
    fields = {name: [form_text(one) for one in sent.getall(name) if isinstance(one, str)] for name in sent}
    team = filled(TeamQuery, {"team": "".join(fields.get("team", ())).strip()}).team
    form, values = hours_form.typed(fields), await _values(context)
    written, wrong = hours_form.checked(form, is_team=bool(team))
    if not wrong:
        wrong = await _keep(context, team, written)
    if wrong:
        return await _page(context, values, team, replace(form, wrong=wrong))
    return see(f"/settings/hours?{urlencode({'team': team, 'done': 'saved'})}")


async def not_here(context: Context, name: str, typed: str) -> web.Response:
    """The calendar of everybody as it is, for who typed one of its settings elsewhere: that was not kept."""
    values = await _values(context)
    return await _page(context, values, "", _calendar(values, ""), dropped=Dropped(name, typed))


async def _values(context: Context) -> dict[str, Any]:
    listed = (await through(handlers.listing, context)).body.items
    return {one.name: one.value for one in listed if one.name in FIELD_OF}


def _calendar(values: Mapping[str, Any], team: str) -> Calendar:
    if team:
        return hours_form.shown(*(values[name].get(team) for name in OF_TEAMS))
    return hours_form.shown(*(values[name] for name in OF_ALL))


async def _keep(context: Context, team: str, new: Written) -> dict[str, str]:
    """Store what is another than before, all of it or nothing; by field, what is wrong where a setting does not take
    it."""
    parts = dict(zip(OF_TEAMS if team else OF_ALL, (new.hours, new.zone, new.holidays), strict=True))

    def wanted(present: StoreSettings) -> Mapping[str, object]:
        if not team:
            return parts
        return {name: _with(getattr(present, name), team, part) for name, part in parts.items()}

    try:
        await through(handlers.change_together, context, wanted)
    except UnfitValue as error:
        return {FIELD_OF[error.setting]: "unfit"}
    return {}


def _with(table: Mapping[str, str], team: str, part: str | None) -> dict[str, str]:
    """The table of all teams with this one's part, or without it where it is as for everybody."""
    own = {} if part is None else {team: part}
    return {name: one for name, one in table.items() if name != team} | own


async def _page(
    context: Context,
    values: Mapping[str, Any],
    team: str,
    calendar: Calendar,
    *,
    dropped: Dropped | None = None,
) -> web.Response:
    async with context.read() as session:
        teams = await snoozing.teams(session)
    apart = {name for setting in OF_TEAMS for name in values[setting]}
    drawn = page(
        context,
        "hours.html",
        status=409 if dropped else 422 if calendar.wrong else 200,
        dropped=dropped,
        calendar=calendar,
        team=team,
        teams=sorted({*teams, *apart, *([team] if team else ())}, key=str.lower),
        apart=apart,
        days=DAYS,
        zones=hours_form.zones(calendar.zone),
        everybody=values["time_zone"],
        longest_name=LONGEST_NAME,
        longest_team=MAX_TEAM,
    )
    return drawn_again(drawn) if calendar.wrong or dropped else drawn
