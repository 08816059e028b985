"""Updates that could not be handled and wait for somebody to look."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.schemas.ratings import ParkedShown
from crm_store import parking


async def listing(context: Context, query: PageQuery) -> Reply[Page[ParkedShown]]:
    """The newest first, with what went wrong."""
    async with context.read() as session:
        rows = await parking.page(session, before_id=last_id(context, query), limit=query.limit + 1)
    return paged(context, query, rows, ParkedShown.model_validate, lambda row: [row.id])
