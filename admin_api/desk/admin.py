"""Who changed what, as a page."""

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import filled
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import audit
from admin_api.schemas.staff import AuditQuery


class AuditPageQuery(BaseModel):
    """Whose changes; left empty, all."""

    subject: str = ""
    at: str = ""


async def show_audit(context: Context, query: AuditPageQuery) -> web.Response:
    """The newest changes first, of one subject when asked."""
    named = {"subject": query.subject, "cursor": query.at}
    asked = {name: value for name, value in named.items() if value}
    found = await through(audit.listing, context, filled(AuditQuery, asked))
    return page(context, "audit.html", found=found.body, query=query)
