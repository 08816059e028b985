"""Whoever is asking: signing in and out, one's own presence, code and password."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from admin_api.access import Caller, called
from admin_api.auth import COOKIE, refuse_foreign_page
from admin_api.contract import Context, Reply
from admin_api.devices import device_of
from admin_api.handlers import staff as staff_handlers
from admin_api.problems import ApiError
from admin_api.schemas.base import Done
from admin_api.schemas.staff import AgentShown, CallerShown, CodeShown, Credentials, NewPassword, OwnChange
from crm_store import sign_in, staff
from crm_store.models.staff import Agent
from crm_store.sign_in import Purpose

_WRONG = (
    "this name and password, or this code, are not right, or not any more; after several wrong tries no password is"
    " taken for up to 15 minutes: wait, or use a one-time code"
)
_PRESENT_WRONG = (
    "the present password is not right; who forgot it signs in by a new one-time code, and does not need it for half an"
    " hour then"
)


async def read(context: Context) -> Reply[CallerShown]:
    """Who the caller is and may be."""
    caller = context.caller
    agent = staff_handlers.shown(context, caller.agent) if caller.agent else None
    return Reply(CallerShown(name=caller.name, roles=sorted(caller.roles), agent=agent))


async def start_session(context: Context, body: Credentials) -> web.Response:
    """Sign a browser in by a one-time code, or by name and password; the cookie is the session."""
    if "Origin" in context.request.headers or "Sec-Fetch-Site" in context.request.headers:
        refuse_foreign_page(context.request)
    agent = await _proven(context, body)
    async with context.write() as session:
        device = device_of(context.request.headers.get("User-Agent", ""))
        started = await sign_in.start_session(
            session, agent.id, now=context.now, device=device, by_code=bool(body.code)
        )
        caller = replace(context.caller, name=called(agent))  # nobody is, until this is done
        proven = replace(context, caller=caller)
        await proven.audit(session, f"agent:{agent.id}", by="code" if body.code else "password")
    answer = web.json_response(text=staff_handlers.shown(context, agent).model_dump_json(), status=201)
    answer.set_cookie(
        COOKIE,
        started.token,
        max_age=int(sign_in.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=context.services.settings.staff_cookie_secure or context.request.secure,
        path="/",
    )
    return answer


async def _proven(context: Context, body: Credentials) -> Agent:
    """The agent these credentials belong to; ApiError 401, the same for every reason."""
    if body.code:
        async with context.write() as session:
            agent = await sign_in.redeem_code(session, body.code, Purpose.SIGN_IN, now=context.now)
    elif body.name and body.password:
        agent = await _by_password(context, body.name, body.password)
    else:
        raise ApiError(422, "send a code, or a name and a password")
    if agent is None:
        raise ApiError(401, _WRONG)
    return agent


async def _by_password(context: Context, name: str, password: str) -> Agent | None:
    """Whose name and password these are; raises LockedOut after many guesses at the name, whoever has it or nobody.

    Of a person who was guessed at by another name, too, nothing is looked at, which takes as long.
    """
    async with context.read() as session:
        agent = await staff.find_agent(session, name)
    counted = sign_in.counted_as(name, agent.id if agent else None)
    async with context.write() as session:
        may_look, locked_for = await sign_in.count_guesses(session, counted, now=context.now)
    looked_at = agent if may_look else None
    return agent if await _fits(context, looked_at, password, counted, locked_for) else None


async def _fits_present(context: Context, agent: Agent, password: str) -> bool:
    """Whether it is the password of who is signed in; raises LockedOut after many guesses at it, by whatever name."""
    counted = sign_in.counted_as(agent.name, agent.id)
    async with context.write() as session:
        locked_for = await sign_in.count_guess(session, counted[1], now=context.now)
    return await _fits(context, agent, password, counted, locked_for)


async def _fits(
    context: Context,
    agent: Agent | None,
    password: str,
    counted: tuple[str, str],
    locked_for: timedelta | None,
) -> bool:
    """Whether that is the agent's password; the guesses that count are forgotten if so, else a lock-out noted."""
    known_hash = agent.password_hash if agent and agent.disabled_at is None else None
    fits = await asyncio.to_thread(sign_in.password_fits, known_hash, password)
    async with context.write() as session:
        if fits:
            await sign_in.forget_guesses(session, *counted)
        elif agent and locked_for:
            await sign_in.note_lock_out(
                session, agent.id, actor=context.caller.name, lasts=locked_for, now=context.now
            )
    return fits


async def end_session(context: Context) -> web.Response:
    """Sign this browser out."""
    token = context.request.cookies.get(COOKIE, "")
    async with context.write() as session:
        await sign_in.end_session(session, token, now=context.now)
        agent = context.caller.agent
        await context.audit(session, f"agent:{agent.id}" if agent else context.caller.name)
    answer = web.Response(status=204)
    answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
    return answer


async def change(context: Context, body: OwnChange) -> Reply[AgentShown]:
    """Say that one is there, away or gone. Being there must be said again within two minutes."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    async with context.write() as session:
        agent = await context.agent(session)
        changed = await staff.change_agent(session, agent.id, now=context.now, **changes)
        await context.audit(session, f"agent:{agent.id}", changed=sorted(changes))
    return Reply(staff_handlers.shown(context, changed))


async def issue_code(context: Context) -> Reply[CodeShown]:
    """A one-time code to link one's own Telegram account."""
    async with context.write() as session:
        agent = await context.agent(session)
    return await staff_handlers.new_code(context, agent.id, Purpose.TELEGRAM)


def asks_present(caller: Caller) -> bool:
    """Whether setting a password takes the present one."""
    return caller.agent is not None and caller.agent.password_hash is not None and not caller.by_code


async def set_password(context: Context, body: NewPassword) -> Reply[Done]:
    """Set one's own password; every browser signed in so far is out.

    The present one is needed, but in a browser that a one-time code has just signed in: so a forgotten one is replaced.
    """
    agent = context.caller.agent
    if agent is None or context.caller.key_id is not None:
        raise ApiError(403, "a password is set by the person, signed in on the desk")
    given = body.present_password or ""
    if asks_present(context.caller) and not await _fits_present(context, agent, given):
        raise ApiError(403, _PRESENT_WRONG)
    hashed = await asyncio.to_thread(sign_in.hash_password, body.password)
    async with context.write() as session:
        await sign_in.set_password(session, agent.id, hashed, now=context.now)
        await sign_in.forget_guesses(session, *sign_in.counted_as(agent.name, agent.id))
        await context.audit(session, f"agent:{agent.id}")
    return Reply(Done())
