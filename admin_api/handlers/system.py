"""For those who watch over the installation, and for those who read about its API."""

import asyncio
from importlib.resources import files

from aiohttp import web

from admin_api.contract import Context, Reply
from admin_api.metrics import MEDIA_TYPE, METRICS
from admin_api.openapi import DOCUMENT
from admin_api.schemas.system import Health, Readiness, TroubleShown
from crm_store import health as store_health
from crm_store import queue
from crm_store.condition import DATABASE

_DESK = files("admin_api") / "desk"


async def health(context: Context) -> Reply[Health]:
    """Whether this process answers at all."""
    return Reply(Health())


async def readiness(context: Context) -> web.Response:
    """200 once everything serves; 503 before, while it stops, and while the database cannot be written to.

    Anything else that is out of order is told, but no reason to send people to another process.
    """
    services = context.services
    troubles = tuple(TroubleShown.model_validate(trouble) for trouble in services.condition.troubles)
    told = Readiness(status="degraded" if troubles else "ready", troubles=troubles)
    if not services.ready():
        told = Readiness(status="starting")
    serves = services.ready() and not services.condition.is_out_of_order(DATABASE)
    return web.json_response(text=told.model_dump_json(), status=200 if serves else 503)


async def metrics(context: Context) -> web.Response:
    """Figures in Prometheus' text format."""
    async with context.read() as session:
        waiting = await queue.length(session)
        backlog = await store_health.backlog(session)
    figures = {"frontdesk_queue_length": waiting, **backlog, "frontdesk_ready": int(context.services.ready())}
    figures["frontdesk_tasks"] = len(asyncio.all_tasks())
    figures["frontdesk_troubles"] = len(context.services.condition.troubles)
    body = context.request.app[METRICS].render(figures)
    return web.Response(body=body, headers={"Content-Type": MEDIA_TYPE})


async def openapi(context: Context) -> web.Response:
    """This API as an OpenAPI 3.1 document."""
    made = await asyncio.to_thread(context.request.app[DOCUMENT])
    return web.Response(body=made, content_type="application/json")


async def documentation(context: Context) -> web.Response:
    """The same for people: a page that needs no other server."""
    page = (_DESK / "docs.html").read_bytes()
    return web.Response(body=page, content_type="text/html", charset="utf-8")
