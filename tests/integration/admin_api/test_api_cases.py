"""After-sales cases through the API and the desk: opened, moved on, late, reported."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

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


@pytest.mark.parametrize(
    "change", [{"amount": "9", "currency": "JPY"}, {"amount": None}, {"currency": "USD"}]
)
async def test_what_was_paid_stays_what_it_was(stage: Stage, change: dict[str, Any]) -> None:
    number = await conversation(stage.store, stage.clock())
    case = await opened(stage, number, amount="1250", currency="EUR")
    await stepped(stage, case["id"], "approved")
    await stepped(stage, case["id"], "paid", amount="1200", currency="EUR")
    path = f"/api/v1/cases/{case['id']}"
    refused = await stage.ask("PATCH", path, key="agent", json=change)
    assert (refused.status, "paid" in refused.body["detail"]) == (409, True)
    same = await stage.ask("PATCH", path, key="agent", json={"amount": "1200.00", "note": "as agreed"})
    assert (same.status, same.body["amount"], same.body["currency"]) == (200, "1200.00", "EUR")


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
        "sums": [],
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
        ({"kind": "refund", "customer_id": 1, "amount": "0", "currency": "EUR"}, 422),
        ({"kind": "refund", "customer_id": 1, "amount": "1.234", "currency": "EUR"}, 422),
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


async def test_the_reports_sums_are_those_of_plain_sql(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    for kind, amount, currency in (
        ("refund", "12.50", "EUR"), ("refund", "0.10", "EUR"), ("refund", "0.20", "EUR"), ("refund", "900", "JPY"),
        ("return", "7.25", "EUR"), ("repair", None, None),
    ):  # fmt: skip
        money = {} if amount is None else {"amount": amount, "currency": currency}
        case = await opened(stage, number, kind=kind, **money)
        if amount in ("0.10", "0.20"):
            for state in ("approved", "paid"):
                await stepped(stage, case["id"], state)
    stage.clock.move(minutes=1)
    told = await stage.get("/reports/cases", "agent")
    asked = text(
        "SELECT kind, state, currency, count(*), sum(amount) FROM service_case WHERE amount IS NOT NULL "
        "GROUP BY kind, state, currency"
    )
    async with stage.store.read() as session:
        counted = {tuple(row[:3]): (row[3], int(row[4])) for row in await session.execute(asked)}
    found = {
        (kind["kind"], one["state"], one["currency"]): (one["cases"], int(Decimal(one["amount"]) * 10_000))
        for kind in told["kinds"]
        for one in kind["sums"]
    }
    assert found == counted
    refunds = next(kind["sums"] for kind in told["kinds"] if kind["kind"] == "refund")
    assert [(one["state"], one["currency"], one["amount"]) for one in refunds] == [
        ("requested", "EUR", "12.50"), ("requested", "JPY", "900"), ("paid", "EUR", "0.30"),
    ]  # fmt: skip
    browser = await agent_browser(stage)
    page = (await browser.visit("/cases")).text
    assert "0.30 EUR" in page
    assert "900 JPY" in page
