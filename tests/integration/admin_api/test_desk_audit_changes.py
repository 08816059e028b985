"""What the audit tells of a change: only what differs, from what to what, and which conversations an act was on."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from crm_store.settings import StoreSettings
from crm_store.stored_settings import CHANGEABLE
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits
from tests.integration.admin_api.test_desk_audit import plain, rows

PERSON = {"name": "Anna Berg", "email": "anna@shop.example", "language": "en", "phone": "+49 30 1234567"}


async def newest(stage: Stage, subject: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await stage.get("/audit", params={"subject": subject}))["items"]
    return found


async def test_of_a_customer_only_what_differs_is_logged(stage: Stage) -> None:
    number = (await stage.post("/customers", PERSON))["id"]
    about = f"customer:{number}"
    await stage.post(f"/customers/{number}", {**PERSON, "email": "a@shop.example"}, method="PATCH")
    assert (await newest(stage, about))[0]["detail"] == {"changed": ["email"]}
    await stage.post(f"/customers/{number}", {**PERSON, "email": "a@shop.example"}, method="PATCH")
    changes = [one for one in await newest(stage, about) if one["action"] == "customers.change"]
    assert len(changes) == 1, "what changed nothing is no change"


async def test_of_staff_and_canned_replies_only_what_differs_is_logged(stage: Stage) -> None:
    sent = {"name": "Tom", "role": "agent", "capacity": 3, "skills": ["returns"]}
    tom = (await stage.post("/staff", sent))["id"]
    await stage.post(f"/staff/{tom}", {**sent, "capacity": 4, "disabled": True}, method="PATCH")
    assert (await newest(stage, f"agent:{tom}"))[0]["detail"]["changed"] == ["capacity", "disabled"]
    reply = {"shortcode": "hi", "text": "Hello", "category": "shop"}
    made = (await stage.post("/canned-replies", reply))["id"]
    await stage.ask(
        "PATCH", f"/api/v1/canned-replies/{made}", json={**reply, "text": "Hi"}, headers={"If-Match": '"1"'}
    )
    assert (await newest(stage, f"canned_reply:{made}"))[0]["detail"] == {"changed": ["text"]}


@pytest.mark.parametrize(
    ("language", "snoozed", "given", "undone"),
    [
        (
            "en",
            "act: Snooze · changed: 2 · conversations: Conversation Anna, Conversation Bo · until:",
            "act: Hand on · changed: 2 · conversations: Conversation Anna, Conversation Bo · to: Staff the agent",
            "act: Snooze · changed: 2 · conversations: Conversation Anna, Conversation Bo",
        ),
        (
            "zh",
            "操作: 暂缓 · 更改: 2 · 对话: 对话 Anna, 对话 Bo · 直到:",
            "操作: 转交 · 更改: 2 · 对话: 对话 Anna, 对话 Bo · 给: 员工 the agent",
            "操作: 暂缓 · 更改: 2 · 对话: 对话 Anna, 对话 Bo",
        ),
    ],
)
async def test_an_act_on_many_tells_which_and_until_when_or_to_whom(
    stage: Stage, language: str, snoozed: str, given: str, undone: str
) -> None:
    numbers = [await customer_waits(stage, "hi", address=name, name=name) for name in ("Anna", "Bo")]
    until = stage.clock() + timedelta(hours=5)
    body = {"conversation_ids": numbers, "action": "snooze", "value": until.isoformat()}
    act = (await stage.post("/conversations/bulk", body))["id"]
    await stage.post(f"/bulk-actions/{act}/undo")
    to = f"agent:{stage.agents['agent']}"
    await stage.post("/conversations/bulk", {**body, "action": "assign", "value": to})
    await stage.post("/conversations/bulk", {**body, "action": "tag", "value": "late"})
    undo, done = await newest(stage, f"bulk:{act}")
    assert undo["detail"] == {"action": "snooze", "changed": 2, "conversations": numbers}
    assert done["detail"] == {**undo["detail"], "until": until.isoformat()}
    cells = [one[4] for one in await rows(await agent_browser(stage, "admin"), language)]
    tagged, moved, took_back, slept = (plain(one).replace(" ,", ",") for one in cells)
    assert slept.startswith(snoozed)
    assert (moved, took_back) == (given, undone)
    assert "late" not in tagged
    assert f'href="/conversations/{numbers[0]}"' in cells[-1]


@pytest.mark.parametrize(
    ("language", "emptied"),
    [("en", "value: mon-fri 09:00-17:00 → empty"), ("zh", "值: mon-fri 09:00-17:00 → 空")],
)
async def test_a_setting_is_told_from_what_to_what(stage: Stage, language: str, emptied: str) -> None:
    for name, values in (
        ("working_hours", ("mon-fri 09:00-17:00", "")),
        ("default_capacity", (7,)),
        ("team_hours", ({"night": "mon-sun 22:00-06:00"}, {})),
    ):
        for value in values:
            await stage.post(f"/settings/{name}", {"value": value}, method="PUT")
    await stage.post("/settings/default_capacity", method="DELETE")
    told = [plain(one[4]) for one in await rows(await agent_browser(stage, "admin"), language)]
    empty, label = emptied.rsplit(" ", 1)[1], emptied.partition(":")[0]
    assert told == [
        f"{label}: 7 → 5",
        f"{label}: night: mon-sun 22:00-06:00 → {empty}",
        f"{label}: {empty} → night: mon-sun 22:00-06:00",
        f"{label}: 5 → 7",
        emptied,
        f"{label}: {empty} → mon-fri 09:00-17:00",
    ]


def test_no_setting_that_is_changed_here_is_a_secret() -> None:
    fields = StoreSettings.model_fields
    assert [name for name in CHANGEABLE if fields[name].annotation is SecretStr] == []
    assert "database_url" not in CHANGEABLE
