"""The role matrix, generated from the routes: nobody passes who is not named there."""

import re

import pytest
from aiohttp import web

from admin_api.access import ROLES, Access
from admin_api.contract import Route
from admin_api.routes import ROUTES
from crm_store import api_keys, staff
from crm_store.staff import Role
from tests.admin_stage import Stage, signed_in

GUARDED = [route for route in ROUTES if route.needs is not Access.PUBLIC]
REFUSALS = (401, 403)
ENDS_SESSION = ("/session", "/sign-out")


def address(route: Route) -> str:
    """The route's address with ids nobody has."""
    return re.sub(r"{\w+}", "999999", route.path)


async def status_of(
    stage: Stage, route: Route, key: str | None, headers: dict[str, str] | None = None
) -> int:
    body = {} if route.method in ("GET", "DELETE") else {"json": {"unheard_of": 1}}
    return (await stage.ask(route.method, address(route), key=key, headers=headers or {}, **body)).status


async def test_each_role_passes_exactly_where_the_table_says(stage: Stage) -> None:
    for route in GUARDED:
        for role in Role:
            status = await status_of(stage, route, role)
            if role in ROLES[route.needs]:
                assert status not in REFUSALS, (route.name, role, status)
            else:
                assert status == 403, (route.name, role, status)
            assert status < 500, (route.name, role, status)


async def _bad_keys(stage: Stage) -> dict[str, str | None]:
    now = stage.clock()
    async with stage.store.write() as session:
        revoked = await api_keys.create(session, name="revoked", role=Role.ADMIN, now=now)
        await api_keys.revoke(session, revoked.row.id, now=now)
        expiring = await api_keys.create(
            session, name="short", role=Role.ADMIN, now=now, expires_at=now.replace(year=now.year + 1)
        )
        leaver = await staff.create_agent(session, name="leaver", role=Role.ADMIN, now=now)
        left = await api_keys.create(session, name="left", role=Role.ADMIN, agent_id=leaver.id, now=now)
        await staff.disable_agent(session, leaver.id, now=now)
    stage.clock.move(days=366)
    good = stage.keys["admin"]
    return {
        "anonymous": None,
        "revoked": revoked.key,
        "expired": expiring.key,
        "of a disabled agent": left.key,
        "unknown": "fdk_" + "x" * 43,
        "cut short": good[:-1],
        "too long": good + "x",
        "other case": good.swapcase(),
        "huge": "x" * 5000,
    }


async def test_whoever_is_not_known_is_refused_everywhere(stage: Stage) -> None:
    bad = await _bad_keys(stage)
    for route in GUARDED:
        for name, key in bad.items():
            assert await status_of(stage, route, key) == 401, (route.name, name)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer\tx", "Token x"])
async def test_a_header_that_names_no_key_is_refused(stage: Stage, header: str) -> None:
    answer = await stage.ask("GET", "/api/v1/me", key=None, headers={"Authorization": header})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_key_is_no_stronger_than_its_agent(stage: Stage) -> None:
    async with stage.store.write() as session:
        key = await api_keys.create(
            session, name="k", role=Role.ADMIN, agent_id=stage.agents["agent"], now=stage.clock()
        )
        weak = await api_keys.create(
            session, name="w", role=Role.ANALYST, agent_id=stage.agents["admin"], now=stage.clock()
        )
    assert (await stage.ask("GET", "/api/v1/keys", key=key.key)).status == 403
    assert (await stage.ask("GET", "/api/v1/keys", key=weak.key)).status == 403
    assert (await stage.ask("GET", "/api/v1/me", key=weak.key)).status == 200


async def test_a_changed_role_counts_at_once(stage: Stage) -> None:
    assert (await stage.ask("GET", "/api/v1/audit", key="supervisor")).status == 200
    await stage.post(f"/staff/{stage.agents['supervisor']}", {"role": "agent"}, method="PATCH")
    assert (await stage.ask("GET", "/api/v1/audit", key="supervisor")).status == 403


async def test_browsers_are_held_to_the_same_roles(stage: Stage) -> None:
    for role in Role:
        cookie = await signed_in(stage, role)
        headers = {**cookie, "Sec-Fetch-Site": "same-origin"}
        for route in GUARDED:
            if route.path.endswith(ENDS_SESSION):
                continue
            status = await status_of(stage, route, None, headers)
            assert (status == 403) is (role not in ROLES[route.needs]) or "password" in route.path, (
                route.name,
                role,
                status,
            )
            assert status < 500


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "OWN"}, True),
        ({}, False),
        ({"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}, False),
    ],
)
async def test_another_sites_page_writes_nothing(stage: Stage, headers: dict[str, str], passes: bool) -> None:
    own = f"http://{stage.client.host}:{stage.client.port}"
    sent = {name: value.replace("OWN", own) for name, value in headers.items()}
    cookie = await signed_in(stage, "agent")
    for route in GUARDED:
        if route.method != "GET" and not route.path.endswith(ENDS_SESSION):
            status = await status_of(stage, route, None, {**cookie, **sent})
            assert passes or status == 403, (route.name, status)
    body = {"presence": "online"}
    changed = await stage.ask("PATCH", "/api/v1/me", key=None, json=body, headers={**cookie, **sent})
    assert changed.status == (200 if passes else 403)


async def test_every_served_address_stands_in_the_table(stage: Stage) -> None:
    declared = {(route.method, route.path) for route in ROUTES}
    app = stage.client.app
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and not isinstance(route.resource, web.StaticResource)
    }
    assert served == declared
    assert len(ROUTES) == len({route.name for route in ROUTES})
