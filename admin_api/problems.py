"""Errors as problem details (RFC 9457): one table from kinds of error to HTTP statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from admin_api.scoring.errors import ScoringError
from crm_store.errors import Conflict, IllegalTransition, InvalidValue, NotFound, StoreError, StoreUnusable
from crm_store.files import NoRoom, TooLarge
from crm_store.sign_in import LockedOut

MEDIA_TYPE = "application/problem+json"
KEPT_HEADERS = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})
_STORE_RETRY_S = 2


class Fault(BaseModel):
    """One thing wrong with the input."""

    place: str = Field(description="path, query, headers or body")
    field: str = Field(description="Where in it, names and list positions joined by dots")
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    kind: str | None = Field(None, description="A name for what was refused, the same in every language")
    params: dict[str, str | int] | None = Field(None, description="The values in it, such as who holds it")
    errors: list[Fault] | None = None


class ApiError(Exception):
    """A refusal with its HTTP status."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        errors: list[Fault] | None = None,
        headers: dict[str, str] | None = None,
        kind: str | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.params = kind, dict(params or {})
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers or {}


STATUSES: dict[type[Exception], int] = {
    NotFound: 404,
    Conflict: 409,
    IllegalTransition: 409,
    InvalidValue: 422,
    ScoringError: 422,
    LockedOut: 429,
    TooLarge: 413,
    NoRoom: 507,
    StoreUnusable: 503,
    StoreError: 400,
}
"""The nearest base class of an error decides."""

HINTS: dict[int, str] = {
    403: "this is not for you",
    404: "there is nothing at this address; /api/v1/docs lists what there is",
    405: "this address does not take that method; the Allow header lists those it takes",
    413: "the request body is too large",
    503: "the database cannot be reached just now; try again in a moment",
    500: "something went wrong on our side; it has been logged",
}


def response(error: ApiError) -> web.Response:
    """The refusal as a problem document."""
    problem = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.detail or HINTS.get(error.status),
        kind=error.kind,
        params=error.params or None,
        errors=error.errors,
    )
    return web.Response(
        body=problem.model_dump_json(exclude_none=True).encode(),
        status=error.status,
        content_type=MEDIA_TYPE,
        headers=error.headers,
    )


def translate(error: Exception) -> ApiError | None:
    """The refusal an error stands for; None when it is a fault of ours."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, web.HTTPException):
        kept = {name: value for name, value in error.headers.items() if name in KEPT_HEADERS}
        return ApiError(error.status, headers=kept)
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), None)
    if status is None:
        return None
    headers = {}
    if isinstance(error, LockedOut):
        headers["Retry-After"] = str(max(1, int(error.retry_after.total_seconds())))
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(_STORE_RETRY_S)
    kind, params = (error.kind, error.params) if isinstance(error, StoreError) else (None, {})
    return ApiError(status, str(error), headers=headers, kind=kind, params=params)


def faults(place: str, error: ValidationError) -> list[Fault]:
    """What pydantic found wrong, without repeating the values: they may be secret."""
    found: list[Any] = list(error.errors(include_url=False, include_input=False, include_context=False))
    return [
        Fault(place=place, field=".".join(str(part) for part in one["loc"]), message=one["msg"])
        for one in found
    ]
