"""From a request to the models a handler takes; whatever is wrong becomes a 4xx that says so."""

import inspect
from collections.abc import Iterator
from typing import Any, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from admin_api.contract import Handler
from admin_api.problems import ApiError, Fault, faults

PLACES = ("path", "query", "headers", "body")
_INT64 = range(-(2**63), 2**63)
_DEEPEST = 32

Inputs = dict[str, type[BaseModel]]


def inputs_of(handler: Handler) -> Inputs:
    """The models a handler takes, by place."""
    hints = get_type_hints(handler)
    wanted = inspect.signature(handler).parameters
    return {place: hints[place] for place in PLACES if place in wanted}


async def read_inputs(request: web.Request, inputs: Inputs) -> dict[str, BaseModel]:
    """The handler's arguments; raises ApiError with everything that is wrong, not only the first thing."""
    read: dict[str, BaseModel] = {}
    wrong: list[Fault] = []
    for place, model in inputs.items():
        try:
            read[place] = await _read(request, place, model)
        except ValidationError as error:
            if place == "path":
                raise ApiError(404) from None
            wrong += faults(place, error)
    if wrong:
        raise ApiError(422, "the request is not valid; see errors", errors=wrong, kind="not_valid")
    return read


async def _read(request: web.Request, place: str, model: type[BaseModel]) -> BaseModel:
    if place == "body":
        return await _read_body(request, model)
    if place == "path":
        values: dict[str, Any] = dict(request.match_info)
    elif place == "query":
        values = {name: request.query.getall(name) for name in request.query}
        values = {name: many if len(many) > 1 else many[0] for name, many in values.items()}
    else:
        values = {name.lower().replace("-", "_"): value for name, value in request.headers.items()}
        values = {name: value for name, value in values.items() if name in model.model_fields}
    if unfit := next(_unfit(values), None):
        raise ApiError(404) if place == "path" else _refusal(place, unfit)
    return model.model_validate(values)


async def _read_body(request: web.Request, model: type[BaseModel]) -> BaseModel:
    if request.content_type != "application/json":
        raise ApiError(415, "send the body as JSON, with the header Content-Type: application/json")
    raw = await request.read()
    try:
        values = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError(400, f"the body is not JSON: {error}") from None
    if unfit := next(_unfit(values), None):
        raise _refusal("body", unfit)
    # Read again from the text: only there does pydantic know JSON's types and refuse all others.
    return model.model_validate_json(raw)


def _refusal(place: str, unfit: tuple[str, str]) -> ApiError:
    field, message = unfit
    fault = Fault(place=place, field=field, message=message)
    return ApiError(422, "the request is not valid; see errors", errors=[fault], kind="not_valid")


def _unfit(value: Any, at: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """What neither database can keep, as (where, what is wrong): NUL, lone surrogates, numbers over 64 bit."""
    if isinstance(value, str):
        if "\x00" in value:
            yield at, "contains a NUL character; remove it"
        elif not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            yield at, "is not valid Unicode text"
    elif isinstance(value, int):
        if value not in _INT64:
            yield at, "is a number of more than 64 bits"
    elif isinstance(value, dict | list):
        if depth == _DEEPEST:
            yield at, f"is nested more than {_DEEPEST} deep"
            return
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inside:
            place = f"{at}.{name}" if at else str(name)
            if isinstance(name, str) and "\x00" in name:
                yield at, "has a name with a NUL character"
            yield from _unfit(one, place, depth + 1)
