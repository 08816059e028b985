"""Cases on the desk: all that they hold is set there, deadlines and periods told, one's own beside the queue."""

from decimal import Decimal

import pytest

from crm_store import case_lists, orders
from crm_store.models.casework import ServiceCase
from crm_store.models.staff import Agent
from tests.admin_stage import Stage
from tests.admin_world import conversation, order, visitor
from tests.desk_stage import agent_browser, customer_waits
from tests.integration.admin_api.test_api_cases import opened, stepped
from tests.query_counter import counted_queries

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
    assert (now["amount"], now["currency"], now["reason"]) == ("1234.50", "EUR", "broken twice")
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
        ({"amount": "0", "currency": "EUR"}, "more than 0", "大于 0"),
        ({"amount": "12.50", "currency": "JPY"}, "an amount in JPY has at most 0", "JPY 的金额最多 0 位小数"),
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
    assert (await browser.send("/cases", **new | {"currency": ""})).status == 422, "nothing tells it yet"
    assert (await browser.send("/cases", **new)).path == "/cases/1"
    assert (await stage.get("/cases/1", "agent"))["amount"] == "12.50"
    assert (await browser.send("/cases", **new | {"currency": ""})).path == "/cases/2"
    assert (await stage.get("/cases/2", "agent"))["currency"] == "EUR", "as it was last used"


async def test_the_currency_is_that_of_the_customers_order(stage: Stage) -> None:
    customer = await visitor(stage.store, stage.clock())
    bought = await order(stage.store, customer, stage.clock(), "lamp")
    async with stage.store.read() as session:
        known = (await orders.get(session, bought)).currency
    talk = await conversation(stage.store, stage.clock(), customer_id=customer)
    other = await conversation(stage.store, stage.clock())
    await opened(stage, other, amount="5", currency="USD")
    browser = await agent_browser(stage)
    field = f'name="currency" maxlength="3" autocomplete="off" value="{known}"'
    assert known != "USD"
    assert field in (await browser.visit(f"/conversations/{talk}")).text
    case = await opened(stage, talk, order_id=bought)
    assert field in (await browser.visit(f"/cases/{case['id']}")).text
    assert field.replace(known, "USD") in (await browser.visit(f"/conversations/{other}")).text


async def test_the_list_tells_whose_a_case_is_and_of_which_order(stage: Stage) -> None:
    customer = await visitor(stage.store, stage.clock(), "Zoe Ames")
    bought = await order(stage.store, customer, stage.clock(), "lamp")
    async with stage.store.read() as session:
        number = (await orders.get(session, bought)).number
    talk = await conversation(stage.store, stage.clock(), customer_id=customer)
    await opened(stage, talk, order_id=bought)
    browser = await agent_browser(stage)
    with counted_queries(stage.store) as few:
        page = (await browser.visit("/cases")).text
    assert f'<a href="/customers/{customer}"><bdi>Zoe Ames</bdi></a>' in page
    assert f"<bdi>{number}</bdi>" in page
    for name in ("Ben", "Cleo"):
        other = await visitor(stage.store, stage.clock(), name)
        await opened(stage, await conversation(stage.store, stage.clock(), customer_id=other))
    with counted_queries(stage.store) as more:
        await browser.visit("/cases")
    assert len(few) == len(more)


async def test_an_amount_with_three_decimals_is_typed_as_it_is_shown(both_stage: Stage) -> None:
    stage = both_stage
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    new = {
        "conversation_id": number,
        "kind": "refund",
        "reason": "broken",
        "amount": "12.375",
        "currency": "kwd",
    }
    page = await browser.send("/cases", **new)
    assert (page.status, 'value="12.375"' in page.text) == (200, True)
    assert (await stage.get("/cases/1", "agent"))["amount"] == "12.375"
    sent = {"version": "1", **WHOLE, "amount": "1,012.250", "currency": "KWD"}
    assert 'value="1012.250"' in (await browser.send("/cases/1", **sent)).text
    assert (await browser.send("/cases/1", **sent | {"version": "2", "amount": "12,500"})).status == 422


async def test_an_amount_of_nothing_is_an_amount_until_it_is_emptied(stage: Stage) -> None:
    case = await opened(stage, await conversation(stage.store, stage.clock()))
    path, browser = f"/cases/{case['id']}", await agent_browser(stage)
    async with stage.store.write() as session:
        row = await session.get_one(ServiceCase, case["id"])
        row.amount, row.currency = Decimal("0.00"), "EUR"
    sent = {"version": "1", **WHOLE, "amount": "", "currency": ""}
    assert (await browser.send(path, **sent)).status == 200
    shown = await stage.get(path, "agent")
    assert (shown["amount"], shown["currency"]) == (None, None)


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
    answer = await stage.ask("PUT", "/api/v1/settings/repair_days", key="admin", json={"value": 0})
    assert (answer.status, "repair_days" in answer.body["detail"]) == (422, True)


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
    assert seen.count("/cases/") > seen.count('badge failed">overdue<') == 1


async def test_the_desk_asks_once_for_cases_of_a_kind_and_for_their_customers_names(
    both_stage: Stage,
) -> None:
    """It is drawn anew with every change, on every open desk."""
    stage = both_stage
    number = await customer_waits(stage, "my lamp broke")
    late = await opened(stage, number, due_at="2026-03-03")
    await opened(stage, number, due_at="2026-03-08")
    stage.clock.move(days=2)
    browser = await agent_browser(stage)
    await browser.visit("/desk/lists")
    with counted_queries(stage.store) as sent:
        seen = (await browser.visit("/desk/lists")).text
    assert seen.count(f"Refund {late['number']}") == 3, "in the list, and told on the page and beside it"
    assert len([one for one in sent if "FROM service_case" in one]) == 2, "follow-ups, and all others"
    assert len([one for one in sent if "GROUP BY customer.id" in one]) == 1


async def test_of_more_overdue_than_stand_on_the_desk_the_newest_are_told(both_stage: Stage) -> None:
    """The lists begin with what is overdue longest, the alerts with what has just become so."""
    stage = both_stage
    number = await customer_waits(stage, "my lamp broke")
    for day in (6, 3, 4, 7, 5):
        await opened(stage, number, due_at=f"2026-03-0{day}")
    stage.clock.move(days=8)
    async with stage.store.read() as session:
        agent = await session.get_one(Agent, stage.agents["agent"])
        for limit in range(1, 7):
            here = await case_lists.on_desk(session, agent, now=stage.clock(), limit=limit)
            shown = [[case.number for case in some] for some in (here.cases, here.late, here.follow_ups)]
            longest = ["REF-2", "REF-3", "REF-5", "REF-1", "REF-4"]
            assert shown == [longest[:limit], longest[::-1][:limit], []]


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
