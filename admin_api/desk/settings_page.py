"""The settings: those that are changed here, each a form of its own, and those that the environment sets."""

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from aiohttp import web
from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr

from admin_api.contract import Context
from admin_api.desk.case_acts import parsed_attributes
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import settings as handlers
from admin_api.schemas.settings import NewValue, SettingPath, SettingShown
from crm_store.settings import Settings, StoreSettings
from crm_store.stored_settings import CHANGEABLE, refuse_unknown

ADDRESS = "database_url"
"""It may hold a password."""
GROUPS = (
    ("hours", ("working_hours", "time_zone", "holidays", "team_hours")),
    ("queue", ("dispatch", "default_capacity", "first_reply_minutes", "handoff_notice_minutes", "response_targets")),
    ("ratings", (
        "rating_aspects", "rating_weights", "rating_shrinkage", "rating_expiry_hours", "rating_reminder_hours",
        "low_rating_stars", "customer_silence_hours",
    )),
    ("bot", ("wrong_budget", "phrasing_agreement", "idle_close_hours")),
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


class ValueForm(Form):
    """The value a setting is to have; left empty, an empty text."""

    value: str = ""


def field_of(shown: SettingShown) -> Field:
    """The setting with the control its type asks for."""
    declared = StoreSettings.model_fields[shown.name]
    kind = declared.annotation
    value, default = _written(shown.value), _written(shown.default)
    if get_origin(kind) is Literal:
        return Field(shown, "choice", value, default, choices=get_args(kind))
    if kind in (int, float):
        limits = {
            type(one): getattr(one, type(one).__name__.lower())
            for one in declared.metadata
            if isinstance(one, Ge | Gt | Le | Lt)
        }
        least, most = limits.get(Ge, limits.get(Gt)), limits.get(Le, limits.get(Lt))
        return Field(shown, "number", value, default, (), least, most, "1" if kind is int else "any")
    return Field(shown, "lines" if isinstance(shown.value, dict) else "text", value, default)


def _written(value: object) -> str:
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
    services = context.services
    address = services.store.url.render_as_string(hide_password=True)
    lines = [
        line
        for settings in (services.settings, services.store_settings.base)
        for line in lines_of(settings, address=address)
    ]
    listed = (await through(handlers.listing, context)).body
    fields = {shown.name: field_of(shown) for shown in listed.items}
    groups = [(group, [fields[name] for name in names]) for group, names in GROUPS]
    return page(context, "settings.html", lines=lines, groups=groups)


async def change(context: Context, path: SettingPath) -> web.Response:
    """Give a setting another value."""
    refuse_unknown(path.name)
    form = await read_form(context.request, ValueForm)
    is_table = get_origin(StoreSettings.model_fields[path.name].annotation) is dict
    value: Any = parsed_attributes(form.value) if is_table else form.value
    await through(handlers.change, context, path, filled(NewValue, {"value": value}))
    return see("/settings?done=saved")


async def reset(context: Context, path: SettingPath) -> web.Response:
    """Let the environment's value count again."""
    await through(handlers.reset, context, path)
    return see("/settings?done=saved")
