"""How one likes to work: replies held back, notifications, and where one is signed in."""

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.forms import see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import sessions
from admin_api.schemas.base import IdPath

UNDO_S = (0, 5, 15, 30)


async def show(context: Context) -> web.Response:
    """One's own preferences."""
    agent = context.caller.agent
    browsers = (await through(sessions.listing, context)).body.items if agent else []
    undo_s = agent.undo_s if agent else 0
    return page(context, "preferences.html", undo_s=undo_s, choices=UNDO_S, browsers=browsers)


async def end_session(context: Context, path: IdPath) -> web.Response:
    """Sign one of one's browsers out."""
    await through(sessions.end, context, path)
    return see("/preferences?done=signed_out")


async def end_other_sessions(context: Context) -> web.Response:
    """Sign all of one's browsers out but this one."""
    await through(sessions.end_others, context)
    return see("/preferences?done=signed_out")
