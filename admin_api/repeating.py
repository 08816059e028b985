"""What changes something, done once though it is asked for twice: by a double click, or as the answer was lost.

A form of the desk brings its name in its address (`once`), made anew each time it is drawn; with what it says, that
names one wish. A program names its request by the header Idempotency-Key. The first answer is kept for a week, and a
repeat gets it again; one that comes while the first is being done waits for it. Requests that lead to messages have
their own way (once.py).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import web

from admin_api.access import Access, Caller
from admin_api.contract import Audience, Claim, Context, Route
from admin_api.once import MAX_NAME, REPEATED
from admin_api.problems import ApiError
from admin_api.reading import Inputs
from crm_store import kept_answers
from crm_store.errors import Conflict, InvalidValue
from crm_store.kept_answers import DONE, AskedBefore, Wish
from crm_store.models.plumbing import KeptAnswer
from crm_store.repeats import asked

log = structlog.get_logger(__name__)
HEADER: Final = "Idempotency-Key"
FIELD: Final = "once"
KEPT_HEADERS: Final = ("Location", "ETag", "Content-Type")
LARGEST: Final = 16 * 1024
"""A body (bytes) that is larger is not kept."""
LOOK_AGAIN_S: Final = 0.05
LOOKS: Final = 200
GIVEN_UP: Final = timedelta(seconds=20)
"""A request that was not answered for so long was cut off: nobody knows its answer."""
OWN_WAY: Final = frozenset(
    {
        "article_attachments.attach",
        "article_attachments.attach_to_draft",
        "article_attachments.upload",
        "articles.hand_in_file",
        "articles.import_file",
        "customer_service.serve",
        "customers.export",
        "keys.create",
        "links.create",
        "me.issue_code",
        "phrasings.try_out",
        "scores.preview",
        "staff.create",
        "staff.issue_code",
    }
)
"""Requests that bring files, change nothing, or get a secret or a person's whole record: these are not kept."""
_BY_FORM = re.compile("[0-9a-f]{32}")
_FORM = "application/x-www-form-urlencoded"

Answer = Callable[[Context], Awaitable[web.StreamResponse]]


def is_kept(route: Route, inputs: Inputs) -> bool:
    """Whether a program's request may be named by a header, and its answer is kept."""
    return (
        route.method == "POST"
        and route.audience is Audience.PROGRAMS
        and route.needs is not Access.PUBLIC
        and route.name not in OWN_WAY
        and not (inputs.get("headers") and "idempotency_key" in inputs["headers"].model_fields)
    )


async def wish_of(request: web.Request, route: Route, inputs: Inputs, caller: Caller) -> Wish | None:
    """What is asked for, by its name; None for what has none."""
    if route.audience is Audience.BROWSERS and route.method == "POST" and caller.is_known:
        if not _drawn(request) or request.content_type not in (_FORM, "application/octet-stream"):
            return None
        return wish_of_form(request, caller, await request.read())
    name = request.headers.get(HEADER)
    if name is None or not caller.is_known or not is_kept(route, inputs):
        return None
    if not 0 < len(name) <= MAX_NAME:
        raise ApiError(422, f"an Idempotency-Key has 1 to {MAX_NAME} characters")
    return Wish(_sender(caller), asked(name, (request.path_qs, await request.read())))


def wish_of_form(request: web.Request, caller: Caller, said: object) -> Wish | None:
    """What a form that says this asks for; None where it was drawn without a name.

    Of a form with a file its handler tells, as it reads it: the file is not read twice.
    """
    drawn = _drawn(request)
    if drawn is None:
        return None
    what = asked(drawn, (request.path, said))
    return Wish(_sender(caller), asked(drawn + what.digest[:32], (what.digest,)))


def _drawn(request: web.Request) -> str | None:
    drawn = request.query.get(FIELD, "")
    return drawn if _BY_FORM.fullmatch(drawn) else None


def _sender(caller: Caller) -> str:
    # By the key, not its agent: a key of its own has none until its first request makes one.
    return f"agent:{caller.agent.id}" if caller.agent and caller.key_id is None else f"key:{caller.key_id}"


async def answered_once(context: Context, wish: Wish, answer: Answer) -> web.StreamResponse:
    """The answer; the one that was given before where the same was asked before."""
    if (before := await _find(context, wish)) is not None:
        return await _again(context, wish, before)
    claim = Claim(wish)
    try:
        first = await answer(replace(context, claim=claim))
    except AskedBefore:
        return await _again(context, wish, await _find(context, wish))
    except Exception:
        if claim.is_taken:
            async with context.write() as session:
                await kept_answers.forget(session, wish)
        elif (before := await _find(context, wish)) is not None:
            return await _again(context, wish, before)  # refused because the same was just done
        raise
    if claim.is_taken:
        await _keep(context, wish, first)
    return first


async def _find(context: Context, wish: Wish) -> KeptAnswer | None:
    async with context.read() as session:
        return await kept_answers.find(session, wish)


async def _keep(context: Context, wish: Wish, first: web.StreamResponse) -> None:
    """What a form's answer shows is drawn from the store: only where it leads is kept, not a page.

    Where it cannot be kept, a repeat is told that it was done.
    """
    headers = {name: first.headers[name] for name in KEPT_HEADERS if name in first.headers}
    said = first.body if isinstance(first, web.Response) else b"a stream"
    is_small = isinstance(said, bytes) and first.content_type == "application/json" and len(said) <= LARGEST
    body = said.decode() if isinstance(said, bytes) and is_small else None
    status = first.status if is_small or not said else DONE
    try:
        async with context.write() as session:
            await kept_answers.keep(session, wish, status=status, headers=headers, body=body)
    except Exception as error:  # it was done all the same, and whoever asked is to hear so
        # Of an error of the store's the words would be told too, which may be a customer's.
        log.error("an answer was not kept", action=context.action, error=type(error).__name__)


def _is_given_up(context: Context, before: KeptAnswer) -> bool:
    return before.asked_at + GIVEN_UP < context.services.clock()


async def _again(context: Context, wish: Wish, before: KeptAnswer | None) -> web.Response:
    """The first answer once more, when it is there; Conflict where it is not to be had, InvalidValue for another's."""
    for _ in range(LOOKS):
        if before is None:
            raise Conflict("the same was asked at this moment and refused; ask once more", kind="again")
        if before.digest != wish.asked.digest:
            told = "this Idempotency-Key was used for something else; make a new one for each request"
            raise InvalidValue(told, kind="other_request")
        if before.status is not None or _is_given_up(context, before):
            break
        await asyncio.sleep(LOOK_AGAIN_S)
        before = await _find(context, wish)
    if before is None or (before.status is None and not _is_given_up(context, before)):
        raise Conflict("the same is being done at this moment; ask once more", kind="again")
    if before.status in (None, DONE):
        raise Conflict("this was done already, once; its answer is not kept", kind="done_once")
    headers = {**(before.headers or {}), **REPEATED}
    return web.Response(status=before.status, body=(before.body or "").encode(), headers=headers)
