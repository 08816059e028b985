"""Calls without files, sent as JSON over connections of our own; the library still says what an answer means."""

from typing import Any, cast

import orjson
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.connections import Connections
from bot.channels.telegram.transport import AiohttpRequest, understandable


class DirectRequest(BaseRequest):
    """Calls one bot's methods; `root` is the URL they lie below. Raises what `AiohttpRequest` does."""

    def __init__(self, root: str, *, read_timeout: float = 10.0) -> None:
        self._read_timeout = read_timeout
        self._connections = Connections(root, answer_s=read_timeout)

    parse_json_payload = staticmethod(AiohttpRequest.parse_json_payload)

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._read_timeout

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """The method's `result`; parameters that are None are left out."""
        body = orjson.dumps({name: value for name, value in params.items() if value is not None})
        # The library hands it on to do_request as it is, and RequestData itself makes forms only.
        return await self.post(method, cast(RequestData, body))

    async def initialize(self) -> None:
        """Connections are opened when they are needed."""

    async def shutdown(self) -> None:
        """Close the connections."""
        await self._connections.close()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **_timeouts: Any
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        return understandable(*await self._connections.post(url, cast(bytes, request_data)))
