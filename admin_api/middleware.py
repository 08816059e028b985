"""Around every request: errors become problem documents, answers get their security headers, figures are kept."""

from time import perf_counter

import structlog
from aiohttp import web

from admin_api.metrics import METRICS
from admin_api.problems import ApiError, response, translate
from admin_api.serving import WebHandler
from crm_store.engine import is_outage

log = structlog.get_logger(__name__)

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@web.middleware
async def problems(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Every error as a problem document; what is our own fault is logged, and told without detail."""
    try:
        return await handler(request)
    except Exception as error:
        if isinstance(error, web.HTTPException) and error.status < 400:
            raise
        known = translate(error)
        if known is None and is_outage(error):
            known = ApiError(503, headers={"Retry-After": "2"})
        if known is None:
            log.exception("a request failed", method=request.method, path=request.path)
            known = ApiError(500)
        return response(known)


@web.middleware
async def measured(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Count the answer by route, method and status."""
    started = perf_counter()
    answer = await handler(request)
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else "unknown"
    request.app[METRICS].observe(request.method, path, answer.status, perf_counter() - started)
    return answer


async def add_security_headers(request: web.Request, answer: web.StreamResponse) -> None:
    """On every answer; nothing here may be cached unless its handler says so."""
    for name, value in SECURITY_HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["Server"] = "frontdesk"
