"""Requests as they come over HTTP: urlencoded, JSON, multipart or query string into one `Params`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import BodyPartReader, web

from tests.botapi.errors import bad_request

Json = dict[str, Any]

_INTEGER = re.compile(r"\s*[+-]?\d+\s*\Z")
_TRUE = {"true", "1", "yes", "True"}


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file."""

    filename: str
    content: bytes
    mime_type: str


@dataclass(slots=True)
class Params:
    """The parameters of one call; getters read a value whatever its encoding (text, JSON text, JSON)."""

    values: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """The value as text; numbers and booleans as the Bot API would read them from a form."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def find_integer(self, name: str) -> int | None:
        """The value as an integer; None when it is missing or not one."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value
        if isinstance(value, str) and _INTEGER.match(value):
            return int(value)
        return None

    def integer(self, name: str, default: int = 0) -> int:
        """The value as an integer, `default` when it is missing or not one (as the real server does)."""
        value = self.find_integer(name)
        return default if value is None else value

    def flag(self, name: str) -> bool:
        """True only for the spellings of true."""
        value = self.values.get(name)
        return value is True or value in _TRUE

    def json(self, name: str) -> Any:
        """The value decoded from JSON text where it came as such; None when missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_params(request: web.BaseRequest) -> Params:
    """The call's parameters from query string and body together."""
    kind = request.content_type
    if request.can_read_body and kind == "multipart/form-data":
        params = await _read_multipart(request)
    else:
        params = Params(_decode_body(kind, await request.read()) if request.can_read_body else {})
    if request.query_string:
        params.values = {**dict(request.query), **params.values}
    return params


def _decode_body(kind: str, body: bytes) -> Json:
    if kind == "application/json":
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise bad_request("can't parse request JSON object") from None
        if not isinstance(values, dict):
            raise bad_request("object expected as request JSON")
        return values
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _read_multipart(request: web.BaseRequest) -> Params:
    params = Params()
    reader = await request.multipart()
    async for part in reader:
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            params.values[part.name] = content.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            params.uploads[part.name] = Upload(part.filename, content, mime)
    return params
