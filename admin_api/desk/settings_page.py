"""The settings: those that are changed here, each a form of its own, and those that the environment sets."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args, get_origin

from aiohttp import web
from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from admin_api.contract import Context
from admin_api.desk.case_acts import parsed_attributes
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.hours_page import FIELD_OF, not_here
from admin_api.desk.pages import drawn_again, page, words_of
from admin_api.desk.setting_doubts import doubts
from admin_api.desk.through import through
from admin_api.handlers import settings as handlers
from admin_api.problems import ApiError
from admin_api.schemas.settings import NewValue, ResetQuery, SettingPath, SettingShown
from crm_store.errors import InvalidValue
from crm_store.settings import Settings, StoreSettings
from crm_store.stored_settings import CHANGEABLE, KEEPS, Unconfirmed, UnfitValue, refuse_unknown

ADDRESS = "database_url"
"""It may hold a password."""
_QUOTED = re.compile(r"'([^']{1,80})'")
"""The piece of a text that a refusal is about."""
SHORT = 80
"""So long a value is told whole where no piece of it is known to be wrong."""
GROUPS = (
    ("hours", (
        "working_hours", "time_zone", "holidays", "team_hours", "team_time_zones", "team_holidays",
    )),
    ("queue", ("dispatch", "default_capacity", "first_reply_minutes", "handoff_notice_minutes", "handed_on_minutes",
               "response_targets", "needed_skills", "skill_minutes")),
    ("cases", ("return_days", "refund_days", "repair_days", "follow_up_days")),
    ("ratings", (
        "rating_aspects", "rating_weights", "rating_shrinkage", "rating_expiry_hours", "rating_reminder_hours",
        "low_rating_stars", "customer_silence_hours", "scores_at",
    )),
    ("bot", ("wrong_budget", "learn_from_log", "phrasing_agreement", "first_contact_check", "idle_close_hours")),
    ("keeping", (KEEPS,)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting of the environment: how it is set, and what it is now; what it does has a sentence by its `key`."""

    key: str
    name: str
    value: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A setting that is changed here, as its form shows it."""

    shown: SettingShown
    kind: Literal["choice", "number", "text", "lines"]
    value: str
    default: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    step: str = "1"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was typed for which setting, and what is wrong with it in the reader's words."""

    name: str
    typed: str
    told: str


@dataclass(frozen=True, slots=True)
class Question:
    """An act that has to be confirmed: of which setting, its address, the value it sends, what it would delete."""

    name: str
    action: str
    value: str
    count: int
    before: datetime


class ValueForm(Form):
    """The value a setting is to have; left empty, an empty text."""

    value: str = ""
    confirmed: Literal["", "yes"] = ""


class ResetForm(Form):
    """Whether it is meant."""

    confirmed: Literal["", "yes"] = ""


def field_of(shown: SettingShown) -> Field:
    """The setting with the control its type asks for."""
    declared = StoreSettings.model_fields[shown.name]
    kind = declared.annotation
    value, default = _written(shown.value), _written(shown.default)
    if get_origin(kind) is Literal:
        return Field(shown, "choice", value, default, choices=get_args(kind))
    if kind is bool:
        return Field(shown, "choice", value, default, choices=("true", "false"))
    if kind in (int, float):
        least, most = limits_of(declared)
        return Field(shown, "number", value, default, (), least, most, "1" if kind is int else "any")
    return Field(shown, "lines" if isinstance(shown.value, dict) else "text", value, default)


def limits_of(declared: FieldInfo) -> tuple[float | None, float | None]:
    """The least and the most a number may be, None where anything goes."""
    limits = {
        type(one): getattr(one, type(one).__name__.lower())
        for one in declared.metadata
        if isinstance(one, Ge | Gt | Le | Lt)
    }
    return limits.get(Ge, limits.get(Gt)), limits.get(Le, limits.get(Lt))


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items())
    return str(value)


