"""Staff, keys and signing in, through the API."""

import pytest

from tests.admin_stage import PASSWORD, Stage, signed_in

AGENT = {"name": "Grace", "role": "agent", "languages": ["en", "zh"]}

SAME = {"Sec-Fetch-Site": "same-origin"}


async def test_an_agent_joins_changes_and_leaves(both_stage: Stage) -> None:
    stage = both_stage
    made = await stage.post("/staff", AGENT)
    assert made["capacity"] == 5
    assert "password_hash" not in made
    changed = await stage.post(
        f"/staff/{made['id']}", {"capacity": 2, "email": "g@example.com"}, method="PATCH"
    )
    assert (changed["capacity"], changed["email"], changed["name"]) == (2, "g@example.com", "Grace")
    cleared = await stage.post(f"/staff/{made['id']}", {"email": None, "name": None}, method="PATCH")
    assert (cleared["email"], cleared["name"]) == (None, "Grace")
    gone = await stage.post(f"/staff/{made['id']}", method="DELETE")
    assert gone["disabled_at"] is not None
    back = await stage.post(f"/staff/{made['id']}", {"disabled": False}, method="PATCH")
    assert back["disabled_at"] is None
    assert (await stage.ask("POST", "/api/v1/staff", json=AGENT)).status == 409


async def test_the_list_goes_on_by_its_next_address(both_stage: Stage) -> None:
    stage = both_stage
    for number in range(5):
        await stage.post("/staff", {"name": f"a{number}", "role": "agent"})
    address, seen, pages = "/api/v1/staff?limit=4", [], 0
    while address:
        answer = await stage.ask("GET", address)
        seen += [agent["id"] for agent in answer.body["items"]]
        address, pages = answer.body["next"], pages + 1
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert (len(seen), pages) == (9, 3)
    assert seen == sorted(set(seen))


async def test_a_key_is_shown_once_and_ends_at_once(stage: Stage) -> None:
    made = await stage.post("/keys", {"name": "shop", "role": "analyst"})
    assert (await stage.get("/me", key=made["key"]))["roles"] == ["analyst"]
    listed = await stage.get("/keys")
    assert all("key" not in row and "key_hash" not in row for row in listed["items"])
    assert made["prefix"] in [row["prefix"] for row in listed["items"]]
    await stage.post(f"/keys/{made['id']}", method="DELETE")
    assert (await stage.ask("GET", "/api/v1/me", key=made["key"])).status == 401


async def test_signing_in_by_a_code_that_works_once(stage: Stage) -> None:
    path = f"/staff/{stage.agents['supervisor']}/codes"
    code = (await stage.post(path, {"purpose": "sign_in"}))["code"]
    answer = await stage.ask("POST", "/api/v1/session", key=None, json={"code": code})
    assert answer.status == 201
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = await stage.ask("POST", "/api/v1/session", key=None, json={"code": code})
    assert again.status == 401
    stage.client.session.cookie_jar.clear()
    headers = {"Cookie": cookie.partition(";")[0], **SAME}
    me = await stage.ask("GET", "/api/v1/me", key=None, headers=headers)
    assert me.body["agent"]["name"] == "the supervisor"
    out = await stage.ask("DELETE", "/api/v1/session", key=None, headers=headers)
    assert out.status == 204
    assert (await stage.ask("GET", "/api/v1/me", key=None, headers=headers)).status == 401


async def test_a_password_and_the_lock_out(stage: Stage) -> None:
    headers = {**await signed_in(stage, "agent"), **SAME}
    answer = await stage.ask(
        "PUT", "/api/v1/me/password", key=None, headers=headers, json={"password": PASSWORD}
    )
    assert answer.status == 200
    assert (await stage.ask("GET", "/api/v1/me", key=None, headers=headers)).status == 401

    async def enter(name: str, password: str) -> int:
        body = {"name": name, "password": password}
        status = (await stage.ask("POST", "/api/v1/session", key=None, json=body)).status
        stage.client.session.cookie_jar.clear()
        return status

    assert await enter("the agent", PASSWORD) == 201
    for name in ("the agent", "nobody of that name"):
        assert [await enter(name, "wrong wrong wrong") for _ in range(6)] == [401] * 5 + [429]
    assert await enter("the agent", PASSWORD) == 429
    stage.clock.move(minutes=16)
    assert await enter("the agent", PASSWORD) == 201


async def test_a_password_needs_a_person_and_the_present_one(stage: Stage) -> None:
    body = {"password": PASSWORD}
    assert (await stage.ask("PUT", "/api/v1/me/password", key="admin", json=body)).status == 403
    for given, status in (({}, 200), ({}, 403), ({"present_password": PASSWORD}, 200)):
        headers = {**await signed_in(stage, "admin"), **SAME}
        answer = await stage.ask(
            "PUT", "/api/v1/me/password", key=None, headers=headers, json={**body, **given}
        )
        assert answer.status == status


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"password": "x"}])
async def test_half_credentials_are_told_apart_from_wrong_ones(stage: Stage, body: dict[str, str]) -> None:
    assert (await stage.ask("POST", "/api/v1/session", key=None, json=body)).status == 422


async def test_presence_and_a_telegram_code_of_ones_own(stage: Stage) -> None:
    me = await stage.post("/me", {"presence": "online"}, key="agent", method="PATCH")
    assert me["presence"] == "online"
    code = await stage.post("/me/telegram-code", key="agent")
    assert code["purpose"] == "telegram"
    assert code["code"] in code["how"]


async def test_every_change_is_in_the_audit_without_secrets(stage: Stage) -> None:
    made = await stage.post("/staff", AGENT)
    key = await stage.post("/keys", {"name": "k", "role": "agent", "agent_id": made["id"]})
    code = await stage.post(f"/staff/{made['id']}/codes", {})
    entries = (await stage.get("/audit?limit=3"))["items"]
    assert [entry["action"] for entry in entries] == ["staff.issue_code", "keys.create", "staff.create"]
    assert all(entry["actor"].endswith("admin") for entry in entries)
    told = str(entries)
    assert key["key"] not in told
    assert code["code"] not in told
    of_one = (await stage.get(f"/audit?subject=key:{key['id']}"))["items"]
    assert [entry["action"] for entry in of_one] == ["keys.create"]
