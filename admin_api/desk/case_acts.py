"""What agents do with a conversation on the desk besides talking: put aside, hand on, label, merge, take back."""

import re
from datetime import tzinfo

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.formats import zone_of
from admin_api.desk.forms import Form, filled, is_fragment, read_form, see
from admin_api.desk.pages import ZONE_COOKIE, not_done
from admin_api.desk.snooze_times import typed_time
from admin_api.desk.through import through
from admin_api.desk.work import show_thread
from admin_api.handlers import casework, conversations, me
from admin_api.patching import all_of
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.casework import LabelsBody, MergeConversationBody, SnoozeBody
from admin_api.schemas.conversations import TransferBody
from admin_api.schemas.staff import OwnChange
from crm_store import conversations as crm_conversations
from crm_store.errors import InvalidValue, NotFound, TooLate

TEAM = "team:"


class SnoozeForm(Form):
    """Until when: in the reader's zone, or with its own."""

    until: str


class TransferForm(Form):
    """To whom (a number, or team:NAME), and what they should know."""

    to: str
    note: str | None = None


class LabelsForm(Form):
    """Tags by commas; the team as team:NAME, `team:` for none; attributes one a line as name: value.

    They are in `own`, as a form's field may not be `attributes`.
    """

    priority: int = 0
    team: str | None = None
    tags: str = ""
    own: str = ""


class MergeForm(Form):
    """Which conversation becomes part of this one."""

    conversation_id: RowId


class UnmergeForm(Form):
    """Which merge is taken back."""

    merge_id: RowId


class TakeBackForm(Form):
    """Which reply is not to be sent."""

    message_id: RowId


class PreferencesForm(Form):
    """How one likes to work."""

    undo_s: int = 0


def reader_zone(request: web.Request) -> tzinfo:
    """The time zone of whoever reads the page."""
    return zone_of(request.cookies.get(ZONE_COOKIE))


async def snooze(context: Context, path: IdPath) -> web.Response:
    """Put it aside until a time."""
    form = await read_form(context.request, SnoozeForm)
    until = typed_time(form.until, reader_zone(context.request))
    await through(casework.snooze, context, path, SnoozeBody(until=until.isoformat()))  # type: ignore[arg-type]
    return see("/")


async def transfer(context: Context, path: IdPath) -> web.Response:
    """To a colleague or a team, with a note."""
    form = await read_form(context.request, TransferForm)
    is_team = form.to.startswith(TEAM)
    to = {"team": form.to.removeprefix(TEAM)} if is_team else {"agent_id": _number(form.to)}
    await through(conversations.transfer, context, path, filled(TransferBody, {**to, "note": form.note}))
    return see(f"/conversations/{path.id}")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidValue("choose a colleague or a team", kind="choose_whom")
    return int(text)


async def label(context: Context, path: IdPath) -> web.Response:
    """Set priority, tags and attributes."""
    form = await read_form(context.request, LabelsForm)
    async with context.read() as session:
        before = (await crm_conversations.get(session, path.id)).attributes
    values = {
        "priority": form.priority,
        "team": None if form.team is None else form.team.removeprefix(TEAM),
        "tags": [tag.strip() for tag in form.tags.replace("，", ",").split(",") if tag.strip()],
        "attributes": all_of(before, parsed_attributes(form.own)),
    }
    await through(casework.label, context, path, filled(LabelsBody, values))
    return see(f"/conversations/{path.id}")


def parsed_attributes(text: str) -> dict[str, str]:
    """Lines of "name: value"; raises InvalidValue for a line that is none."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, *value = re.split("[:：]", line, maxsplit=1)
        if not value or not name.strip():
            raise InvalidValue(
                f"write attributes as name: value, one a line; '{line[:40]}' is none",
                kind="attribute_line",
                line=line[:40],
            )
        found[name.strip()] = value[0].strip()
    return found


async def merge(context: Context, path: IdPath) -> web.Response:
    """Make another conversation part of this one."""
    form = await read_form(context.request, MergeForm)
    body = MergeConversationBody(conversation_id=form.conversation_id)
    await through(casework.merge, context, path, body)
    return see(f"/conversations/{path.id}")


async def unmerge(context: Context, path: IdPath) -> web.Response:
    """Take a merge back."""
    form = await read_form(context.request, UnmergeForm)
    await through(casework.undo_merge, context, IdPath(id=form.merge_id))
    return see(f"/conversations/{path.id}")


async def take_back(context: Context, path: IdPath) -> web.Response:
    """Do not send a reply that is still held back."""
    form = await read_form(context.request, TakeBackForm)
    here = f"/conversations/{path.id}"
    try:
        taken = await through(casework.take_back, context, IdPath(id=form.message_id))
    except NotFound:
        return not_done(context.request, "taken_back", here)
    except TooLate:
        return not_done(context.request, "on_its_way", here)
    return (
        await show_thread(context, path.id, taken=taken.body) if is_fragment(context.request) else see(here)
    )


async def set_preferences(context: Context) -> web.Response:
    """How one likes to work."""
    form = await read_form(context.request, PreferencesForm)
    await through(me.change, context, filled(OwnChange, {"undo_s": form.undo_s}))
    return see("/preferences?done=saved")
