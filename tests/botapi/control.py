"""Steering a running server over HTTP, for manual trials: POST /control/<act> with a JSON object.

Every act answers {"ok": true, "result": ...}; what an act needs is in its function. GET works where nothing
needs a body: /control/sent?chat_id=5, /control/violations, /control/calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import orjson
from aiohttp import web

from tests.botapi import faults
from tests.botapi.errors import ApiError
from tests.botapi.people import Person, Place
from tests.botapi.server import BotApiServer
from tests.botapi.wire import Params, read_params
from tests.botapi.world import Post

PREFIX = "/control/"
Act = Callable[[BotApiServer, Params], Awaitable[Any]]


class ControlledServer(BotApiServer):
    """The server with its control surface; anyone who reaches the port may use it, so keep it on loopback."""

    async def serve_other(self, request: web.BaseRequest) -> web.StreamResponse:
        """Control acts beside the usual refusals."""
        if not request.path.startswith(PREFIX):
            return await super().serve_other(request)
        act = ACTS.get(request.path.removeprefix(PREFIX))
        if act is None:
            return _reply({"ok": False, "description": f"no such act; there are {sorted(ACTS)}"}, 404)
        try:
            result = await act(self, await read_params(request))
        except (KeyError, ValueError, TypeError, ApiError) as error:
            return _reply({"ok": False, "description": f"{type(error).__name__}: {error}"}, 400)
        return _reply({"ok": True, "result": result}, 200)


def _reply(body: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _show(post: Post) -> dict[str, Any]:
    return {
        "chat_id": post.chat_id,
        "message_id": post.id,
        "thread_id": post.thread_id,
        "text": post.text,
        "buttons": post.buttons,
        "by_bot": post.by_bot,
        "method": post.method,
    }


def _person(server: BotApiServer, params: Params) -> Person:
    """{"user": id, "name"?, "language_code"?, "username"?}"""
    if params.find_integer("user") is None:
        raise ValueError('"user" must be a user id')
    return server.user(
        params.integer("user"),
        params.text("name", "Alice"),
        params.text("language_code") or None,
        username=params.text("username") or None,
    )


def _place(server: BotApiServer, params: Params) -> Place:
    """{"chat"?: group id, "thread"?: topic id, "anonymous"?: bool}"""
    place: Place = {"thread": params.find_integer("thread"), "anonymous": params.flag("anonymous")}
    if params.find_integer("chat") is not None:
        place["chat"] = server.group(params.integer("chat"))
    return place


def _post(server: BotApiServer, params: Params) -> Post:
    """{"chat"?: id (else the user's own), "message_id": id}"""
    chat = server.world.chats[params.integer("chat", params.integer("user"))]
    return chat.posts[params.integer("message_id")]


async def _user(server: BotApiServer, params: Params) -> Any:
    return _person(server, params).face


async def _says(server: BotApiServer, params: Params) -> Any:
    """`_person`, `_place` and "text"."""
    person = _person(server, params)
    return _show(await person.says(params.text("text"), **_place(server, params)))


async def _starts(server: BotApiServer, params: Params) -> Any:
    """`_person` and "payload"?"""
    return _show(await _person(server, params).starts(params.text("payload")))


async def _sends(server: BotApiServer, params: Params) -> Any:
    """`_person`, `_place`, "kind" (photo, voice, ...) and "caption"?"""
    person, place = _person(server, params), _place(server, params)
    return _show(await person.sends(params.text("kind"), caption=params.text("caption"), **place))


async def _edits(server: BotApiServer, params: Params) -> Any:
    """`_person`, `_post` and "text"."""
    return _show(await _person(server, params).edits(_post(server, params), params.text("text")))


async def _presses(server: BotApiServer, params: Params) -> Any:
    """`_person`, `_post` and "button" (its text)."""
    press = await _person(server, params).presses(_post(server, params), params.text("button"))
    return asdict(press)


async def _blocks(server: BotApiServer, params: Params) -> Any:
    await _person(server, params).blocks_bot()


async def _unblocks(server: BotApiServer, params: Params) -> Any:
    await _person(server, params).unblocks_bot()


async def _group(server: BotApiServer, params: Params) -> Any:
    """{"chat_id": id, "title"?, "members"?: [user ids], "admins"?: [user ids]}"""
    group = server.group(params.integer("chat_id"), params.text("title", "Staff"))
    group.add(*(server.user(int(one)) for one in params.json("members") or []))
    group.add(*(server.user(int(one)) for one in params.json("admins") or []), as_admin=True)
    return {**group.chat.face, "members": list(group.chat.members)}


async def _update(server: BotApiServer, params: Params) -> Any:
    """Any update object, queued as it is."""
    return server.inject(params.values).id


async def _fault(server: BotApiServer, params: Params) -> Any:
    """{"method", "fault": a name in FAULTS, "chat_id"?, "times"?}"""
    fault = FAULTS[params.text("fault")]
    times = params.integer("times", 1)
    server.fail(params.text("method", "*"), fault, chat=params.find_integer("chat_id"), times=times)


async def _sent(server: BotApiServer, params: Params) -> Any:
    """{"chat_id"?, "thread"?}"""
    posts = server.sent(params.find_integer("chat_id"), thread=params.find_integer("thread"))
    return [_show(post) for post in posts]


async def _violations(server: BotApiServer, params: Params) -> Any:
    return server.violations


async def _calls(server: BotApiServer, params: Params) -> Any:
    return [
        {"method": call.method, "status": call.status, "description": call.description, **call.params.values}
        for call in server.calls
    ]


FAULTS: dict[str, faults.Fault] = {
    "429": faults.too_many_requests(3),
    "403": faults.forbidden(),
    "502": faults.server_error(502),
    "timeout": faults.timeout(takes_effect=True),
    "timeout-before": faults.timeout(takes_effect=False),
    "drop": faults.dropped(takes_effect=True),
    "drop-before": faults.dropped(takes_effect=False),
    "slow": faults.slow(2.0),
    "broken-json": faults.broken_json(),
}
ACTS: dict[str, Act] = {
    "user": _user,
    "says": _says,
    "starts": _starts,
    "sends": _sends,
    "edits": _edits,
    "presses": _presses,
    "blocks": _blocks,
    "unblocks": _unblocks,
    "group": _group,
    "update": _update,
    "fault": _fault,
    "sent": _sent,
    "violations": _violations,
    "calls": _calls,
}
