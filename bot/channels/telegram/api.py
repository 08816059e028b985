"""Calls to the Bot API by their documented names, answered with plain JSON.

The library brings transport and errors; its objects stay out, since building a Message from an answer costs more
than sending it did, and its debug log would show every parameter, texts and the webhook's secret included.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import InputFile
from telegram.error import BadRequest, TelegramError
from telegram.request import RequestData

# Private, but RequestData takes nothing else.
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.direct import DirectRequest
from bot.channels.telegram.transport import POLL_READ_TIMEOUT, PUBLIC_SERVER, AiohttpRequest
from crm_store.errors import NotFound
from crm_store.files import Files

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A parameter: a file in our own folder, to be sent along."""

    key: str
    name: str


class Api:
    """One bot at one Bot API server. Calls raise `telegram.error.TelegramError`; none of them shows the token."""

    def __init__(
        self,
        token: str,
        base_url: str = PUBLIC_SERVER,
        *,
        read_timeout: float = 10.0,
        files: Files | None = None,
    ) -> None:
        self._folder = files
        self.bot_id = int(token.partition(":")[0])
        self._root = f"{base_url.rstrip('/')}/bot{token}/"
        self._files = f"{base_url.rstrip('/')}/file/bot{token}/"
        self._direct = DirectRequest(self._root, read_timeout=read_timeout)
        self._files_along = AiohttpRequest(read_timeout=read_timeout)
        self._polling = DirectRequest(self._root, read_timeout=POLL_READ_TIMEOUT)

    @property
    def source(self) -> str:
        """Whose updates these are; an update's id is unique for one bot only."""
        return f"telegram:{self.bot_id}"

    async def open(self) -> None:
        """Make ready for calls; twice does nothing."""
        await self._files_along.initialize()

    async def close(self) -> None:
        """Give the connections back."""
        await self._direct.shutdown()
        await self._files_along.shutdown()
        await self._polling.shutdown()

    async def call(self, method: str, **params: Any) -> Any:
        """The call's `result`. Parameters that are None are left out; files go as `telegram.InputFile` or `Stored`,
        those of an album as the `Stored` media of its items."""
        album = _album(params)
        if not album and not any(isinstance(value, (InputFile, Stored)) for value in params.values()):
            # Long polls may take longer, and have their own connections, so that they never keep a message waiting.
            request = self._polling if method == "getUpdates" else self._direct
            return await request.call(method, params)
        for name, value in params.items():
            if isinstance(value, Stored):
                params[name] = await self._read(value)
        read = {one: await self._read(one, attach=True) for one in album}
        return await self._files_along.post(self._root + method, _form(params, read))

    async def _read(self, stored: Stored, *, attach: bool = False) -> InputFile:
        if self._folder is None:
            raise BadRequest("this process has no folder of files")
        try:
            content = await asyncio.to_thread(self._folder.path(stored.key).read_bytes)
        except (NotFound, OSError) as error:
            raise BadRequest(f"the file cannot be read: {error}") from None
        return InputFile(content, filename=stored.name, attach=attach)

    async def download(self, file_id: str) -> bytes:
        """The file's bytes (20 MB at most, says the Bot API)."""
        found = await self.call("getFile", file_id=file_id)
        return bytes(await self._files_along.retrieve(self._files + str(found["file_path"])))

    async def find_file(self, file_id: str) -> bytes | None:
        """The same, but None when Telegram does not give it (any more, or because it is larger)."""
        try:
            return await self.download(file_id)
        except TelegramError as error:
            log.warning("Telegram does not give a file", error=str(error))
            return None


def _album(params: Mapping[str, Any]) -> list[Stored]:
    """The files of our own that an album's items hold."""
    media = params.get("media")
    parts = [one.get("media") for one in media] if isinstance(media, list) else []
    return [part for part in parts if isinstance(part, Stored)]


def _form(params: dict[str, Any], album: Mapping[Stored, InputFile]) -> RequestData:
    """The parameters; an album's files stand beside its items, which name them."""
    form = [
        RequestParameter.from_input(name, value)
        for name, value in params.items()
        if value is not None and not (album and name == "media")
    ]
    if album:
        items = [one | {"media": _named(one["media"], album)} for one in params["media"]]
        form.append(RequestParameter("media", items, list(album.values())))
    return RequestData(form)


def _named(media: object, album: Mapping[Stored, InputFile]) -> object:
    return album[media].attach_uri if isinstance(media, Stored) else media
