"""Signing in and out, one's password, one's language."""

from typing import Literal
from urllib.parse import quote

from aiohttp import web

from admin_api.auth import COOKIE, identify, refuse_foreign_page
from admin_api.contract import Context
from admin_api.desk.forms import Form, local, read_form, see
from admin_api.desk.pages import LANGUAGE_COOKIE, page, words_of
from admin_api.desk.through import through
from admin_api.handlers import me
from admin_api.problems import ApiError
from admin_api.schemas.staff import Credentials, NewPassword
from crm_store import sign_in
from crm_store.errors import InvalidValue
from crm_store.models.staff import Agent
from crm_store.sign_in import LockedOut

_A_YEAR_S = 365 * 24 * 3600


class SignInForm(Form):
    """A code, or name and password; and where to go then."""

    code: str | None = None
    name: str | None = None
    password: str | None = None
    back: str | None = None


class PasswordForm(Form):
    """A password twice, with the present one if there is one."""

    present_password: str | None = None
    password: str = ""
    again: str = ""


class LanguageForm(Form):
    """A language, and the page to show in it."""

    language: Literal["en", "zh"]
    back: str | None = None


async def show(context: Context) -> web.Response:
    """The sign-in page; whoever is signed in already goes on, and whose session is over reads that it is."""
    back = local(context.request.query.get("back"))
    caller = await identify(context.request, context.services, context.now)
    if caller.is_known:
        return see(back)
    # Who signs out themselves gives the cookie up; one that is no longer good is of a session that somebody ended.
    wrong = words_of(context.request)("sign_in.ended") if COOKIE in context.request.cookies else None
    return page(context, "sign_in.html", back=back, wrong=wrong, name="")


async def begin(context: Context) -> web.Response:
    """Sign this browser in; a first visitor by code is asked for a password."""
    refuse_foreign_page(context.request)
    form = await read_form(context.request, SignInForm)
    back = local(form.back)
    try:
        credentials = Credentials.model_validate(
            {"code": form.code} if form.code else {"name": form.name, "password": form.password}
        )
        started = await through(me.start_session, context, credentials)
    except (ApiError, LockedOut, ValueError) as error:
        return _again(context, form, error)
    to = f"/password?back={quote(back)}" if form.code else back
    answer = see(to)
    answer.cookies.update(started.cookies)
    return answer


def _again(context: Context, form: SignInForm, error: Exception) -> web.Response:
    words = words_of(context.request)
    if isinstance(error, LockedOut):
        status, wrong = 429, words("sign_in.locked", minutes=_minutes(error))
    else:
        status, wrong = 401, words("sign_in.wrong_code" if form.code else "sign_in.wrong")
    values = {"back": local(form.back), "wrong": wrong, "name": form.name or ""}
    return page(context, "sign_in.html", status=status, **values)


def _minutes(error: LockedOut) -> int:
    return max(1, round(error.retry_after.total_seconds() / 60))


async def end(context: Context) -> web.Response:
    """Sign this browser out."""
    ended = await through(me.end_session, context)
    answer = see("/sign-in")
    answer.cookies.update(ended.cookies)
    return answer


async def show_password(context: Context) -> web.Response:
    """The page to set one's password."""
    _person(context)
    return _password_page(context, back=local(context.request.query.get("back")))


def _password_page(
    context: Context, *, back: str = "/", wrong: str | None = None, status: int = 200
) -> web.Response:
    asks_present = me.asks_present(context.caller)
    return page(context, "password.html", status=status, back=back, wrong=wrong, asks_present=asks_present)


async def set_password(context: Context) -> web.Response:
    """Set it; every other browser of this person is signed out."""
    name = _person(context).name
    form = await read_form(context.request, PasswordForm)
    words = words_of(context.request)
    try:
        if form.password != form.again:
            raise InvalidValue(words("password.differ"))
        if len(form.password) not in sign_in.PASSWORD_LENGTH:
            raise InvalidValue(words("password.length"))
        body = NewPassword(password=form.password, present_password=form.present_password)
        await through(me.set_password, context, body)
    except LockedOut as error:
        return _password_page(context, wrong=words("password.locked", minutes=_minutes(error)), status=429)
    except (InvalidValue, ApiError) as error:
        wrong = words("password.present_wrong") if isinstance(error, ApiError) else str(error)
        return _password_page(context, wrong=wrong, status=422)
    started = await through(me.start_session, context, Credentials(name=name, password=form.password))
    answer = see("/")
    answer.cookies.update(started.cookies)
    return answer


def _person(context: Context) -> Agent:
    if context.caller.agent is None or COOKIE not in context.request.cookies:
        raise ApiError(409, "a password is set by the person, signed in on the desk")
    return context.caller.agent


async def choose_language(context: Context) -> web.Response:
    """Show the desk in another language from now on."""
    form = await read_form(context.request, LanguageForm)
    answer = see(local(form.back))
    answer.set_cookie(LANGUAGE_COOKIE, form.language, max_age=_A_YEAR_S, samesite="Lax", httponly=True)
    return answer
