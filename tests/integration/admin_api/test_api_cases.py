"""After-sales cases through the API and the desk: opened, moved on, late, reported."""

from typing import Any

import pytest

from crm_store import orders
from tests.admin_stage import Stage
from tests.admin_world import conversation, order, visitor
from tests.desk_stage import agent_browser, customer_waits


async def opened(stage: Stage, number: int, kind: str = "refund", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await stage.post(
        "/cases", {"kind": kind, "conversation_id": number, **more}, "agent"
    )
    return made


async def stepped(stage: Stage, case: int, state: str, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = await stage.post(f"/cases/{case}", {"state": state, **more}, "agent", "PATCH")
    return told


async def test_a_case_goes_its_way_and_every_step_is_kept(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    case = await opened(stage, number, reason="broken", amount="12.50", currency="EUR")
    assert (case["number"], case["state"], case["due_at"]) == ("REF-1", "requested", "2026-03-09T09:00:00Z")
    assert case["owner_id"] == stage.agents["agent"]
    assert case["next_states"] == ["approved", "rejected", "cancelled"]
    stage.clock.move(hours=5)
    await stepped(stage, case["id"], "approved", note="photo seen", told="It takes two days.")
    done = await stepped(stage, case["id"], "paid")
    assert (done["state"], done["closed_at"], done["told"]) == (
        "paid",
        "2026-03-02T14:00:00Z",
        "It takes two days.",
    )
    assert [(s["from_state"], s["to_state"], s["note"]) for s in done["steps"]] == [
        (None, "requested", ""),
        ("requested", "approved", "photo seen"),
        ("approved", "paid", ""),
    ]
    again = await stage.ask("PATCH", f"/api/v1/cases/{case['id']}", key="agent", json={"state": "approved"})
    assert again.status == 409


async def test_lists_and_the_report(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    late = await opened(stage, number, due_at="2026-03-03")
    quick = await opened(stage, number, "return")
    stage.clock.move(hours=10)
    await stepped(stage, quick["id"], "rejected")
    stage.clock.move(days=2)
    for query, expected in (
        ("", [quick["id"], late["id"]]),
        ("?open=true", [late["id"]]),
        ("?overdue=true", [late["id"]]),
        ("?kind=return", [quick["id"]]),
        ("?owner_id=4711", []),
        (f"?customer_id={late['customer_id']}&limit=1", [quick["id"]]),
    ):
        assert [one["id"] for one in (await stage.get(f"/cases{query}"))["items"]] == expected, query
    told = {one["kind"]: one for one in (await stage.get("/reports/cases"))["kinds"]}
    assert told["refund"] | {"kind": ""} == {
        "kind": "", "opened": 1, "closed": 0, "rejected": 0, "closed_in_time": 0,
        "median_hours": None, "open_now": 1, "overdue_now": 1, "kept": 0, "missed": 1, "share_in_time": 0.0,
    }  # fmt: skip
    assert (told["return"]["median_hours"], told["return"]["rejected"], told["repair"]["opened"]) == (
        10.0,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "refund"}, 422),
        ({"kind": "gift", "customer_id": 1}, 422),
        ({"kind": "refund", "customer_id": 4711}, 404),
        ({"kind": "refund", "conversation_id": 4711}, 404),
        ({"kind": "refund", "customer_id": 1, "owner_id": 4711}, 422),
        ({"kind": "refund", "customer_id": 1, "order_id": 4711}, 422),
        ({"kind": "refund", "customer_id": 1, "amount": "-1"}, 422),
    ],
)
async def test_cases_that_cannot_be_opened(stage: Stage, body: dict[str, Any], status: int) -> None:
    await visitor(stage.store, stage.clock())
    assert (await stage.ask("POST", "/api/v1/cases", key="agent", json=body)).status == status


async def test_an_order_of_somebody_else_is_refused_and_ones_own_taken(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    case = await opened(stage, number)
    own = await order(stage.store, case["customer_id"], stage.clock(), "lamp")
    foreign = await order(stage.store, await visitor(stage.store, stage.clock()), stage.clock(), "lamp")
    path = f"/api/v1/cases/{case['id']}"
    assert (await stage.ask("PATCH", path, key="agent", json={"order_id": foreign})).status == 422
    assert (await stage.ask("PATCH", path, key="agent", json={"order_id": own})).body["order_id"] == own
    stale = await stage.ask("PATCH", path, key="agent", json={}, headers={"If-Match": '"1"'})
    assert stale.status == 412


async def test_the_desk_opens_a_case_beside_a_conversation_and_moves_it_on(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    made = await browser.send("/cases", conversation_id=number, kind="repair", reason="flickers", order_id="")
    assert made.path == "/cases/1"
    assert "REP-1" in made.text
    assert "REP-1" in (await browser.visit(f"/conversations/{number}")).text
    saved = await browser.send(
        "/cases/1", version="1", state="approved", owner_id=stage.agents["supervisor"], told="Send it to us.",
        note="warranty holds", due_at="2026-04-01T12:00",
    )  # fmt: skip
    assert all(
        words in saved.text for words in ("approved", "the supervisor", "warranty holds", "Send it to us.")
    )
    assert "REP-1" in (await browser.visit("/cases")).text
    assert "No such cases" in (await browser.visit("/cases?show=mine")).text
    assert (await browser.send("/cases/1", version="2", state="paid")).status == 409
    assert (await browser.send("/cases/1", version="1")).status == 412


async def test_whoever_is_shut_out_leaves_their_cases_to_their_team(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    left, done = [await opened(stage, number) for _ in range(2)]
    for state in ("approved", "paid"):
        await stepped(stage, done["id"], state)
    leaver = stage.agents["agent"]
    assert left["owner_id"] == done["owner_id"] == leaver
    await stage.post(f"/staff/{leaver}", {"disabled": True}, "admin", "PATCH")

    assert (await stage.get(f"/cases/{left['id']}", "supervisor"))["owner_id"] is None
    assert (await stage.get(f"/cases/{done['id']}", "supervisor"))["owner_id"] == leaver


async def test_a_mere_note_changes_nothing_else(both_stage: Stage) -> None:
    stage = both_stage
    customer = await visitor(stage.store, stage.clock())
    bought = await order(stage.store, customer, stage.clock())
    async with stage.store.read() as session:
        bought_as = (await orders.get(session, bought)).number
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    due_at = "2026-03-09T09:30:27Z"
    case = await opened(stage, number, order_id=bought, amount="12.50", currency="EUR", due_at=due_at)
    browser = await agent_browser(stage)
    page = (await browser.visit(f"/cases/{case['id']}")).text
    assert bought_as in page
    assert "Spent" not in page
    told = {"owner_id": case["owner_id"], "due_at": "2026-03-09T09:30", "told": "", "note": "just a note"}

    assert (await browser.send(f"/cases/{case['id']}", version="1", **told)).status == 200

    now = await stage.get(f"/cases/{case['id']}", "agent")
    assert now["due_at"] == due_at
    assert now["owner_id"] == case["owner_id"]


WHOLE = {"whole": "yes", "told": "", "reason": "", "amount": "", "currency": "", "order_id": "", "due_at": ""}
"""What a browser sends of the whole form, with nothing filled in."""


async def test_all_that_a_case_holds_is_set_on_the_desk_and_the_audit_tells_what_it_was(stage: Stage) -> None:
    customer = await visitor(stage.store, stage.clock())
    bought = await order(stage.store, customer, stage.clock(), "lamp")
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    case = await opened(stage, number, reason="broken")
    await stage.post(f"/staff/{stage.agents['supervisor']}", {"team": "returns"}, "admin", "PATCH")
    browser = await agent_browser(stage)
    page = (await browser.visit(f"/cases/{case['id']}")).text
    assert all(f'name="{name}"' in page for name in ("amount", "currency", "order_id", "reason", "owner_id"))

    path = f"/cases/{case['id']}"
    sent = {**WHOLE, "amount": "1.234,50", "currency": "eur", "reason": "broken twice", "order_id": bought}
    assert (await browser.send(path, version="1", **sent, owner_id="team:returns")).status == 200
    now = await stage.get(path, "agent")
    assert (now["amount"], now["currency"], now["reason"]) == ("1234.5", "EUR", "broken twice")
    assert (now["order_id"], now["owner_id"], now["team"]) == (bought, None, "returns")
    shown = (await browser.visit(path)).text
    assert 'value="1234.50"' in shown
    assert 'value="team:returns" selected' in shown
    [last, *_] = (await stage.get(f"/audit?subject=case:{case['id']}", "admin"))["items"]
    assert last["detail"]["changed"] == ["amount", "currency", "order_id", "owner_id", "reason", "team"]
    assert last["detail"]["was"] == {
        "amount": None, "currency": None, "order_id": None, "owner_id": case["owner_id"], "team": None,
    }  # fmt: skip

    assert (await browser.send(path, version="2", **WHOLE, owner_id=str(case["owner_id"]))).status == 200
    emptied = await stage.get(path, "agent")
    assert [emptied[name] for name in ("amount", "currency", "order_id", "reason", "team")] == [
        None, None, None, "", None,
    ]  # fmt: skip
    assert (emptied["owner_id"], emptied["due_at"]) == (case["owner_id"], case["due_at"])


@pytest.mark.parametrize(
    ("typed", "told", "told_zh"),
    [
        ({"amount": "1,234", "currency": "EUR"}, "“1,234” is no amount", "“1,234”不是金额"),
        ({"amount": "-5", "currency": "EUR"}, "“-5” is no amount", "“-5”不是金额"),
        ({"amount": "lots", "currency": "EUR"}, "“lots” is no amount", "“lots”不是金额"),
        ({"amount": "5", "currency": "euros"}, "“euros” is no currency", "“euros”不是货币代码"),
        ({"amount": "5", "currency": ""}, "Write the currency too", "请同时填写货币"),
        ({"due_at": "2026-02-01T12:00"}, "lies in the past", "早于现在"),
    ],
)
async def test_what_cannot_be_set_is_refused_in_the_readers_words(
    stage: Stage, typed: dict[str, str], told: str, told_zh: str
) -> None:
    case = await opened(stage, await conversation(stage.store, stage.clock()))
    browser = await agent_browser(stage)
    path, sent = f"/cases/{case['id']}", {"version": "1", **WHOLE, **typed}
    refused = await browser.send(path, **sent)
    assert (refused.status, told in refused.text) == (422, True)
    browser.headers["Cookie"] += "; frontdesk_language=zh"
    refused = await browser.send(path, **sent)
    assert (refused.status, told_zh in refused.text) == (422, True)
    assert (await stage.get(path, "agent"))["version"] == 1


async def test_a_case_is_opened_with_its_amount(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    page = (await browser.visit(f"/conversations/{number}")).text
    assert 'name="amount"' in page
    new = {
        "conversation_id": number,
        "kind": "refund",
        "reason": "broken",
        "amount": "12,50",
        "currency": "EUR",
    }
    assert (await browser.send("/cases", **new)).path == "/cases/1"
    assert (await stage.get("/cases/1", "agent"))["amount"] == "12.5"
    assert (await browser.send("/cases", **new | {"currency": ""})).status == 422


async def test_the_periods_are_set_like_other_settings_and_count_for_what_is_opened_from_then_on(
    stage: Stage,
) -> None:
    number = await conversation(stage.store, stage.clock())
    before = await opened(stage, number)
    browser = await agent_browser(stage, "admin")
    assert 'name="value" type="number" required value="14"' in (await browser.visit("/settings")).text
    for wrong in ("0", "367", "soon", "1.5"):
        refused = await browser.send("/settings/refund_days", value=wrong)
        told = "“Days until a refund is due” was not changed: write a number from 1 to 366."
        assert (refused.status, told in refused.text) == (422, True)
    assert (await browser.send("/settings/refund_days", value="3")).status == 200
    await stage.settings.load()
    assert (await opened(stage, number))["due_at"] == "2026-03-05T09:00:00Z"
    assert (await stage.get(f"/cases/{before['id']}"))["due_at"] == before["due_at"] == "2026-03-09T09:00:00Z"
    shown = {one["name"]: one["value"] for one in (await stage.get("/settings", "admin"))["items"]}
    assert [shown[f"{kind}_days"] for kind in ("return", "refund", "repair", "follow_up")] == [14, 3, 30, 2]
    refused = await stage.ask("PUT", "/api/v1/settings/repair_days", key="admin", json={"value": 0})
    assert (refused.status, "repair_days" in refused.body["detail"]) == (422, True)


async def test_the_desk_tells_the_share_within_the_deadline_and_what_waits_for_the_customer(
    stage: Stage,
) -> None:
    number = await conversation(stage.store, stage.clock())
    late, returned = await opened(stage, number, due_at="2026-03-03"), await opened(stage, number, "return")
    await stepped(stage, returned["id"], "approved")
    rejected = await opened(stage, number)
    await stepped(stage, rejected["id"], "rejected")
    stage.clock.move(days=2)
    browser = await agent_browser(stage)
    page = (await browser.visit("/cases")).text
    assert "50% within the deadline" in page
    assert "waits for the customer" in page
    assert "waits for the customer" in (await browser.visit(f"/cases/{returned['id']}")).text
    shown = (await browser.visit("/cases?show=overdue")).text
    assert late["number"] in shown
    assert returned["number"] not in shown


async def test_ones_own_cases_stand_on_the_desk_overdue_first_and_what_waits_for_the_customer_last(
    stage: Stage,
) -> None:
    number = await customer_waits(stage, "my lamp broke")
    first = await opened(stage, number, due_at="2026-03-08", reason="flickers")
    late = await opened(stage, number, due_at="2026-03-03")
    sent_in = await opened(stage, number, "return", due_at="2026-03-05")
    theirs = await opened(stage, number, owner_id=stage.agents["supervisor"])
    closed = await opened(stage, number)
    await stepped(stage, sent_in["id"], "approved")
    await stepped(stage, closed["id"], "rejected")
    stage.clock.move(days=2)
    browser = await agent_browser(stage)
    seen = (await browser.visit("/desk/lists")).text
    assert "My cases" in seen
    order = [seen.index(f'id="case-{one["id"]}"') for one in (late, first, sent_in)]
    assert order == sorted(order)
    for words in ("Refund REF-1: flickers", "asked for", "overdue", "waits for the customer", "Anna Berg"):
        assert words in seen
    assert all(f'id="case-{one["id"]}"' not in seen for one in (theirs, closed))
    assert seen.count("data-overdue=") == 1


async def test_what_nobody_owns_is_the_teams_and_once_it_is_overdue_the_supervisors_too(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    case = await opened(stage, number)
    await stage.post(f"/cases/{case['id']}", {"owner_id": None, "team": "returns"}, "agent", "PATCH")
    agent, lead = await agent_browser(stage), await agent_browser(stage, "supervisor")
    line = f'id="case-{case["id"]}"'
    for browser in (agent, lead):
        assert line not in (await browser.visit("/desk/lists")).text
    await stage.post(f"/staff/{stage.agents['agent']}", {"team": "returns"}, "admin", "PATCH")
    assert line in (await agent.visit("/desk/lists")).text
    stage.clock.move(days=8)
    for role in ("agent", "supervisor"):
        seen = (await (await agent_browser(stage, role)).visit("/desk/lists")).text
        assert line in seen
        assert "returns" in seen
