"""What browsers send: forms read into models, redirects after them."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from admin_api.form_parts import MULTIPART, readable
from admin_api.form_text import form_text
from admin_api.problems import ApiError, faults

M = TypeVar("M", bound=BaseModel)
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", MULTIPART})


class Form(BaseModel):
    """A form: texts, with unknown fields refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


async def read_form(request: web.Request, model: type[M]) -> M:
    """The form's fields as `model`; fields left empty count as not sent. ApiError says what is wrong."""
    if request.content_type not in FORM_TYPES:
        raise ApiError(415, "send this as a form")
    with readable():
        fields = await request.post()
    values = {name: _text(fields[name]) for name in fields}
    return filled(model, {name: value for name, value in values.items() if value.strip()})


def filled(model: type[M], values: Mapping[str, Any]) -> M:
    """The model with these values; ApiError 422 says in words what does not fit."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        wrong = faults("form", error)
        told = "; ".join(f"{fault.field}: {fault.message}" for fault in wrong)
        kind, params = _named(error)
        raise ApiError(422, told, errors=wrong, kind=kind, params=params) from None


_KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "string_too_long": ("too_long", {"max_length": "most"}),
    "missing": ("left_empty", {}),
    "string_too_short": ("left_empty", {}),
    "too_long": ("many_labels", {"max_length": "most"}),
    "greater_than_equal": ("too_small", {"ge": "least"}),
    "less_than_equal": ("too_large", {"le": "most"}),
    "int_parsing": ("no_number", {}),
}
"""What pydantic calls a fault: the kind of refusal, and what its values are called there."""


def _named(error: ValidationError) -> tuple[str | None, dict[str, Any]]:
    """The kind of the first fault, with its values; None for one that forms of the desk do not let through."""
    first = error.errors(include_url=False, include_input=False)[0]
    kind, names = _KINDS.get(first["type"], (None, {}))
    given = first.get("ctx", {})
    return kind, {ours: given[theirs] for theirs, ours in names.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ApiError(422, "this form takes no files")
    return form_text(value)


def listed(text: str) -> list[str]:
    """What stands between the commas, Western or Chinese ones, each once and in this order."""
    parts = (part.strip() for part in re.split("[,，、]", text))
    return list(dict.fromkeys(part for part in parts if part))


def is_fragment(request: web.Request) -> bool:
    """Whether a script asks for part of a page."""
    return "HX-Request" in request.headers


def see(path: str) -> web.Response:
    """Go there by GET."""
    return web.Response(status=303, headers={"Location": path})


def local(path: str | None, otherwise: str = "/") -> str:
    """The path if it leads to this site's own pages, else `otherwise`: nobody is sent elsewhere by a link."""
    fits = bool(path) and str(path).startswith("/") and not str(path).startswith("//")
    if not fits or any(sign in str(path) for sign in "\\\r\n\t"):
        return otherwise
    return str(path)
