"""A policy of the queue put in force: who is next, who may do it, what the audit keeps, and the one before it again."""

from typing import Any

import pytest

from crm_store import queue_policy
from crm_store.models.plumbing import KeyValue
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser


async def two_wait(stage: Stage) -> tuple[int, int]:
    """One who came first, and an urgent one ten minutes later, who is next as delivered."""
    first = await conversation(stage.store, stage.clock())
    stage.clock.move(minutes=10)
    urgent = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{urgent}", {"priority": 1}, "agent", "PATCH")
    return first, urgent


async def order(stage: Stage) -> list[int]:
    return [one["conversation"]["id"] for one in (await stage.get("/queue", "agent"))["items"]]


async def put(stage: Stage, policy: str) -> Any:
    return await stage.post("/queue/policy", {"policy": policy}, method="PUT")


async def test_it_orders_who_waits_and_who_comes_at_once(both_stage: Stage) -> None:
    stage = both_stage
    first, urgent = await two_wait(stage)
    assert await order(stage) == [urgent, first]
    assert (await stage.get("/queue/policy", "agent"))["policy"] == "standard"
    told = await put(stage, "priority 0.5")
    assert (told["policy"], told["previous"], told["changed_by"]) == (
        "priority 0.5",
        "standard",
        "key:1 admin",
    )
    assert told["factors"]["priority"] == 0.5
    assert await order(stage) == [first, urgent]
    (_, urgently) = (await stage.get("/queue", "agent"))["items"]
    assert [one["points"] for one in urgently["why_next"] if one["reason"] == "priority"] == [8]
    late = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{late}", {"priority": 3}, "agent", "PATCH")
    assert await order(stage) == [late, first, urgent]
    await put(stage, "first_come")
    assert await order(stage) == [first, urgent, late]
    back = await stage.post("/queue/policy/back")
    assert (back["policy"], back["previous"]) == ("priority 0.5", "first_come")
    assert await order(stage) == [late, first, urgent]
    entries = (await stage.get("/audit", params={"subject": "queue:policy"}))["items"]
    assert [(one["detail"]["before"], one["detail"]["policy"]) for one in entries] == [
        ("first_come", "priority 0.5"), ("priority 0.5", "first_come"), ("standard", "priority 0.5")
    ]  # fmt: skip


async def test_replays_compare_with_the_one_in_force(stage: Stage) -> None:
    first, urgent = await two_wait(stage)
    await put(stage, "first_come")
    for number in (first, urgent):
        stage.clock.move(minutes=1)
        await stage.post(f"/conversations/{number}/take", key="agent")
    same = await stage.get("/reports/queue-replay?policy=first_come")
    assert same["changed"] == 0
    other = await stage.get("/reports/queue-replay?policy=standard")
    assert other["changed"] == 2


@pytest.mark.parametrize(
    ("policy", "status"), [("speed 2", 422), ("", 422), ("mood 11", 422), ("standard", 409)]
)
async def test_what_cannot_be_put_in_force(stage: Stage, policy: str, status: int) -> None:
    assert (await stage.ask("PUT", "/api/v1/queue/policy", json={"policy": policy})).status == status
    assert (await stage.ask("POST", "/api/v1/queue/policy/back", json={})).status == 409


async def test_only_admins_put_policies_in_force(stage: Stage) -> None:
    body = {"policy": "mood 2"}
    assert (await stage.ask("PUT", "/api/v1/queue/policy", key="supervisor", json=body)).status == 403
    browser = await agent_browser(stage, "supervisor")
    assert "/insights/queue/policy" not in (await browser.visit("/insights/queue")).text
    assert (await browser.send("/insights/queue/policy", policy="mood 2", confirmed="yes")).status == 403


async def test_a_stored_policy_that_cannot_be_read_leaves_the_queue_as_delivered(stage: Stage) -> None:
    async with stage.store.write() as session:
        kept = '{"policy": "speed 9", "previous": "", "by": "x", "at": "2026-01-01T00:00:00+00:00"}'
        session.add(KeyValue(key=queue_policy.KEY, value=kept))
    first, urgent = await two_wait(stage)
    assert await order(stage) == [urgent, first]


async def test_the_page_asks_puts_in_force_and_puts_back(both_stage: Stage) -> None:
    stage = both_stage
    first, urgent = await two_wait(stage)
    browser = await agent_browser(stage, "admin")
    seen = await browser.visit("/insights/queue?priority=0,5&mood=1&value=&days=7")
    assert seen.status == 200
    assert 'name="policy" value="priority 0.5"' in seen.text
    asked = await browser.send("/insights/queue/policy", policy="priority 0.5", days="7")
    assert "Order the queue by: Priority ×0.5." in asked.text
    assert "2 who wait now" in asked.text
    assert await order(stage) == [urgent, first]
    done = await browser.send("/insights/queue/policy", policy="priority 0.5", days="7", confirmed="yes")
    assert "<b>Priority ×0.5</b>" in done.text
    assert "Before: as delivered" in done.text
    assert await order(stage) == [first, urgent]
    back = await browser.send("/insights/queue/policy/back")
    assert "<b>as delivered</b>" in back.text
    assert await order(stage) == [urgent, first]


async def test_what_was_typed_stays_with_what_is_wrong_at_its_field(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    typed = "priority=2&mood=lots&value=11&against=first_come&days=90"
    for language, told, summary in (
        ("en", "“lots” is no number from 0 to 10.", "Nothing was replayed"),
        ("zh", "“lots”不是 0 到 10 之间的数字。", "没有重演"),
    ):
        seen = await browser.visit(f"/insights/queue?{typed}", **{"Accept-Language": language})
        assert seen.status == 422
        assert told in seen.text
        assert summary in seen.text
        assert seen.text.count('aria-invalid="true"') == 2
        for kept in (
            'name="priority" inputmode="decimal" maxlength="20" value="2"',
            'value="lots"',
            'value="11"',
        ):
            assert kept in seen.text
        assert '<option value="first_come" selected>' in seen.text
        assert '<option value="90" selected>' in seen.text
    unread = await browser.visit("/insights/queue?policy=priorty 2")
    assert "“priorty 2” is no policy." in unread.text


async def test_the_form_comes_with_the_policy_in_force_which_is_not_to_be_put_in_force(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    await browser.send("/insights/queue/policy", policy="priority 3", days="7", confirmed="yes")
    seen = (await browser.visit("/insights/queue")).text
    assert 'name="priority" inputmode="decimal" maxlength="20" value="3"' in seen
    assert 'name="mood" inputmode="decimal" maxlength="20" value="1"' in seen
    assert 'action="/insights/queue/policy?' not in seen
    tried = (await browser.visit("/insights/queue?priority=2&mood=1")).text
    assert 'action="/insights/queue/policy?' in tried
