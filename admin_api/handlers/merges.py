"""Two records of one person made one, and apart again."""

from admin_api.contract import Context, Reply
from admin_api.schemas.base import Done, IdPath
from admin_api.schemas.customers import (
    DuplicateShown,
    DuplicatesQuery,
    DuplicatesShown,
    MergeBody,
    MergedShown,
    MergeShown,
    MergesShown,
)
from crm_store import customers, duplicates, merging


async def proposals(context: Context, query: DuplicatesQuery) -> Reply[DuplicatesShown]:
    """Records that may be one person, and why. Somebody decides; nothing merges by itself."""
    async with context.read() as session:
        found = await duplicates.proposals(session, customer_id=query.customer_id, limit=query.limit)
    return Reply(DuplicatesShown(items=[DuplicateShown.model_validate(one) for one in found]))


async def merge(context: Context, path: IdPath, body: MergeBody) -> Reply[MergedShown]:
    """Make another record part of this one; either may be the older."""
    async with context.write() as session:
        done = await merging.merge(
            session,
            kept_id=path.id,
            merged_id=body.merged_id,
            now=context.now,
            merged_by=context.caller.name,
        )
        await context.audit(session, f"customer:{path.id}", merged_id=body.merged_id, merge_id=done.merge_id)
    return Reply(MergedShown.model_validate(done))


async def listing(context: Context, path: IdPath) -> Reply[MergesShown]:
    """The merges a record took part in."""
    async with context.read() as session:
        await customers.get(session, path.id)
        found = await merging.merges_of(session, path.id)
    return Reply(MergesShown(items=[MergeShown.model_validate(one) for one in found]))


async def undo(context: Context, path: IdPath) -> Reply[Done]:
    """Take a merge back: what moved returns, what came later stays."""
    async with context.write() as session:
        await merging.undo(session, path.id, now=context.now)
        await context.audit(session, f"merge:{path.id}")
    return Reply(Done())
