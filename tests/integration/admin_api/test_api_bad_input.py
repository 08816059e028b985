"""Bad input to every route: a fitting 4xx as a problem document, never a 5xx, nothing changed."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from pydantic import RootModel
from sqlalchemy import func, select

from admin_api.access import Access
from admin_api.contract import Route
from admin_api.cursors import CURSORS
from admin_api.reading import inputs_of
from admin_api.routes import ROUTES
from admin_api.services import SERVICES
from crm_store.errors import StoreUnusable
from crm_store.models.all import METADATA
from tests.admin_stage import Answer, Stage

WITH_BODY = [route for route in ROUTES if "body" in inputs_of(route.handler)]
LISTS = [
    route
    for route in ROUTES
    if "cursor" in getattr(inputs_of(route.handler).get("query"), "model_fields", {})
]
WITH_PATH = [route for route in ROUTES if "{" in route.path]
JSON_TYPE = {"Content-Type": "application/json"}

BROKEN: list[tuple[str, bytes, dict[str, str], set[int]]] = [
    ("empty", b"", JSON_TYPE, {400}),
    ("broken", b'{"a": ', JSON_TYPE, {400}),
    ("not utf-8", b'{"a": "\xff\xfe"}', JSON_TYPE, {400}),
    ("NaN", b'{"a": NaN}', JSON_TYPE, {400}),
    ("lone surrogate", b'{"a": "\\ud800"}', JSON_TYPE, {400}),
    ("deep", b"[" * 100_000 + b"]" * 100_000, JSON_TYPE, {400}),
    ("rather deep", b'{"a":' * 60 + b"1" + b"}" * 60, JSON_TYPE, {422}),
    ("a list", b"[]", JSON_TYPE, {422}),
    ("null", b"null", JSON_TYPE, {422}),
    ("a text", b'"x"', JSON_TYPE, {422}),
    ("unknown field", b'{"unheard_of": 1}', JSON_TYPE, {422}),
    ("NUL", b'{"name": "a\\u0000b"}', JSON_TYPE, {422}),
    ("NUL in a name", b'{"a\\u0000b": 1}', JSON_TYPE, {422}),
    ("huge number", b'{"name": ' + b"9" * 400 + b"}", JSON_TYPE, {422}),
    ("form", b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, {415}),
    ("text", b"{}", {"Content-Type": "text/plain"}, {415}),
    ("no type", b"{}", {"Content-Type": ""}, {415, 422}),
    ("too large", b'{"name": "' + b"x" * 1_100_000 + b'"}', JSON_TYPE, {413}),
]


def address(route: Route, value: str = "1") -> str:
    return re.sub(r"{\w+}", value, route.path)


def assert_problem(answer: Answer, allowed: set[int], about: Any) -> None:
    assert answer.status in allowed, (about, answer.status, answer.body)
    assert answer.headers["Content-Type"].startswith("application/problem+json"), about
    problem = answer.body
    assert problem["status"] == answer.status
    assert problem["title"]
    assert problem["type"] == "about:blank"
    assert problem.get("detail"), about


async def row_counts(stage: Stage) -> dict[str, int]:
    async with stage.store.read() as session:
        return {
            name: await session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }


async def test_every_route_with_a_body_refuses_broken_ones(stage: Stage) -> None:
    before = await row_counts(stage)
    for route in WITH_BODY:
        for name, body, headers, allowed in BROKEN:
            answer = await stage.ask(route.method, address(route), data=BytesIO(body), headers=headers)
            assert_problem(answer, allowed, (route.name, name))
    assert await row_counts(stage) == before


async def test_no_column_can_be_set_that_is_not_offered(stage: Stage) -> None:
    """Mass assignment: every column of every table, sent to every route that writes."""
    columns = {column.name for table in METADATA.tables.values() for column in table.columns}
    before = await row_counts(stage)
    for route in WITH_BODY:
        model = inputs_of(route.handler)["body"]
        for column in sorted(columns - model.model_fields.keys()):
            answer = await stage.ask(route.method, address(route), json={column: 1})
            assert answer.status == 422, (route.name, column, answer.status)
            named = [fault["field"] for fault in answer.body["errors"]]
            # A body that is one of several says first that it does not know which.
            assert column in named or issubclass(model, RootModel), (route.name, column, named)
    assert await row_counts(stage) == before


async def test_every_list_refuses_cursors_it_did_not_give(stage: Stage) -> None:
    foreign = stage.client.app[CURSORS].sign("another.list", [1])
    for route in LISTS:
        for cursor in ("", "x", "WzFd.forged", foreign, "x" * 1024, "x" * 5000, "\x00", "ÿ"):
            answer = await stage.ask("GET", address(route), params={"cursor": cursor})
            assert_problem(answer, {422, 404}, (route.name, cursor[:20]))


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=101", "limit=x", "limit=1&limit=2", "limit=", "unheard_of=1", "limit=1e9"],
)
async def test_every_list_refuses_bad_questions(stage: Stage, query: str) -> None:
    for route in LISTS:
        answer = await stage.ask("GET", f"{address(route)}?{query}")
        assert_problem(answer, {422, 404}, route.name)


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "9223372036854775808", "%00", "٣", "1%20or%201=1"])
async def test_addresses_without_meaning_are_not_found(stage: Stage, value: str) -> None:
    for route in WITH_PATH:
        body: dict[str, Any] = {"json": {}} if "body" in inputs_of(route.handler) else {}
        answer = await stage.ask(route.method, address(route, value), **body)
        assert_problem(answer, {404, 422}, (route.name, answer.body))


async def test_unknown_ids_are_not_found(both_stage: Stage) -> None:
    for route in WITH_PATH:
        if route.method in ("GET", "DELETE"):
            answer = await both_stage.ask(route.method, address(route, "9223372036854775807"))
            assert_problem(answer, {404}, route.name)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/unheard-of", 404),
        ("GET", "/api/v2/me", 404),
        ("PUT", "/api/v1/staff", 405),
        ("TRACE", "/api/v1/me", 405),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/docs.html", 404),
        ("GET", "/static/", 403),
    ],
)
async def test_addresses_nobody_serves(stage: Stage, method: str, path: str, status: int) -> None:
    answer = await stage.ask(method, path)
    assert_problem(answer, {status, 404}, path)
    if status == 405:
        assert "GET" in answer.headers["Allow"]


async def test_a_fault_of_ours_is_told_without_detail(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def burst(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("crm_store.audit.page", burst)
    answer = await stage.ask("GET", "/api/v1/audit")
    assert_problem(answer, {500}, "burst")
    assert "secret detail" not in json.dumps(answer.body)


async def test_a_store_that_is_away_is_told_as_such(stage: Stage) -> None:
    def away() -> None:
        raise StoreUnusable("the database is locked by another server")

    object.__setattr__(stage.client.app[SERVICES], "ready", away)
    answer = await stage.ask("GET", "/readyz")
    assert_problem(answer, {503}, "away")
    assert answer.headers["Retry-After"] == "2"


def test_routes_cannot_be_declared_without_saying_for_whom() -> None:
    with pytest.raises(TypeError, match="needs"):
        Route("GET", "/x", lambda: None, summary="x")  # type: ignore[call-arg, arg-type, return-value]
    assert all(isinstance(route.needs, Access) for route in ROUTES)
