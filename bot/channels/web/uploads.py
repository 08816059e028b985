"""Files of the web chat over HTTP: taken in from a visitor, and given back to the same one only.

The session's secret comes in a header, which no other site's page can make a browser send, and which no log keeps.
"""

import asyncio
from datetime import timedelta
from urllib.parse import unquote

from aiohttp import hdrs, web

from bot.channels.web import limits
from bot.channels.web.conversation import Lobby
from bot.channels.web.gate import origin_allowed, peer_of
from bot.channels.web.options import WebOptions
from bot.channels.web.protocol import shown
from bot.channels.web.sessions import Visitor
from crm_store import stored_files, visitors
from crm_store.errors import InvalidValue, NotFound
from crm_store.files import NoRoom, TooLarge
from crm_store.models.files import StoredFile
from crm_store.serving_files import headers_for
from crm_store.session import Session

SESSION = "X-Frontdesk-Session"
NAME = "X-File-Name"
CHUNK = 64 * 1024
UPLOAD_WITHIN_S = 180.0
LONGEST_TOKEN = 128
DAY = timedelta(days=1)
UNKNOWN = "the session is not known; reload the chat"


def add_file_routes(app: web.Application, lobby: Lobby, options: WebOptions) -> None:
    """Put both ways for files into `app`."""

    async def upload(request: web.Request) -> web.Response:
        return await take(request, lobby, options)

    async def give(request: web.Request) -> web.StreamResponse:
        return await give_back(request, lobby)

    app.router.add_post("/upload", upload)
    app.router.add_get("/files/{key:[0-9a-f]{32}}", give)


async def take(request: web.Request, lobby: Lobby, options: WebOptions) -> web.Response:
    """Store what comes; 201 with the file's key. 401, 403, 413, 422, 429 and 507 say why not."""
    if not origin_allowed(request.headers.get(hdrs.ORIGIN), request.host, options.origins):
        raise web.HTTPForbidden(text="this site may not use the chat; its origin is not in the settings")
    visitor = await _visitor(request, lobby)
    length = request.content_length or 0
    if length > lobby.files.max_bytes:
        raise _too_large(lobby, length)
    peer = peer_of(request.remote, request.headers.get(hdrs.X_FORWARDED_FOR), options.trusted_proxies)
    await _check_limits(visitor, peer, length, lobby)
    lobby.uploading[peer] += 1
    try:
        frame = await _store(request, visitor, lobby)
    finally:
        lobby.uploading[peer] -= 1
        if not lobby.uploading[peer]:
            del lobby.uploading[peer]
    return web.json_response(frame, status=201, headers={hdrs.CACHE_CONTROL: "no-store"})


async def give_back(request: web.Request, lobby: Lobby) -> web.StreamResponse:
    """The file, if it is of this session's conversation; who may not have it learns nothing of it."""
    visitor = await _visitor(request, lobby)
    async with lobby.store.read() as session:
        row = await stored_files.find(session, request.match_info["key"])
        if row is None or not await _is_theirs(session, visitor, row):
            row = None
    if row is None:
        raise web.HTTPNotFound(text="there is no such file")
    try:
        path = lobby.files.path(row.key)
    except NotFound as error:
        raise web.HTTPNotFound(text=str(error)) from None
    return web.FileResponse(path, headers=headers_for(row.mime, row.name))


async def _is_theirs(session: Session, visitor: Visitor, row: StoredFile) -> bool:
    """Whether the file lies in their conversation; an article's does where an answer brought it."""
    if row.lane == stored_files.ARTICLES:
        return await visitors.has_file(session, visitor.lane, row.key)
    return row.lane == visitor.lane and not await visitors.is_taken_back(session, visitor.lane, row.key)


async def _visitor(request: web.Request, lobby: Lobby) -> Visitor:
    token = request.headers.get(SESSION, "")
    visitor = await lobby.sessions.find(token) if 0 < len(token) <= LONGEST_TOKEN else None
    if visitor is None:
        raise web.HTTPUnauthorized(text=UNKNOWN, headers={"WWW-Authenticate": "Frontdesk-Session"})
    return visitor


async def _check_limits(visitor: Visitor, peer: str, length: int, lobby: Lobby) -> None:
    now = lobby.steady()
    is_calm = (
        lobby.uploading[peer] < limits.UPLOADS_AT_ONCE_PER_PEER
        and lobby.uploads.allows(visitor.address, now)
        and lobby.uploads_of_peer.allows(peer, now)
    )
    if not is_calm:
        raise web.HTTPTooManyRequests(
            text="too many files at once; wait a moment", headers={"Retry-After": "10"}
        )
    async with lobby.store.read() as session:
        handed_in = await stored_files.volume(session, visitor.lane, since=lobby.clock() - DAY)
    if handed_in + length > limits.FULL_UPLOADS_PER_DAY * lobby.files.max_bytes:
        raise web.HTTPTooManyRequests(text="that is enough for one day", headers={"Retry-After": "3600"})


async def _store(request: web.Request, visitor: Visitor, lobby: Lobby) -> dict[str, object] | None:
    name = unquote(request.headers.get(NAME, ""), errors="replace")
    try:
        async with asyncio.timeout(UPLOAD_WITHIN_S):
            taken = await lobby.files.take_in(request.content.iter_chunked(CHUNK), name)
    except TooLarge:
        raise _too_large(lobby, lobby.files.max_bytes + 1) from None
    except InvalidValue as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from None
    except NoRoom as error:
        raise web.HTTPInsufficientStorage(text=str(error)) from None
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the file took too long to arrive") from None
    async with lobby.files.new(taken.key), lobby.store.write() as session:
        row = await stored_files.add(session, taken, lane=visitor.lane, now=lobby.clock())
    return shown(stored_files.attachment(row))


def _too_large(lobby: Lobby, size: int) -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(max_size=lobby.files.max_bytes, actual_size=size)
