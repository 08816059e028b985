"""Every write, done once: each leaves exactly one entry in the audit, under the name of its route."""

from collections.abc import Mapping
from typing import Any

from admin_api.contract import Audience
from admin_api.routes import ROUTES
from tests.admin_stage import PASSWORD, Stage, signed_in
from tests.admin_world import conversation, gap, parked, visitor

ARTICLE = {"key": "shipping", "question": "How long?", "answer": "Three days.", "phrasings": ["when"]}
ORDER = {"number": "A-1", "amount": 1, "placed_at": "2026-03-01"}
QUIET = {"scores.preview", "customer_service.serve"}
"""POST only because what they are asked is long; they change nothing."""


Step = tuple[str, str, Any]
"""A route's name, an address, a body."""


async def _steps(stage: Stage) -> list[Step]:
    """Each write once, in an order in which each is possible."""
    first = await conversation(stage.store, stage.clock())
    await conversation(stage.store, stage.clock())
    missing = await gap(stage.store, stage.clock(), first)
    unread = await parked(stage.store, stage.clock())
    ada, eve = [await visitor(stage.store, stage.clock()) for _ in range(2)]
    talk = f"/conversations/{first}"
    return [
        ("conversations.take", f"{talk}/take", None),
        ("conversations.reply", f"{talk}/reply", {"text": "Hello"}),
        ("attachments.create", f"{talk}/attachments", "a file"),
        ("conversations.note", f"{talk}/note", {"text": "VIP"}),
        ("conversations.transfer", f"{talk}/transfer", {"agent_id": stage.agents["agent"]}),
        ("conversations.release", f"{talk}/release", None),
        ("conversations.resolve", f"{talk}/resolve", None),
        ("conversations.reopen", f"{talk}/reopen", None),
        ("queueing.take_next", "/queue/take-next", None),
        *ARTICLE_STEPS,
        ("gaps.teach", "/gaps/teach", {"gap_ids": [missing], "article_id": 2}),
        ("gaps.close", "/gaps/close", {"gap_ids": [missing]}),
        ("gaps.change", f"/gaps/{missing}", {"state": "closed"}),
        ("parked.replay", f"/parked/{unread}/replay", None),
        ("parked.dismiss", f"/parked/{unread}/dismiss", None),
        ("customers.create", "/customers", {"name": "Grace"}),
        ("customers.change", f"/customers/{ada}", {"age": 36}),
        ("links.create", f"/customers/{ada}/links", None),
        ("bans.ban", f"/customers/{ada}/ban", {"reason": "spam"}),
        ("bans.unban", f"/customers/{ada}/ban", None),
        ("merges.merge", f"/customers/{ada}/merge", {"merged_id": eve}),
        ("merges.undo", "/merges/1/undo", None),
        ("orders.create", f"/customers/{ada}/orders", ORDER),
        ("orders.change", "/orders/1", {"status": "shipped"}),
        ("scores.run", "/scores/run", {}),
        ("customers.export", f"/customers/{ada}/export", None),
        ("customers.erase", f"/customers/{ada}/erase", None),
        ("customers.remove", f"/customers/{eve}", None),
        *STAFF_STEPS,
    ]


ARTICLE_STEPS: list[Step] = [
    ("articles.create", "/articles", ARTICLE),
    ("articles.change", "/articles/1", {"answer": "Two days."}),
    ("articles.remove", "/articles/1", None),
    ("articles.restore", "/articles/restore", {"key": "shipping", "version": 1}),
    (
        "articles.import_file",
        "/articles/import",
        {"format": "csv", "data": "text,article,answer\na b,c,d\n"},
    ),
]

STAFF_STEPS: list[Step] = [
    ("staff.create", "/staff", {"name": "Grace", "role": "agent"}),
    ("staff.change", "/staff/5", {"capacity": 2}),
    ("staff.issue_code", "/staff/5/codes", {"purpose": "sign_in"}),
    ("staff.unlink_telegram", "/staff/5/telegram", None),
    ("staff.disable", "/staff/5", None),
    ("keys.create", "/keys", {"name": "k", "role": "agent"}),
    ("keys.revoke", "/keys/5", None),
    ("me.change", "/me", {"presence": "online"}),
    ("me.issue_code", "/me/telegram-code", None),
]


async def _newest(stage: Stage) -> list[tuple[int, str]]:
    return [(entry["id"], entry["action"]) for entry in (await stage.get("/audit?limit=2"))["items"]]


async def _do(
    stage: Stage, name: str, path: str, body: Any, key: str | None, headers: Mapping[str, str]
) -> None:
    before = await _newest(stage)
    route = next(route for route in ROUTES if route.name == name)
    sent = {} if body is None else {"json": body}
    answer = await stage.ask(route.method, f"/api/v1{path}", key=key, headers=headers, **sent)
    assert answer.status == route.status, (name, answer.body)
    after = await _newest(stage)
    assert (after[0][1], after[1:]) == (name, before[:1]), name


async def test_every_write_leaves_one_entry(stage: Stage) -> None:
    done = set(QUIET)
    for name, path, body in await _steps(stage):
        await _do(stage, name, path, body, "admin", {})
        done.add(name)
    code = (await stage.post(f"/staff/{stage.agents['agent']}/codes", {"purpose": "sign_in"}))["code"]
    await _do(stage, "me.start_session", "/session", {"code": code}, None, {})
    browser = {**await signed_in(stage, "agent"), "Sec-Fetch-Site": "same-origin"}
    await _do(stage, "me.end_session", "/session", None, None, browser)
    browser = {**await signed_in(stage, "agent"), "Sec-Fetch-Site": "same-origin"}
    await _do(stage, "me.set_password", "/me/password", {"password": PASSWORD}, None, browser)
    done |= {"me.start_session", "me.end_session", "me.set_password"}
    writes = {route.name for route in ROUTES if route.method != "GET" and route.audience is Audience.PROGRAMS}
    assert done == writes
