"""Updates that could not be handled and wait for somebody to look."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.schemas.base import IdPath
from admin_api.schemas.ratings import ParkedShown
from crm_store import parking


async def listing(context: Context, query: PageQuery) -> Reply[Page[ParkedShown]]:
    """The newest first, with what went wrong."""
    async with context.read() as session:
        rows = await parking.page(session, before_id=last_id(context, query), limit=query.limit + 1)
    return paged(context, query, rows, ParkedShown.model_validate, lambda row: [row.id])


async def replay(context: Context, path: IdPath) -> Reply[ParkedShown]:
    """Have the bot handle it again; when that fails too, it is parked anew with today's error."""
    async with context.write() as session:
        row = await parking.ask_replay(session, path.id, now=context.now)
        await context.audit(session, f"parked:{row.id}")
        return Reply(ParkedShown.model_validate(row))


async def dismiss(context: Context, path: IdPath) -> Reply[ParkedShown]:
    """It needs no handling: it is listed no more."""
    async with context.write() as session:
        row = await parking.dismiss(session, path.id, now=context.now)
        await context.audit(session, f"parked:{row.id}")
        return Reply(ParkedShown.model_validate(row))
