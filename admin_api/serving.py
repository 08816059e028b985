"""From a declared route to an aiohttp handler: who asks, may they, what do they say, what is the answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from admin_api.access import ANONYMOUS, Access
from admin_api.auth import identify, require
from admin_api.contract import Context, Reply, Route
from admin_api.reading import inputs_of, read_inputs
from admin_api.repeating import answered_once, wish_of
from admin_api.services import SERVICES

WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROUTE = web.AppKey("route", Route)


def serve(route: Route) -> WebHandler:
    """The route as aiohttp calls it."""
    inputs = inputs_of(route.handler)

    async def handle(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        now = services.clock()
        public = route.needs is Access.PUBLIC
        caller = ANONYMOUS if public else await identify(request, services, now)
        require(caller, route.needs)
        context = Context(services, caller, now, request, route.name)
        arguments: dict[str, Any] = {**await read_inputs(request, inputs)}

        async def answer(context: Context) -> web.StreamResponse:
            return render(await route.handler(context, **arguments), route.status)

        wish = await wish_of(request, route, inputs, caller)
        return await answer(context) if wish is None else await answered_once(context, wish, answer)

    handle.__name__ = route.name
    return handle


def render(answer: Reply[Any] | web.StreamResponse, status: int) -> web.StreamResponse:
    """The answer as a response: JSON of its model, or nothing where there is no body."""
    if isinstance(answer, web.StreamResponse):
        return answer
    body: BaseModel | None = answer.body
    if body is None:
        return web.Response(status=status, headers=answer.headers)
    return web.Response(
        body=body.model_dump_json().encode(),
        status=status,
        content_type="application/json",
        headers=answer.headers,
    )
