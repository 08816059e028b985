"""The OpenAPI 3.1 document, made from the routes and their models."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from inspect import getdoc
from typing import Any, get_args, get_type_hints

from aiohttp import web
from apispec import APISpec
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from admin_api.access import Access
from admin_api.contract import Audience, Reply, Route
from admin_api.once import MAX_NAME, Named
from admin_api.problems import MEDIA_TYPE, Problem
from admin_api.reading import Inputs, inputs_of
from admin_api.repeating import HEADER, is_kept

Made = Callable[[], bytes]
DOCUMENT: web.AppKey[Made] = web.AppKey("openapi_document")
"""Makes it when it is first asked for: that takes a fifth of a second, which no start has to wait for."""
_PARAMETERS = {"path": "path", "query": "query", "headers": "header"}
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SCHEMES: dict[str, dict[str, str]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key from POST /api/v1/keys"},
    "session": {"type": "apiKey", "in": "cookie", "name": "frontdesk_staff"},
}
_NAME: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
    "description": "A random name for this request: repeated within a week, it gets the first answer again and "
    "does nothing anew (the header Idempotent-Replayed tells so)",
}
_TAKE_FILES = (
    "article_attachments.attach",
    "article_attachments.attach_to_draft",
    "article_attachments.upload",
    "articles.hand_in_file",
    "canned_replies.attach",
)
_ALSO: dict[str, set[int]] = {
    **{name: {400, 413, 415, 422, 507} for name in _TAKE_FILES},
    "me.start_session": {401, 403, 429},
    "me.set_password": {429},
    "articles.history": {404},
    "articles.import_file": {507},
    "attachments.create": {400, 413, 415, 507},
    "attachments.read": {409},
    "attachments.send_article_file": {507},
    "scores.listing": {404},
    "scores.read_run": {404},
    "segments.listing": {404},
}
"""What cannot be told from the shape of a route."""

_BYTES: dict[str, Any] = {"application/octet-stream": {}}
_FILES_IN: dict[str, dict[str, Any]] = {
    "attachments.create": _BYTES
    | {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}, "text": {"type": "string"}},
                "required": ["file"],
                "additionalProperties": False,
            }
        }
    }
}
_FILES_IN |= dict.fromkeys(_TAKE_FILES, _FILES_IN["attachments.create"])
_FILES_OUT = {name: _BYTES | {"image/*": {}} for name in ("attachments.read", "article_attachments.content")}
"""Bodies that are files; their routes have no models for them."""

Modes = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]
"""References to schemas, by model and by whether it is read or written."""


def document(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """The document of all routes for programs."""
    told = [(route, inputs_of(route.handler)) for route in routes if route.audience is Audience.PROGRAMS]
    references, components = _schemas(told)
    spec = APISpec(
        title="Frontdesk admin API",
        version=version,
        openapi_version="3.1.0",
        info={"description": "Customers, conversations, knowledge and scores. Errors are RFC 9457 problems."},
        security=[{name: []} for name in _SCHEMES],
    )
    for name, scheme in _SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    parameters = {model.__name__ for _, inputs in told for place, model in inputs.items() if place != "body"}
    for name, schema in components.items():
        if name not in parameters:
            spec.components.schema(name, schema)
    for route, inputs in told:
        operation = _operation(route, inputs, references, components)
        spec.path(route.path, operations={route.method.lower(): operation})
    return spec.to_dict()


def _schemas(told: Sequence[tuple[Route, Inputs]]) -> tuple[Modes, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for route, inputs in told:
        wanted |= dict.fromkeys((model, "validation") for model in inputs.values())
        if result := result_of(route):
            wanted[result, "serialization"] = None
    references, shared = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    return references, shared["$defs"]


def result_of(route: Route) -> type[BaseModel] | None:
    """The model a handler's Reply carries; None when it answers with nothing or with something else."""
    answer = get_type_hints(route.handler)["return"]
    inside = get_args(answer)[0] if getattr(answer, "__origin__", None) is Reply else None
    return inside if isinstance(inside, type) and issubclass(inside, BaseModel) else None


def _operation(route: Route, inputs: Inputs, references: Modes, components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name.replace(".", "_"),
        "summary": route.summary,
        "description": f"{getdoc(route.handler) or ''}\n\nNeeds: {route.needs.value}.",
        "tags": [route.name.partition(".")[0]],
        "parameters": [
            _parameter(place, name, schema, components[model.__name__])
            for place, model in inputs.items()
            if place in _PARAMETERS
            for name, schema in components[model.__name__].get("properties", {}).items()
        ]
        + ([_NAME] if is_kept(route, inputs) else []),
        "responses": _responses(route, inputs, references),
    }
    if "body" in inputs:
        content = {"application/json": {"schema": references[inputs["body"], "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.name in _FILES_IN:
        operation["requestBody"] = {"required": True, "content": _FILES_IN[route.name]}
    if route.needs is Access.PUBLIC:
        operation["security"] = []
    return operation


def _parameter(place: str, name: str, schema: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    told = _never_null(schema)
    shown = {"description": told.pop("description")} if "description" in told else {}
    header = "-".join(part.capitalize() for part in name.split("_")) if place == "headers" else name
    required = place == "path" or name in model.get("required", ())
    return {"name": header, "in": _PARAMETERS[place], "required": required, "schema": told, **shown}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is absent or has a value; it is never JSON's null."""
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "title") and (k, v) != ("default", None)}
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"]
    if len(branches) == 1:
        return {**branches[0], **rest}
    return {**rest, "anyOf": branches} if branches else rest


def _responses(route: Route, inputs: Inputs, references: Modes) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if result := result_of(route):
        told["content"] = {"application/json": {"schema": references[result, "serialization"]}}
    elif route.name in _FILES_OUT:
        told["content"] = _FILES_OUT[route.name]
    problem = {MEDIA_TYPE: {"schema": references[Problem, "serialization"]}}
    return {str(route.status): told} | {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem}
        for status in sorted(_refusals(route, inputs))
    }


def _refusals(route: Route, inputs: Inputs) -> set[int]:
    """The statuses besides the good one that a client must expect."""
    found = {503}
    if route.needs is not Access.PUBLIC:
        found |= {401, 403}
    if inputs.keys() - {"path"}:
        found.add(422)
    if re.search(r"{\w+}", route.path):
        found.add(404)
    if "body" in inputs:
        found |= {400, 404, 413, 415}
    if inputs.get("headers", Named) is not Named:
        found.add(412)
    if route.method in _WRITES:
        found.add(409)
    return found | _ALSO.get(route.name, set())
