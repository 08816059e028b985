"""Staff and keys, for admins."""

from typing import Any, Literal

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.forms import Form, filled, listed, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import keys, sessions, staff
from admin_api.paging import MAX_LIMIT, PageQuery
from admin_api.schemas.base import IdPath
from admin_api.schemas.staff import AgentChange, CodeRequest, CodeShown, NewAgent, NewKeyBody, NewKeyShown
from crm_store.staff import Role


class MemberForm(Form):
    """Somebody who joins; skills and languages by commas."""

    name: str = ""
    role: Role = Role.AGENT
    email: str | None = None
    capacity: int | None = None
    skills: str = ""
    languages: str = ""
    team: str | None = None


class DutiesForm(Form):
    """What somebody takes on: skills or languages left empty mean all of them, an empty team none."""

    capacity: int
    skills: str = ""
    languages: str = ""
    team: str | None = None


class RoleForm(Form):
    """Another role."""

    role: Role


class AccessForm(Form):
    """Shut out, or let in again."""

    disabled: Literal["yes", "no"]


class CodeForm(Form):
    """Which code is wanted."""

    purpose: Literal["telegram", "sign_in"]


class KeyForm(Form):
    """A key to make."""

    name: str = ""
    role: Role = Role.AGENT


async def show(context: Context) -> web.Response:
    """Everybody, and all keys."""
    return await _show(context)


async def _show(
    context: Context, *, code: CodeShown | None = None, of: str = "", key: NewKeyShown | None = None
) -> web.Response:
    everybody = PageQuery(limit=MAX_LIMIT)
    members = await through(staff.listing, context, everybody)
    known = await through(keys.listing, context, everybody)
    answer = page(
        context,
        "staff.html",
        members=[one for one in members.body.items if not one.is_program],  # those are among the keys
        keys=known.body.items,
        roles=list(Role),
        teams=sorted({one.team for one in members.body.items if one.team}, key=str.lower),
        default_capacity=context.services.rules.default_capacity,
        code=code,
        code_of=of,
        new_key=key,
    )
    answer.headers["HX-Push-Url"] = "/staff"  # what was posted to cannot be loaded again
    return answer


async def add(context: Context) -> web.Response:
    """Add somebody, and show the code by which they sign in first."""
    form = await read_form(context.request, MemberForm)
    body = filled(NewAgent, {**form.model_dump(), **_duties(form)})
    made = await through(staff.create, context, body)
    path, wanted = IdPath(id=made.body.id), CodeRequest(purpose="sign_in")
    code = await through(staff.issue_code, context, path, wanted)
    return await _show(context, code=code.body, of=made.body.name)


async def issue_code(context: Context, path: IdPath) -> web.Response:
    """A one-time code for somebody, shown this once."""
    form = await read_form(context.request, CodeForm)
    member = await through(staff.read, context, path)
    code = await through(staff.issue_code, context, path, CodeRequest(purpose=form.purpose))
    return await _show(context, code=code.body, of=member.body.name)


async def change_role(context: Context, path: IdPath) -> web.Response:
    """Give somebody another role."""
    form = await read_form(context.request, RoleForm)
    await through(staff.change, context, path, AgentChange(role=form.role))
    return see("/staff?done=saved")


async def change_duties(context: Context, path: IdPath) -> web.Response:
    """Set how many conversations somebody holds at once, their team, skills and languages."""
    form = await read_form(context.request, DutiesForm)
    await through(staff.change, context, path, filled(AgentChange, _duties(form)))
    return see("/staff?done=saved")


def _duties(form: MemberForm | DutiesForm) -> dict[str, Any]:
    return {
        "capacity": form.capacity,
        "skills": listed(form.skills),
        "languages": listed(form.languages),
        "team": form.team,
    }


async def change_access(context: Context, path: IdPath) -> web.Response:
    """Shut somebody out, or let them in again."""
    form = await read_form(context.request, AccessForm)
    await through(staff.change, context, path, AgentChange(disabled=form.disabled == "yes"))
    return see("/staff?done=saved")


async def sign_out(context: Context, path: IdPath) -> web.Response:
    """Sign somebody out everywhere."""
    await through(sessions.end_all, context, path)
    return see("/staff?done=signed_out")


async def unlink(context: Context, path: IdPath) -> web.Response:
    """End the link to a Telegram account."""
    await through(staff.unlink_telegram, context, path)
    return see("/staff?done=saved")


async def make_key(context: Context) -> web.Response:
    """Make a key, shown this once."""
    form = await read_form(context.request, KeyForm)
    made = await through(keys.create, context, filled(NewKeyBody, form.model_dump()))
    return await _show(context, key=made.body)


async def revoke_key(context: Context, path: IdPath) -> web.Response:
    """End a key at once."""
    await through(keys.revoke, context, path)
    return see("/staff?done=saved")
