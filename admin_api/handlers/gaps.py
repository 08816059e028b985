"""Questions nobody could answer."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.schemas.articles import GapChange, GapQuery, GapShown
from admin_api.schemas.base import IdPath
from crm_store import gaps


async def listing(context: Context, query: GapQuery) -> Reply[Page[GapShown]]:
    """The newest first; open ones unless asked otherwise."""
    async with context.read() as session:
        rows = await gaps.page(
            session,
            state=query.state,
            language=query.language,
            before_id=last_id(context, query),
            limit=query.limit + 1,
        )
    return paged(context, query, rows, GapShown.model_validate, lambda row: [row.id])


async def change(context: Context, path: IdPath, body: GapChange) -> Reply[GapShown]:
    """Close a gap once an article answers it, or open it again."""
    async with context.write() as session:
        gap = await gaps.set_state(session, path.id, body.state)
        await context.audit(session, f"gap:{gap.id}", state=gap.state)
    return Reply(GapShown.model_validate(gap))
