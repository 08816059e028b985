"""Who changed what."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.schemas.staff import AuditQuery, AuditShown
from crm_store import audit


async def listing(context: Context, query: AuditQuery) -> Reply[Page[AuditShown]]:
    """The newest changes first, of one subject when asked."""
    async with context.read() as session:
        rows = await audit.page(
            session, subject=query.subject, before_id=last_id(context, query), limit=query.limit + 1
        )
    return paged(context, query, rows, AuditShown.model_validate, lambda row: [row.id])
