"""What agents do on the desk: each a form that goes the API's way, answered by the page as it is afterwards."""

from hashlib import sha256
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from admin_api.contract import Context
from admin_api.desk.forms import Form, is_fragment, read_form, see
from admin_api.desk.pages import words_of
from admin_api.desk.through import through
from admin_api.desk.work import show_thread
from admin_api.handlers import conversations, queueing, ratings
from admin_api.once import NAMELESS, Named
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.canned_replies import ReplyBody
from admin_api.schemas.conversations import TakeOverBody, TextBody, blanks_in
from crm_store import attendance, note_marks, staff
from crm_store.conversations import MAX_TEXT

PRESENCE_HEADER = "Frontdesk-Presence"
"""What the agent's presence is after a request about it: it may have ended meanwhile."""
Words = Annotated[str, Field(max_length=MAX_TEXT)]


class WordsForm(Form):
    """A reply, or a note that only staff see."""

    text: Words = ""
    kind: Literal["reply", "note"] = "reply"
    canned: str = Field("", pattern=r"^([0-9]{1,18}(,[0-9]{1,18}){0,9})?$")
    """Which canned replies are in it, by commas."""
    blanks: str = Field("", max_length=1000)
    """What prepared words left open, one a line: no reply goes as long as it stands in it."""
    reply_to: str = Field("", pattern=r"^([0-9]{1,18})?$")
    """The message it answers."""
    request: str = Field("", pattern=r"^([0-9a-f]{32})?$")
    """The name of this sending, made anew for each reply."""


class TakeOverForm(Form):
    """From whom."""

    from_agent_id: RowId


class PresenceForm(Form):
    """There, away or gone."""

    presence: Literal["online", "away", "offline"] | None = None
    """None: as it is, the page is still open."""


def note_in(form: WordsForm) -> str | None:
    """The note, when it is one: by the switch, or because it begins with // as in the staff group."""
    marked = note_marks.note_in(form.text)
    return form.text if marked is None and form.kind == "note" else marked


def named(form: WordsForm) -> Named:
    """The name of the sending, for these words: written anew, they are another reply, whatever became of the first."""
    if not form.request:
        return NAMELESS
    words = f"{form.kind} {form.canned} {form.reply_to} {form.text}"
    return Named(idempotency_key=form.request + sha256(words.encode()).hexdigest()[:32])


async def say(context: Context, path: IdPath) -> web.Response:
    """Reply, or write a note. Whoever replies to a conversation that no person holds, takes it."""
    form = await read_form(context.request, WordsForm)
    noted = note_in(form)
    words = form.text if noted is None else noted
    if not words:
        raise ApiError(422, words_of(context.request)("composer.empty"))
    if noted is None and note_marks.has_note_within(words):
        raise ApiError(422, words_of(context.request)("composer.note_within"))
    if noted is None:
        used = [int(number) for number in form.canned.split(",") if number]
        body = ReplyBody(
            text=words,
            canned_reply_ids=used,
            reply_to_id=int(form.reply_to or 0) or None,
            blanks=blanks_in(form.blanks),
        )
        await through(conversations.reply, context, path, named(form), body)
    else:
        await through(conversations.note, context, path, named(form), TextBody(text=words))
    return await show_thread(context, path.id) if is_fragment(context.request) else _back(path)


async def take(context: Context, path: IdPath) -> web.Response:
    """Hold it from now on."""
    await through(conversations.take, context, path)
    return _back(path)


async def take_over(context: Context, path: IdPath) -> web.Response:
    """Hold it instead of the colleague whom the question named."""
    form = await read_form(context.request, TakeOverForm)
    await through(conversations.take_over, context, path, TakeOverBody(from_agent_id=form.from_agent_id))
    return _back(path)


async def take_next(context: Context) -> web.Response:
    """Hold the first in the queue from now on."""
    if not context.services.rules.pulls:
        raise ApiError(409, words_of(context.request)("desk.only_given"))
    taken = (await through(queueing.take_next, context)).body.conversation
    if taken is None:
        raise ApiError(409, words_of(context.request)("desk.nobody_waits"))
    return see(f"/conversations/{taken.id}")


async def release(context: Context, path: IdPath) -> web.Response:
    """Back into the queue at its old place."""
    await through(conversations.release, context, path)
    return _back(path)


async def resolve(context: Context, path: IdPath) -> web.Response:
    """Close it, and ask the customer for stars."""
    await through(conversations.resolve, context, path)
    return _back(path)


async def ask_rating(context: Context, path: IdPath) -> web.Response:
    """Ask the customer for stars now."""
    await through(ratings.ask, context, path)
    return _back(path)


async def ask_phone(context: Context, path: IdPath) -> web.Response:
    """Ask the customer for their number, with a button that shares it."""
    await through(conversations.ask_phone, context, path)
    return _back(path)


async def reopen(context: Context, path: IdPath) -> web.Response:
    """Back into the queue."""
    await through(conversations.reopen, context, path)
    return _back(path)


async def set_presence(context: Context) -> web.Response:
    """There, away or gone. An open page says again and again that it is open, which keeps who is online so."""
    form = await read_form(context.request, PresenceForm)
    async with context.write() as session:
        agent = await context.agent(session)
        if form.presence is None:
            await attendance.renew(session, agent.id, now=context.now)
        else:
            await attendance.set_presence(session, agent, form.presence, now=context.now)
        agent = await staff.get_agent(session, agent.id)
        presence = attendance.presence_of(agent, context.now)
    if not is_fragment(context.request):
        return see("/")
    return web.Response(status=204, headers={PRESENCE_HEADER: presence})


def _back(path: IdPath) -> web.Response:
    return see(f"/conversations/{path.id}")
