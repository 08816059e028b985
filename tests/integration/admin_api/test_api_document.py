"""The OpenAPI document, the page drawn from it, health, figures, and what every answer carries."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import admin_api
from admin_api.access import Access
from admin_api.contract import Audience
from admin_api.middleware import SECURITY_HEADERS
from admin_api.routes import ROUTES
from tests.admin_stage import Stage

STATIC = Path(admin_api.__file__).parent / "desk" / "static"


async def test_the_document_is_valid_and_whole(stage: Stage) -> None:
    document = await stage.get("/openapi.json", key=None)
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    told = {(method.upper(), path) for path, found in document["paths"].items() for method in found}
    assert told == {(route.method, route.path) for route in ROUTES if route.audience is Audience.PROGRAMS}
    for route in ROUTES:
        if route.audience is Audience.PROGRAMS:
            operation = document["paths"][route.path][route.method.lower()]
            assert "401" in operation["responses"] or route.needs is Access.PUBLIC
            assert operation["summary"] == route.summary
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", route.path))


async def test_the_page_needs_no_other_server_and_runs_no_inline_script(stage: Stage) -> None:
    page = (await stage.ask("GET", "/api/v1/docs", key=None)).body
    addresses: list[str] = []
    inline: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            addresses.extend(value for name in ("src", "href") if (value := given.get(name)))
            if (tag == "script" and "src" not in given) or tag == "style" or "style" in given:
                inline.append(tag)
            inline.extend(name for name in given if name.startswith("on"))

    Reader().feed(page)
    assert inline == []
    assert all(address.startswith(("/", "data:")) for address in addresses)
    for address in addresses:
        if address.startswith("/"):
            assert (await stage.ask("GET", address, key=None)).status == 200, address
    scripts = "".join(path.read_text() for path in STATIC.iterdir() if path.suffix in (".js", ".css"))
    assert "http" not in scripts.replace("https://www.w3.org", "")
    assert "innerHTML" not in scripts


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/docs", "/api/v1/me", "/static/docs.js", "/nothing"])
async def test_every_answer_carries_the_security_headers(stage: Stage, path: str) -> None:
    answer = await stage.ask("GET", path)
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["Server"] == "frontdesk"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_health_and_readiness(stage: Stage) -> None:
    assert (await stage.ask("GET", "/healthz", key=None)).body == {"status": "ok"}
    assert (await stage.ask("GET", "/readyz", key=None)).status == 200
    stage.is_ready = False
    answer = await stage.ask("GET", "/readyz", key=None)
    assert (answer.status, answer.body) == (503, {"status": "starting", "troubles": []})


async def test_figures_name_routes_and_never_ids(stage: Stage) -> None:
    await stage.ask("GET", "/api/v1/staff/4711")
    await stage.ask("GET", "/nowhere/4712")
    await stage.ask("PROPFIND", "/api/v1/staff")
    text = (await stage.ask("GET", "/metrics", key=None)).body
    assert 'method="GET",path="/api/v1/staff/{id}",status="404"' in text
    assert 'method="other"' in text
    assert "frontdesk_queue_length 0.0" in text
    assert "frontdesk_ready 1.0" in text
    assert re.findall(r'path="[^"]*471', text) == []
