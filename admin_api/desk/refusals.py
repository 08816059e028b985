"""Refusals as pages: what went wrong in words, and the way on; who is not signed in is asked to."""

from typing import Any

import orjson
from aiohttp import web
from yarl import URL

from admin_api.auth import COOKIE
from admin_api.desk import pages
from admin_api.desk.forms import is_fragment
from admin_api.desk.refused import worded
from admin_api.problems import MEDIA_TYPE
from admin_api.services import SERVICES
from admin_api.serving import WebHandler

SIGN_IN = "/sign-in"


@web.middleware
async def pages_for_browsers(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Around `problems`: its documents become pages for whoever reads pages."""
    answer = await handler(request)
    is_problem = isinstance(answer, web.Response) and answer.content_type == MEDIA_TYPE
    if not is_problem:
        return answer
    if not _reads_pages(request):
        return _for_script(request, answer) if _is_of_desk(request) else answer
    if answer.status == 401 and "Authorization" not in request.headers:
        return _to_sign_in(request)
    return _refusal(request, answer)


def _reads_pages(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def _is_of_desk(request: web.Request) -> bool:
    """Whether a script of the desk asks the API: it shows its reader what the answer says."""
    return COOKIE in request.cookies and "Authorization" not in request.headers


def _for_script(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    assert isinstance(answer, web.Response)
    told = _told(answer)
    answer.body = orjson.dumps({**told, "detail": worded(told, pages.words_of(request))})
    return answer


def _told(answer: web.Response) -> dict[str, Any]:
    assert isinstance(answer.body, bytes)
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def _to_sign_in(request: web.Request) -> web.Response:
    back = request.path_qs if request.method == "GET" and not is_fragment(request) else _open_page(request)
    address = str(URL(SIGN_IN).with_query(back=back)) if back != "/" else SIGN_IN
    if is_fragment(request):
        return web.Response(headers={"HX-Redirect": address})
    return web.Response(status=303, headers={"Location": address})


def _open_page(request: web.Request) -> str:
    """The page from which a script asks; the desk where that is not known."""
    try:
        return URL(request.headers.get("HX-Current-URL", "/")).path_qs
    except ValueError:  # what is no address of a site has no path there
        return "/"


def _refusal(request: web.Request, answer: web.StreamResponse) -> web.Response:
    assert isinstance(answer, web.Response)
    told = _told(answer)
    template = "notice.html" if is_fragment(request) else "refusal.html"
    now, why = request.app[SERVICES].clock(), worded(told, pages.words_of(request))
    drawn = pages.draw(request, template, now, status=answer.status, told=told, why=why)
    for name in ("Allow", "Retry-After"):
        if name in answer.headers:
            drawn.headers[name] = answer.headers[name]
    if is_fragment(request):
        drawn.headers.update(
            {
                "HX-Retarget": "#notices",
                "HX-Reswap": "innerHTML",
                "HX-Reselect": ".notice",
                "HX-Push-Url": "false",
            }
        )
    return drawn
