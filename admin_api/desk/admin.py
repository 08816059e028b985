"""What admins look after: the settings in force, and who changed what."""

from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel, SecretStr

from admin_api.contract import Context
from admin_api.desk.forms import filled
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import audit
from admin_api.schemas.staff import AuditQuery
from crm_store.settings import Settings

ADDRESS = "database_url"
"""It may hold a password."""


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting: how it is set, what it is now, what it does."""

    name: str
    value: str
    about: str
    is_default: bool


class AuditPageQuery(BaseModel):
    """Whose changes; left empty, all."""

    subject: str = ""
    at: str = ""


def lines_of(settings: Settings, *, address: str) -> list[SettingLine]:
    """The settings as they are, secrets left out."""
    found = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = address if name == ADDRESS else "•••" if isinstance(value, SecretStr) else str(value)
        about = field.description or ""
        found.append(SettingLine(f"FRONTDESK_{name.upper()}", shown, about, value == field.default))
    return found


async def show_settings(context: Context) -> web.Response:
    """The settings in force in this process."""
    services = context.services
    address = services.store.url.render_as_string(hide_password=True)
    lines = [
        line
        for settings in (services.settings, services.store_settings)
        for line in lines_of(settings, address=address)
    ]
    return page(context, "settings.html", lines=lines)


async def show_audit(context: Context, query: AuditPageQuery) -> web.Response:
    """The newest changes first, of one subject when asked."""
    named = {"subject": query.subject, "cursor": query.at}
    asked = {name: value for name, value in named.items() if value}
    found = await through(audit.listing, context, filled(AuditQuery, asked))
    return page(context, "audit.html", found=found.body, query=query)
