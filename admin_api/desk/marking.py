"""What an open page tells by itself: how far its reader has read, and that they are writing."""

from typing import Literal

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.forms import Form, read_form
from admin_api.schemas.base import IdPath, RowId
from crm_store import desk_marks


class SeenForm(Form):
    """A conversation that was read up to a message."""

    conversation_id: RowId
    message_id: RowId


class TypingForm(Form):
    """Whether somebody is writing."""

    typing: Literal["yes", "no"]


async def note_seen(context: Context) -> web.Response:
    """Read this far; other devices of the same person count it as read too."""
    form = await read_form(context.request, SeenForm)
    async with context.write() as session:
        agent = await context.agent(session)
        await desk_marks.note_seen(session, agent.id, {form.conversation_id: form.message_id})
    return web.Response(status=204)


async def note_typing(context: Context, path: IdPath) -> web.Response:
    """Others who have the conversation open see who is writing."""
    form = await read_form(context.request, TypingForm)
    async with context.write() as session:
        agent = await context.agent(session)
        await desk_marks.note_typing(
            session, agent.id, path.id, is_typing=form.typing == "yes", now=context.now
        )
    return web.Response(status=204)
