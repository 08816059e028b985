"""The Bot API server of the tests: HTTP in front, the world behind, faults and checks between."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import orjson
from aiohttp import web

from tests.botapi import checking
from tests.botapi.account import bot_face
from tests.botapi.clock import Clock, steady_clock
from tests.botapi.errors import ApiError
from tests.botapi.faults import Fault, Faults
from tests.botapi.files import find_download
from tests.botapi.methods import METHODS
from tests.botapi.rates import Rates
from tests.botapi.stage import Stage
from tests.botapi.updates import UpdateLog
from tests.botapi.webhook import Webhook
from tests.botapi.wire import Params, read_params
from tests.botapi.world import World

TOKEN = "123456789:TEST-token-of-the-own-Bot-API-server"
_BODY_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot: what it asked, the status it got, and the refusal's description."""

    method: str
    params: Params
    status: int
    description: str
    at: float


class BotApiServer(Stage):
    """A Bot API server for one bot on a loopback port; `Stage` holds what tests do and see.

    `checks` judges every request and answer into `violations`, `records` keeps `calls` and counts `rates`;
    benchmarks switch both off.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "frontdesk_bot",
        clock: Clock | None = None,
        checks: bool = True,
        records: bool = True,
    ) -> None:
        clock = clock or steady_clock()
        bot_id = int(token.partition(":")[0])
        super().__init__(World(clock, UpdateLog(clock), bot_face(bot_id, username)))
        self.token = token
        self.faults = Faults()
        self.rates = Rates(clock)
        self.webhook = Webhook(self.world.updates, self._call)
        self.checks = checks
        self.records = records
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self._runner: web.ServerRunner | None = None
        self._closing = asyncio.Event()
        self._prefix = f"/bot{token}/"
        self._file_prefix = f"/file/bot{token}/"

    @property
    def refusals(self) -> list[Call]:
        """The recorded calls that were answered with an error."""
        return [call for call in self.calls if call.status >= 400]

    async def __aenter__(self) -> BotApiServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Serve on `port`, 0 for one the OS chooses; `base_url` then says where."""
        if self.checks:
            checking.prepare()
        self._closing = asyncio.Event()
        server = web.Server(self._serve, request_factory=_make_request, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Close every connection and the port; the world stays, so that `start` can bring the server back."""
        self._closing.set()
        await self.webhook.stop()
        self.world.updates.end_polling()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fail(
        self, method: str, fault: Fault, *, chat: int | None = None, times: int = 1, saying: str = ""
    ) -> None:
        """Order `fault` for the next `times` calls of `method` ("sendMessage", "send*", "*") that say so."""
        self.faults.add(fault, method, chat, times, saying)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(self._prefix):
            return await self._answer(request, path[len(self._prefix) :])
        if path.startswith(self._file_prefix):
            return self._download(path[len(self._file_prefix) :])
        return await self.serve_other(request)

    async def serve_other(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a path that is not this bot's: 401 for another token, 404 for anything else."""
        if request.path.startswith("/bot"):
            return _respond_error(ApiError(401, "Unauthorized"))
        return _respond_error(ApiError(404, "Not Found"))

    def _download(self, path: str) -> web.StreamResponse:
        stored = find_download(self.world, path)
        if stored is None:
            return _respond_error(ApiError(404, "Not Found"))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    async def _answer(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        params, status, description = Params(), 200, ""
        response: web.StreamResponse
        try:
            params = await read_params(request)
            if self.checks:
                self.violations += checking.check_request(method, params)
            fault = self.faults.take(method, params)
            if fault is None:
                response = _respond(await self._call(method, params))
            else:
                response = await self._suffer(fault, request, method, params)
                status = response.status
        except ApiError as error:
            response, status, description = _respond_error(error), error.status, error.description
        if self.records:
            self.calls.append(Call(method, params, status, description, self.world.clock()))
        self.touch()
        return response

    async def _call(self, method: str, params: Params) -> Any:
        """The method's effect and its result, judged when checks are on."""
        if self.records:
            refusal = self.rates.judge(method, params)
            if refusal is not None:
                raise refusal
        handler = METHODS.get(method.lower())
        if handler is None:
            return await self._intake(method, params)
        result = handler(self.world, params)
        if self.checks:
            self.violations += checking.check_result(method, result)
        return result

    async def _intake(self, method: str, params: Params) -> Any:
        """The methods by which the bot gets its updates."""
        updates, name = self.world.updates, method.lower()
        if name == "getupdates":
            updates.allow(params.json("allowed_updates"))
            limit, timeout = params.integer("limit", 100), params.integer("timeout")
            return await updates.poll(params.integer("offset"), limit, timeout)
        if name == "setwebhook":
            return await self.webhook.set(params)
        if name == "deletewebhook":
            return await self.webhook.delete(params)
        if name == "getwebhookinfo":
            return self.webhook.info()
        if checking.is_known(method):
            self.violations.append(f"{method}: this server does not play it")
            raise ApiError(501, f"Not Implemented: {method} is not played by the test server")
        raise ApiError(404, "Not Found: method not found")

    async def _suffer(
        self, fault: Fault, request: web.BaseRequest, method: str, params: Params
    ) -> web.StreamResponse:
        result = await self._call(method, params) if fault.takes_effect else None
        self.touch()
        if fault.delay:
            await self._pause(fault.delay)
        if fault.drops_connection and request.transport is not None:
            request.transport.abort()
        if fault.refusal is not None:
            raise fault.refusal
        if fault.status:
            kind = "application/json" if fault.body.startswith("{") else "text/html"
            return web.Response(status=fault.status, text=fault.body, content_type=kind)
        return _respond(result)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(None if seconds == math.inf else seconds):
                await self._closing.wait()
        except TimeoutError:
            return


def _make_request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_BODY_LIMIT)


def _respond(result: Any) -> web.Response:
    body = result if isinstance(result, bytes) else orjson.dumps(result)
    return web.Response(body=b'{"ok":true,"result":' + body + b"}", content_type="application/json")


def _respond_error(error: ApiError) -> web.Response:
    body = orjson.dumps(error.payload())
    return web.Response(status=error.status, body=body, content_type="application/json")
