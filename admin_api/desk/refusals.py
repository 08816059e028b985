"""Refusals as pages: what went wrong in words, and the way on; who is not signed in is asked to."""

import orjson
from aiohttp import web
from yarl import URL

from admin_api.desk import pages
from admin_api.desk.forms import is_fragment
from admin_api.problems import MEDIA_TYPE
from admin_api.services import SERVICES
from admin_api.serving import WebHandler

SIGN_IN = "/sign-in"


@web.middleware
async def pages_for_browsers(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Around `problems`: its documents become pages for whoever reads pages."""
    answer = await handler(request)
    is_problem = isinstance(answer, web.Response) and answer.content_type == MEDIA_TYPE
    if not is_problem or not _reads_pages(request):
        return answer
    if answer.status == 401 and "Authorization" not in request.headers:
        return _to_sign_in(request)
    return _refusal(request, answer)


def _reads_pages(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def _to_sign_in(request: web.Request) -> web.Response:
    back = request.path_qs if request.method == "GET" and not is_fragment(request) else "/"
    address = str(URL(SIGN_IN).with_query(back=back)) if back != "/" else SIGN_IN
    if is_fragment(request):
        return web.Response(headers={"HX-Redirect": address})
    return web.Response(status=303, headers={"Location": address})


def _refusal(request: web.Request, answer: web.StreamResponse) -> web.Response:
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    told = orjson.loads(answer.body)
    template = "notice.html" if is_fragment(request) else "refusal.html"
    now = request.app[SERVICES].clock()
    drawn = pages.draw(request, template, now, status=answer.status, told=told)
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
