"""Who changed what, as a page."""

from aiohttp import web
from pydantic import BaseModel

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk import audit_told
from admin_api.desk.audit_told import Reader
from admin_api.desk.formats import Formats, zone_of
from admin_api.desk.forms import filled
from admin_api.desk.pages import ZONE_COOKIE, page, words_of
from admin_api.desk.through import through
from admin_api.handlers import audit
from admin_api.schemas.staff import AuditQuery
from crm_store import audit_names


class AuditPageQuery(BaseModel):
    """Whose changes; left empty, all."""

    subject: str = ""
    at: str = ""


async def show_audit(context: Context, query: AuditPageQuery) -> web.Response:
    """The newest changes first, of one subject when asked."""
    asked = {"subject": query.subject, "cursor": query.at}
    found = (
        await through(
            audit.listing, context, filled(AuditQuery, {key: value for key, value in asked.items() if value})
        )
    ).body
    wanted = audit_told.things_of(found.items) | ({query.subject} if query.subject else set())
    async with context.read() as session:
        names = await audit_names.named(session, wanted)
    show = Formats(words_of(context.request), zone_of(context.request.cookies.get(ZONE_COOKIE)), context.now)
    reader = Reader(show, names, context.caller.agent_id, context.caller.may(Access.ADMIN))
    return page(
        context,
        "audit.html",
        entries=[audit_told.told(entry, reader) for entry in found.items],
        next=found.next,
        about=audit_told.thing(query.subject, reader) if query.subject else None,
        query=query,
    )
