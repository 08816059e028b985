"""Canned replies through the API and the desk: whose they are, what they say, what goes with them, how often."""

from typing import Any

import pytest

from admin_api.services import SERVICES
from crm_store import canned_replies, conversations
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser, customer_waits

PATH = "/api/v1/canned-replies"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


async def written(stage: Stage, shortcode: str, text: str, key: str = "supervisor", **more: Any) -> int:
    made = await stage.post("/canned-replies", {"shortcode": shortcode, "text": text, **more}, key)
    return int(made["id"])


async def test_shared_ones_are_for_all_and_personal_ones_for_one(both_stage: Stage) -> None:
    stage = both_stage
    await written(stage, "/Hello", "Hello {customer.first_name|there}")
    await written(stage, "mine", "only mine", key="agent", personal=True)
    await written(stage, "hello", "my own hello", key="agent", personal=True)
    listed = {key: (await stage.get("/canned-replies", key))["items"] for key in ("agent", "supervisor")}
    assert sorted(one["text"] for one in listed["agent"]) == [
        "Hello {customer.first_name|there}",
        "my own hello",
        "only mine",
    ]
    assert [one["shortcode"] for one in listed["supervisor"]] == ["hello"]
    async with stage.store.read() as session:
        own = await canned_replies.find(session, stage.agents["agent"], "/HELLO")
        shared = await canned_replies.find(session, stage.agents["admin"], "hello")
        assert (own and own.text, shared and shared.agent_id) == ("my own hello", None)
        assert await canned_replies.find(session, stage.agents["admin"], "mine") is None
    found = await stage.get("/canned-replies?q=ONLY", "agent")
    assert [one["shortcode"] for one in found["items"]] == ["mine"]


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("agent", {"shortcode": "x"}, 403),
        ("supervisor", {"shortcode": "taken"}, 409),
        ("supervisor", {"shortcode": "TAKEN"}, 409),
        ("supervisor", {"shortcode": "two words"}, 422),
        ("supervisor", {"shortcode": "/"}, 422),
        ("supervisor", {"shortcode": "x" * 33}, 422),
        ("supervisor", {"shortcode": "x", "text": "y" * 4097}, 422),
        ("analyst", {"shortcode": "x", "personal": True}, 403),
    ],
)
async def test_what_cannot_be_written(stage: Stage, key: str, body: dict[str, Any], status: int) -> None:
    await written(stage, "taken", "words")
    assert (await stage.ask("POST", PATH, key=key, json=body)).status == status


async def test_agents_change_their_own_only(stage: Stage) -> None:
    shared = await written(stage, "shared", "words")
    own = await written(stage, "own", "words", key="agent", personal=True)
    for method, body in (("PATCH", {"text": "x"}), ("DELETE", None)):
        answer = await stage.ask(method, f"{PATH}/{shared}", key="agent", json=body)
        assert answer.status == 403
        assert (await stage.ask(method, f"{PATH}/{own}", key="admin", json=body)).status == 404
    changed = await stage.post(f"/canned-replies/{own}", {"text": "new", "category": "c"}, "agent", "PATCH")
    assert (changed["text"], changed["category"], changed["version"]) == ("new", "c", 2)
    stale = await stage.ask(
        "PATCH", f"{PATH}/{own}", key="agent", json={"text": "y"}, headers={"If-Match": '"1"'}
    )
    assert stale.status == 412
    assert (await stage.ask("DELETE", f"{PATH}/{own}", key="agent")).status == 204
    assert (await stage.get("/canned-replies", "agent"))["items"][0]["id"] == shared


async def test_words_are_filled_for_a_conversation_and_missing_values_told(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    reply = await written(
        stage, "late", "{customer.first_name}, {agent.name}: it comes on {day}. #{conversation.number}"
    )
    (choice,) = (await stage.get(f"/conversations/{number}/canned-replies", "agent"))["items"]
    assert choice["text"] == f"Ada, the agent: it comes on {{day}}. #{number}"
    assert choice["missing"] == ["day"]
    body = {"conversation_id": number, "values": {"day": "Monday"}}
    rendered = await stage.post(f"/canned-replies/{reply}/render", body, "agent")
    assert (rendered["text"].split(": ")[1], rendered["missing"]) == (f"it comes on Monday. #{number}", [])


async def test_a_file_goes_along_as_a_copy_and_uses_are_counted(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    reply = await written(stage, "map", "Here we are:")
    address = f"{PATH}/{reply}/attachment"
    attached = await stage.ask("PUT", f"{address}?name=map.png", data=PICTURE, key="supervisor")
    assert attached.body["file"] == "map.png"
    assert (await stage.ask("PUT", address, data=PICTURE, key="agent")).status == 403
    for _ in range(2):
        body = {"text": "Here we are:", "canned_reply_ids": [reply]}
        await stage.post(f"/conversations/{number}/reply", body, "agent")
    async with stage.store.read() as session:
        said = [m for m in await conversations.messages(session, number) if m.author == "agent"]
    assert [(m.kind, m.text) for m in said] == [("text", "Here we are:"), ("photo", "")] * 2
    files = {m.attachment["file"] for m in said if m.attachment}
    assert len(files) == 2
    found = await stage.get(f"/canned-replies/{reply}", "agent")
    assert (found["uses"], found["last_used_at"] is not None) == (2, True)
    assert (await stage.ask("DELETE", address, key="supervisor")).body["file"] is None
    folder = stage.client.app[SERVICES].files
    assert all(folder.path(key).read_bytes() == PICTURE for key in files), "what was sent stays"


async def test_a_reply_with_an_unknown_canned_reply_is_not_sent(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    body = {"text": "x", "canned_reply_ids": [4711]}
    answer = await stage.ask("POST", f"/api/v1/conversations/{number}/reply", key="agent", json=body)
    assert answer.status == 404
    async with stage.store.read() as session:
        assert [m.author for m in await conversations.messages(session, number)] == ["customer"]


async def test_the_desk_writes_changes_and_deletes_them(stage: Stage) -> None:
    browser = await agent_browser(stage)
    made = await browser.send("/canned", shortcode="/bye", text="Goodbye {customer.name|}", whose="personal")
    assert made.path.startswith("/canned/")
    assert "Saved." in made.text
    refused = await browser.send("/canned", shortcode="all", text="x", whose="shared")
    assert refused.status == 403
    await browser.send(made.path, version="1", shortcode="bye", text="So long", category="ends")
    listed = await browser.visit("/canned?q=so")
    assert "So long" in listed.text
    assert "never used" in listed.text
    number = await customer_waits(stage, "hi")
    await browser.send(f"/conversations/{number}/words", text="So long", canned=made.path.rsplit("/", 1)[1])
    assert "used 1 time" in (await browser.visit("/canned")).text
    await browser.send(f"{made.path}/remove")
    assert "No canned replies yet" in (await browser.visit("/canned")).text
