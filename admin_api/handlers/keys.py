"""Keys for programs."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.schemas.base import IdPath
from admin_api.schemas.staff import KeyShown, NewKeyBody, NewKeyShown
from crm_store import api_keys


async def listing(context: Context, query: PageQuery) -> Reply[Page[KeyShown]]:
    """All keys, revoked ones too, without their secrets."""
    after = last_id(context, query) or 0
    async with context.read() as session:
        rows = await api_keys.page(session, after_id=after, limit=query.limit + 1)
    return paged(context, query, rows, KeyShown.model_validate, lambda row: [row.id])


async def create(context: Context, body: NewKeyBody) -> Reply[NewKeyShown]:
    """Make a key. It is shown this once and stored hashed."""
    async with context.write() as session:
        new = await api_keys.create(session, now=context.now, **body.model_dump())
        await context.audit(session, f"key:{new.row.id}", role=new.row.role, agent_id=new.row.agent_id)
    row = KeyShown.model_validate(new.row)
    return Reply(NewKeyShown(key=new.key, **row.model_dump()))


async def revoke(context: Context, path: IdPath) -> Reply[KeyShown]:
    """End a key at once."""
    async with context.write() as session:
        row = await api_keys.revoke(session, path.id, now=context.now)
        await context.audit(session, f"key:{row.id}")
    return Reply(KeyShown.model_validate(row))