def lines_of(settings: Settings, *, address: str) -> list[SettingLine]:
    """The environment's settings as they are, secrets left out."""
    found = []
    for name, field in type(settings).model_fields.items():
        if name in CHANGEABLE:
            continue
        value = getattr(settings, name)
        shown = address if name == ADDRESS else "•••" if isinstance(value, SecretStr) else str(value)
        found.append(SettingLine(name, f"FRONTDESK_{name.upper()}", shown, value == field.default))
    return found


async def show(context: Context) -> web.Response:
    """Both kinds of settings."""
    return await _page(context)


async def _page(
    context: Context, *, refusal: Refusal | None = None, question: Question | None = None
) -> web.Response:
    services = context.services
    address = services.store.url.render_as_string(hide_password=True)
    lines = [
        line
        for settings in (services.settings, services.store_settings.base)
        for line in lines_of(settings, address=address)
    ]
    listed = (await through(handlers.listing, context)).body
    fields = {shown.name: field_of(shown) for shown in listed.items}
    if refusal is not None:
        fields[refusal.name] = replace(fields[refusal.name], value=refusal.typed)
    if question is not None and question.value:
        fields[question.name] = replace(fields[question.name], value=question.value)
    groups = [(group, [fields[name] for name in names]) for group, names in GROUPS]
    told = doubts({shown.name: shown.value for shown in listed.items}, words_of(context.request))
    values = {"lines": lines, "groups": groups, "refusal": refusal, "question": question, "doubts": told}
    status = 422 if refusal else 409 if question else 200
    drawn = page(context, "settings.html", status=status, **values)
    return drawn_again(drawn) if refusal or question else drawn


async def change(context: Context, path: SettingPath) -> web.Response:
    """Give a setting another value; one it cannot have leaves the form as it was typed, with what is wrong."""
    refuse_unknown(path.name)
    form = await read_form(context.request, ValueForm)
    if path.name in FIELD_OF:  # drawn before these had a form of their own
        return await not_here(context, path.name, form.value)
    is_table = get_origin(StoreSettings.model_fields[path.name].annotation) is dict
    try:
        value: Any = parsed_attributes(form.value) if is_table else form.value
        body = filled(NewValue, {"value": value, "confirmed": form.confirmed == "yes"})
        await through(handlers.change, context, path, body)
    except (InvalidValue, ApiError) as error:
        if isinstance(error, ApiError) and error.status != 422:
            raise
        told = _told(context, path.name, error, form.value)
        return await _page(context, refusal=Refusal(path.name, form.value, told))
    except Unconfirmed as asked:
        question = Question(path.name, f"/settings/{path.name}", form.value, asked.count, asked.before)
        return await _page(context, question=question)
    return see("/settings?done=saved")


def _told(context: Context, name: str, error: Exception, typed: str) -> str:
    """What is wrong, by the name and the ways of writing that the page shows."""
    words = words_of(context.request)
    label = words(f"setting.{name}")
    declared = StoreSettings.model_fields[name]
    least, most = limits_of(declared)
    if declared.annotation in (int, float):
        if any(isinstance(one, Gt) for one in declared.metadata):
            return words("settings.unfit_between", label=label, least=f"{least:g}", most=f"{most:g}")
        if most is None:
            return words("settings.unfit_from", label=label, least=f"{least:g}")
        return words("settings.unfit_number", label=label, least=f"{least:g}", most=f"{most:g}")
    detail = error.told if isinstance(error, UnfitValue) else str(error)
    # What it quotes besides, such as a pattern, is for programs.
    piece = next(
        (one for one in _QUOTED.findall(detail) if one in typed), typed if len(typed) <= SHORT else ""
    )
    return words("settings.unfit_piece" if piece else "settings.unfit", label=label, piece=piece)


async def reset(context: Context, path: SettingPath) -> web.Response:
    """Let the environment's value count again."""
    refuse_unknown(path.name)
    form = await read_form(context.request, ResetForm)
    try:
        await through(handlers.reset, context, path, ResetQuery(confirmed=form.confirmed == "yes"))
    except Unconfirmed as asked:
        question = Question(path.name, f"/settings/{path.name}/reset", "", asked.count, asked.before)
        return await _page(context, question=question)
    return see("/settings?done=saved")
