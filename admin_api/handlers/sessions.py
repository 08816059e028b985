"""Signed-in browsers: one's own, and for admins everybody's ends."""

from admin_api.contract import Context, Reply
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.staff import EndedShown, SessionList, SessionShown
from crm_store import signed_in, staff
from crm_store.models.staff import StaffSession


def _own(context: Context) -> int:
    if context.caller.agent is None:
        raise ApiError(403, "a program has no browsers; ask with the key of a person")
    return context.caller.agent.id


def _shown(context: Context, row: StaffSession) -> SessionShown:
    return SessionShown(
        id=row.id,
        device=row.device,
        signed_in_at=row.created_at,
        seen_at=row.seen_at or row.created_at,
        expires_at=row.expires_at,
        is_this=row.id == context.caller.session_id,
    )


async def listing(context: Context) -> Reply[SessionList]:
    """The caller's signed-in browsers, the one seen last first."""
    agent_id = _own(context)
    async with context.read() as session:
        rows = await signed_in.listing(session, agent_id, now=context.now)
    return Reply(SessionList(items=[_shown(context, row) for row in rows]))


async def end(context: Context, path: IdPath) -> Reply[None]:
    """Sign one of the caller's browsers out."""
    agent_id = _own(context)
    async with context.write() as session:
        await signed_in.end(session, agent_id, path.id, now=context.now)
        await context.audit(session, f"agent:{agent_id}", browser=path.id)
    return Reply(None)


async def end_others(context: Context) -> Reply[EndedShown]:
    """Sign all of the caller's browsers out but the one that asks."""
    agent_id = _own(context)
    return await _end(context, agent_id, besides=context.caller.session_id)


async def end_all(context: Context, path: IdPath) -> Reply[EndedShown]:
    """Sign a member of staff out everywhere; they may sign in again."""
    return await _end(context, path.id)


async def _end(context: Context, agent_id: int, besides: int | None = None) -> Reply[EndedShown]:
    async with context.write() as session:
        await staff.get_agent(session, agent_id)
        ended = await signed_in.end_all(session, agent_id, now=context.now, besides=besides)
        await context.audit(session, f"agent:{agent_id}", ended=ended)
    return Reply(EndedShown(ended=ended))
