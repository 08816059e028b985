"""How one likes to work: replies held back, notifications."""

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.pages import page

UNDO_S = (0, 5, 15, 30)


async def show(context: Context) -> web.Response:
    """One's own preferences."""
    agent = context.caller.agent
    return page(context, "preferences.html", undo_s=agent.undo_s if agent else 0, choices=UNDO_S)
