"""Customers who are served no more."""

from admin_api.contract import Context, Reply
from admin_api.handlers.customers import told
from admin_api.schemas.base import IdPath
from admin_api.schemas.customers import BanBody, CustomerShown
from crm_store import bans


async def ban(context: Context, path: IdPath, body: BanBody) -> Reply[CustomerShown]:
    """Serve a customer no more: told once, then neither kept nor answered; or, in the shadow, kept and not told."""
    async with context.write() as session:
        agent = await context.agent(session)
        by = context.caller.name
        now, until = context.now, body.until
        banned = await bans.ban(
            session,
            path.id,
            agent,
            body.reason,
            now=now,
            until=until,
            actor=by,
            is_shadow=body.is_shadow,
        )
        return told(banned)


async def unban(context: Context, path: IdPath) -> Reply[CustomerShown]:
    """Serve them again."""
    async with context.write() as session:
        agent = await context.agent(session)
        by = context.caller.name
        return told(await bans.unban(session, path.id, agent, now=context.now, actor=by))
