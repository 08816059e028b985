"""The staff's side as an aiohttp application."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import orjson
from aiohttp import web

from admin_api.cursors import CURSORS, Cursors
from admin_api.desk.installing import install
from admin_api.desk.refusals import pages_for_browsers
from admin_api.metrics import METRICS, Metrics
from admin_api.middleware import add_security_headers, measured, problems
from admin_api.openapi import DOCUMENT, Made, document
from admin_api.routes import ROUTES
from admin_api.services import SERVICES, Services
from admin_api.serving import serve
from crm_store import installation

ID_ONLY = "{id:[0-9]+}"
"""So that /articles/export is never taken for an article, whatever the method."""
_DOCUMENT: Made = cache(lambda: orjson.dumps(document(ROUTES, version=_version())))
STATIC = Path(str(files("admin_api") / "desk" / "static"))


def build_app(services: Services) -> web.Application:
    """The application; its store must be open and migrated when it starts."""
    app = web.Application(
        middlewares=[measured, pages_for_browsers, problems],
        client_max_size=services.settings.staff_max_body_bytes,
    )
    app[SERVICES] = services
    app[METRICS] = Metrics()
    app[CURSORS] = Cursors()
    app[DOCUMENT] = _DOCUMENT
    install(app)
    for route in ROUTES:
        app.router.add_route(route.method, route.path.replace("{id}", ID_ONLY), serve(route))
    app.router.add_static("/static", STATIC)
    app.on_startup.append(_load_secret)
    app.on_response_prepare.append(add_security_headers)
    return app


async def _load_secret(app: web.Application) -> None:
    async with app[SERVICES].store.write() as session:
        app[CURSORS].secret = await installation.secret(session)


def _version() -> str:
    try:
        return version("frontdesk")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
