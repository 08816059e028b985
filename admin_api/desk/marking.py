"""What an open page tells by itself: how far its reader has read, and that they are writing."""

from typing import Literal

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.alerts import alerts_of, concerns_of
from admin_api.desk.forms import Form, read_form, see
from admin_api.schemas.base import IdPath, RowId
from crm_store import desk_marks, follow_ups, inbox, owed, queue
from crm_store.typing_signs import Side, TypingSign


class SeenForm(Form):
    """A conversation that was read up to a message."""

    conversation_id: RowId
    message_id: RowId


class TypingForm(Form):
    """Whether somebody is writing, and whether it is for the customer."""

    typing: Literal["yes", "note", "no"]


async def unread(context: Context) -> web.Response:
    """For pages that show no lists: what the count in the title is made of (the queue, what one holds), and alerts."""
    agent = context.caller.agent
    async with context.read() as session:
        mine = [held.id for held in await inbox.held_by(session, agent.id)] if agent else []
        waiting = await inbox.unanswered(session, mine) if mine else {}
        seen = await desk_marks.seen_by(session, agent.id, waiting) if agent and waiting else {}
        length = await queue.length(session)
        concerns = await concerns_of(context, session)
        urgent = await owed.of(session, concerns.promised, now=context.now, settings=context.services.rules)
        names = await follow_ups.named(session, concerns.late)
        told = await alerts_of(context, session, concerns, urgent, names)
    lines = [{"conversation": n, "unanswered": waiting[n], "seen": seen.get(n, 0)} for n in sorted(waiting)]
    return web.json_response({"queue": length, "lines": lines, "alerts": told})


async def first_waiting(context: Context) -> web.Response:
    """To whoever is first in the queue, without taking them; to the desk where nobody waits."""
    async with context.read() as session:
        first = await queue.listing(session, now=context.now, limit=1)
    return see(f"/conversations/{first[0].conversation.id}" if first else "/")


async def note_seen(context: Context) -> web.Response:
    """Read this far; other devices of the same person count it as read too."""
    form = await read_form(context.request, SeenForm)
    async with context.write() as session:
        agent = await context.agent(session)
        await desk_marks.note_seen(session, agent.id, {form.conversation_id: form.message_id})
    return web.Response(status=204)


async def note_typing(context: Context, path: IdPath) -> web.Response:
    """Others who have the conversation open see who is writing, and so does the customer whom they have joined."""
    form = await read_form(context.request, TypingForm)
    async with context.write() as session:
        agent = await context.agent(session)
        reached = await desk_marks.note_typing(
            session, agent.id, path.id, is_typing=form.typing != "no", now=context.now
        )
    if reached is not None:
        sign = TypingSign(reached.lane, Side.AGENT, form.typing == "yes", reached.name)
        context.services.store.typing.tell(sign)
    return web.Response(status=204)
