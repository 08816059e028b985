"""The web chat's URLs: the page and what belongs to it, the widget for other sites, and the WebSocket."""

from aiohttp import hdrs, web

from bot.channels.web import conversation, page, protocol
from bot.channels.web.channel import Window
from bot.channels.web.conversation import Conversation, Lobby
from bot.channels.web.gate import origin_allowed, peer_of
from bot.channels.web.options import WebOptions
from bot.channels.web.uploads import add_file_routes
from bot.texts import render


def add_routes(app: web.Application, lobby: Lobby, options: WebOptions) -> None:
    """Put the web chat into `app`; on shutdown the pages are sent away and reconnect."""
    assets, pages = page.load_assets(), page.render_pages(options.business_name, lobby.files.max_bytes)
    policy = page.page_policy(options.origins)

    async def show_page(request: web.Request) -> web.Response:
        language = page.preferred_language(
            request.query.get("lang"), request.headers.get(hdrs.ACCEPT_LANGUAGE)
        )
        headers = {"Content-Security-Policy": policy, "Vary": "Accept-Language", "Content-Language": language}
        return page.respond(request, pages[language], headers)

    async def show_asset(request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"} if name in page.CROSS_ORIGIN else None
        return page.respond(request, assets[name], headers)

    async def talk(request: web.Request) -> web.WebSocketResponse:
        return await serve_socket(request, lobby, options)

    async def send_away(_app: web.Application) -> None:
        await lobby.channel.close()

    app.router.add_get("/", show_page)
    for name in assets:
        app.router.add_get(f"/{name}", show_asset)
    app.router.add_get("/ws", talk)
    add_file_routes(app, lobby, options)
    app.on_shutdown.append(send_away)


async def serve_socket(request: web.Request, lobby: Lobby, options: WebOptions) -> web.WebSocketResponse:
    """One WebSocket from the handshake to its end; 403 for a strange origin, 503 when there is no room."""
    if not origin_allowed(request.headers.get(hdrs.ORIGIN), request.host, options.origins):
        raise web.HTTPForbidden(text="this site may not use the chat; its origin is not in the settings")
    peer = peer_of(request.remote, request.headers.get(hdrs.X_FORWARDED_FOR), options.trusted_proxies)
    language = page.preferred_language(None, request.headers.get(hdrs.ACCEPT_LANGUAGE))
    if not lobby.has_room(peer):
        raise web.HTTPServiceUnavailable(text=render(language, "web.too_many"), headers={"Retry-After": "60"})
    lobby.sockets[peer] += 1
    try:
        socket = web.WebSocketResponse(
            heartbeat=conversation.HEARTBEAT_S,
            timeout=conversation.GOODBYE_WITHIN_S,
            max_msg_size=protocol.MAX_FRAME,
            compress=False,  # a small compressed frame could unpack to a large one
        )
        await socket.prepare(request)
        window = Window(socket, request.transport)
        with lobby.channel.connected(window):
            await Conversation(lobby, socket, window, peer, language).run()
        return socket
    finally:
        lobby.sockets[peer] -= 1
        if not lobby.sockets[peer]:
            del lobby.sockets[peer]
