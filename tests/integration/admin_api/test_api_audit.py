"""Every write, done once: each leaves exactly one entry in the audit, under the name of its route."""

from collections.abc import Mapping
from typing import Any

from admin_api.contract import Audience
from admin_api.routes import ROUTES
from tests.admin_stage import PASSWORD, Answer, Stage, signed_in
from tests.admin_world import conversation
from tests.audit_steps import ARTICLE, QUIET, Step, all_steps


async def _newest(stage: Stage, many: int = 2) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await stage.get(f"/audit?limit={many}"))["items"]
    return found


async def _call(
    stage: Stage, name: str, path: str, body: Any, key: str | None, headers: Mapping[str, str]
) -> Answer:
    route = next(route for route in ROUTES if route.name == name)
    sent = {} if body is None else {"json": body}
    answer = await stage.ask(route.method, f"/api/v1{path}", key=key, headers=headers, **sent)
    assert answer.status == route.status, (name, answer.body)
    return answer


async def _do(stage: Stage, step: Step, actor: str, key: str | None, headers: Mapping[str, str]) -> None:
    name, path, body, subject = step
    before = await _newest(stage)
    await _call(stage, name, path, body, key, headers)
    entry, *others = await _newest(stage)
    assert others == before[:1], name
    assert (entry["action"], entry["actor"], entry["subject"]) == (name, actor, subject)


async def test_every_write_leaves_one_entry(stage: Stage) -> None:
    done = set(QUIET)
    for step in await all_steps(stage):
        await _do(stage, step, "key:1 admin", "admin", {})
        done.add(step[0])
    agent = stage.agents["agent"]
    about, named = f"agent:{agent}", f"agent:{agent} the agent"
    code = (await stage.post(f"/staff/{agent}/codes", {"purpose": "sign_in"}))["code"]
    await _do(stage, ("me.start_session", "/session", {"code": code}, about), named, None, {})
    for name, path, body in (
        ("me.end_session", "/session", None),
        ("me.set_password", "/me/password", {"password": PASSWORD}),
    ):
        browser = {**await signed_in(stage, "agent"), "Sec-Fetch-Site": "same-origin"}
        await _do(stage, (name, path, body, about), named, None, browser)
    browser = {**await signed_in(stage, "agent"), "Sec-Fetch-Site": "same-origin"}
    own = (await stage.ask("GET", "/api/v1/me/sessions", key=None, headers=browser)).body["items"]
    this = next(one["id"] for one in own if one["is_this"])
    await _do(stage, ("sessions.end", f"/me/sessions/{this}", None, about), named, None, browser)
    done |= {"sessions.end", "me.start_session", "me.end_session", "me.set_password"}
    writes = {route.name for route in ROUTES if route.method != "GET" and route.audience is Audience.PROGRAMS}
    assert done == writes


async def test_what_only_asks_leaves_none(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    reply = await stage.post("/canned-replies", {"shortcode": "hi", "text": "Hello"})
    asked = {
        "scores.preview": ("/scores/preview", {"score": "spend", "rows": [[100, 1], [200, 2]]}),
        "customer_service.serve": ("/customer_service", {"type": "auto_reply", "text": "hello?"}),
        "canned_replies.render": (f"/canned-replies/{reply['id']}/render", {"conversation_id": talk}),
        "phrasings.try_out": ("/articles/try", {"articles": [ARTICLE]}),
    }
    assert set(asked) == QUIET
    before = await _newest(stage)
    for name, (path, body) in asked.items():
        await _call(stage, name, path, body, "admin", {})
    assert await _newest(stage) == before
