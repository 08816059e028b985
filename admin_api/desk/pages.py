"""From values to a page: the templates, and what all of them may use."""

from datetime import datetime
from functools import cache
from secrets import token_hex
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from admin_api.access import ANONYMOUS, Access, Caller
from admin_api.contract import Context
from admin_api.desk import formats, texts
from admin_api.desk.formats import Formats, zone_of
from admin_api.desk.forms import is_fragment, see
from admin_api.desk.showing import undelivered
from admin_api.desk.texts import Words
from admin_api.desk.timeline import worded
from admin_api.problems import ApiError
from admin_api.repeating import FIELD
from admin_api.services import SERVICES
from crm_store.conversations import MAX_TEXT

LANGUAGE_COOKIE = "frontdesk_language"
ZONE_COOKIE = "frontdesk_zone"
"""Set by the desk's script: which times of day the reader means is known to the browser only."""


def set_up(app: web.Application) -> None:
    """Let the application draw templates; everything put into them is escaped."""
    app[aiohttp_jinja2.APP_KEY] = _environment()


@cache
def _environment() -> jinja2.Environment:
    # One for the whole process: a template is compiled once, however many applications draw it.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("admin_api", "desk/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        initials=formats.initials,
        sureness=formats.sureness,
        tone=formats.tone,
        worded=worded,
        undelivered=undelivered,
        languages=texts.NAMES,
        spoken=texts.SUPPORTED,
        longest=MAX_TEXT,
        new_name=lambda: token_hex(16),
        once=lambda path: f"{path}?{FIELD}={token_hex(16)}",
    )
    return environment


def words_of(request: web.Request) -> Words:
    """The sentences in this browser's language."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return Words(texts.choose(chosen, request.headers.get("Accept-Language")))


def not_done(request: web.Request, why: str, back: str) -> web.Response:
    """A script is told why in its own page (ApiError 409); a browser goes back, where the notice stands."""
    if is_fragment(request):
        raise ApiError(409, words_of(request)(f"not_done.{why}"))
    return see(f"{back}?not_done={why}")


def page(context: Context, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """The template drawn for whoever is asking."""
    return draw(context.request, template, context.now, context.caller, status=status, **values)


def drawn_again(answer: web.Response) -> web.Response:
    """The page with its form as it was sent and what is wrong with it: a script shows it in place of the page, which
    keeps its address."""
    answer.headers["HX-Retarget"] = (
        "#main"  # a refusal that does not say where it is shown counts as a proxy's
    )
    answer.headers["HX-Push-Url"] = "false"  # the form's address cannot be loaded
    return answer


def draw(
    request: web.Request,
    template: str,
    now: datetime,
    caller: Caller = ANONYMOUS,
    *,
    status: int = 200,
    **values: Any,
) -> web.Response:
    """The template, with what every template may use (`common`)."""
    words = words_of(request)
    common = {
        "t": words,
        "show": Formats(words, zone_of(request.cookies.get(ZONE_COOKIE)), now),
        "me": caller.agent,
        "may": {access.name.lower(): caller.is_known and caller.may(access) for access in Access},
        "here": request.path,
        "address": request.path_qs,
        "done": request.query.get("done", ""),
        "not_done": request.query.get("not_done", ""),
        "pulls": request.app[SERVICES].rules.pulls,
        "max_upload": request.app[SERVICES].files.max_bytes,
    }
    return aiohttp_jinja2.render_template(template, request, {**common, **values}, status=status)
