"""The customers' side of the house: one aiohttp application for the web chat (and the Telegram webhook).

What holds for every response stands here: security headers, limits of a request's size, and error pages that
tell nothing of the inside.
"""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from crm_store.condition import DATABASE, Condition
from crm_store.outages import is_outage

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MAX_BODY = 1024 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "frontdesk",
}
"""What a response carries unless its handler says otherwise."""


def build_public_app() -> web.Application:
    """The application with what all public routes share and `/healthz`; channels add their routes to it."""
    app = web.Application(middlewares=[plain_errors], client_max_size=MAX_BODY)
    app.on_response_prepare.append(_add_headers)
    app.router.add_get("/healthz", _healthz)
    return app


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok", headers={hdrs.CACHE_CONTROL: "no-store"})


def add_readiness(app: web.Application, is_ready: Callable[[], bool], condition: Condition) -> None:
    """Put `/readyz` into the application: 503 while customers' messages cannot be taken in. What it is, staff see."""

    async def readiness(_request: web.Request) -> web.Response:
        serves = is_ready() and not condition.is_out_of_order(DATABASE)
        told = "starting" if not is_ready() else "degraded" if condition.troubles else "ready"
        return web.Response(
            text=told, status=200 if serves else 503, headers={hdrs.CACHE_CONTROL: "no-store"}
        )

    app.router.add_get("/readyz", readiness)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        if name == "Server":
            response.headers[name] = value  # aiohttp's own would name versions
        else:
            response.headers.setdefault(name, value)


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as one line of text; what nobody expected is logged by its kind and never shown."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status >= 400:
            error.content_type = "text/plain"
        raise
    except Exception as error:
        if is_outage(error):  # told once, by who watches over the store
            told = "503: we cannot take this right now; please try again in a moment"
            return web.Response(status=503, text=told, headers={hdrs.RETRY_AFTER: "5"})
        log.exception("a public request failed", method=request.method, error=type(error).__name__)
        return web.Response(status=500, text="500: something went wrong on our side; please try again")
