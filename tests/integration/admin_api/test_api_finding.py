"""Search, views and acts on many, through the API and the desk."""

from typing import Any

import pytest

from crm_store import conversations
from crm_store.lifecycle import Status
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser


async def talks(stage: Stage, *texts: str) -> list[int]:
    return [await conversation(stage.store, stage.clock(), text=text) for text in texts]


async def states(stage: Stage, numbers: list[int]) -> list[tuple[str, int | None]]:
    async with stage.store.read() as session:
        found = [await conversations.get(session, number) for number in numbers]
    return [(one.status, one.agent_id) for one in found]


async def test_messages_are_found_with_their_hits_marked_and_in_pages(both_stage: Stage) -> None:
    stage = both_stage
    await talks(stage, "my refund please", "我要退款", *(f"parcel number {n}" for n in range(3)))
    (hit,) = (await stage.get("/search?q=refun", "agent"))["items"]
    assert [part["text"] for part in hit["parts"] if part["is_hit"]] == ["refund"]
    assert len((await stage.get("/search?q=退款", "agent"))["items"]) == 1
    first = await stage.get("/search?q=parcel&limit=2", "agent")
    rest = await stage.get(first["next"].removeprefix("/api/v1"), "agent")
    texts = ["".join(p["text"] for p in one["parts"]) for one in first["items"] + rest["items"]]
    assert texts == ["parcel number 2", "parcel number 1", "parcel number 0"]
    assert (await stage.get("/search", "agent"))["items"] == []


async def test_acts_on_many_and_their_undoing(both_stage: Stage) -> None:
    stage = both_stage
    numbers = await talks(stage, "one", "two", "three")
    await stage.post(f"/conversations/{numbers[1]}/take", key="agent")
    agent = stage.agents["agent"]
    before = await states(stage, numbers)
    body = {"conversation_ids": [*numbers, 4711], "action": "resolve"}
    done = await stage.post("/conversations/bulk", body, "agent")
    assert (done["changed"], [one["conversation_id"] for one in done["refused"]]) == (numbers, [4711])
    assert {status for status, _ in await states(stage, numbers)} == {Status.RESOLVED}
    undone = await stage.post(f"/bulk-actions/{done['id']}/undo", key="agent")
    assert undone["changed"] == numbers
    assert (
        await states(stage, numbers)
        == before
        == [(Status.QUEUED, None), (Status.ASSIGNED, agent), (Status.QUEUED, None)]
    )
    again = await stage.ask("POST", f"/api/v1/bulk-actions/{done['id']}/undo", key="agent")
    assert again.status == 409
    tagged = await stage.post(
        "/conversations/bulk", {"conversation_ids": numbers, "action": "tag", "value": "Storm"}, "agent"
    )
    seen = await stage.get(f"/conversations/{numbers[0]}", "agent")
    assert seen["tags"] == ["storm"]
    await stage.post(f"/bulk-actions/{tagged['id']}/undo", key="agent")
    assert (await stage.get(f"/conversations/{numbers[0]}", "agent"))["tags"] == []


async def test_an_undone_label_leaves_what_colleagues_wrote_since(both_stage: Stage) -> None:
    """Only the tag that was given goes; a priority that somebody has set since stays, and is told as gone on."""
    stage = both_stage
    first, second, third = numbers = await talks(stage, "one", "two", "three")
    await stage.post(f"/conversations/{third}", {"tags": ["wave"]}, "agent", "PATCH")
    acts = [
        await stage.post(
            "/conversations/bulk", {"conversation_ids": numbers, "action": what, "value": value}, "agent"
        )
        for what, value in (("tag", "Wave"), ("priority", "2"))
    ]
    await stage.post(f"/conversations/{first}", {"tags": ["wave", "vip"], "priority": 3}, "agent", "PATCH")
    untagged, unraised = [await stage.post(f"/bulk-actions/{act['id']}/undo", key="agent") for act in acts]
    assert (untagged["changed"], untagged["refused"]) == (numbers, [])
    assert (unraised["changed"], [one["why"] for one in unraised["refused"]]) == (
        [second, third],
        ["went_on"],
    )
    seen = [await stage.get(f"/conversations/{number}", "agent") for number in numbers]
    assert [(one["tags"], one["priority"]) for one in seen] == [(["vip"], 3), ([], 0), (["wave"], 0)]


async def test_what_went_on_since_is_not_undone(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two")
    done = await stage.post(
        "/conversations/bulk", {"conversation_ids": numbers, "action": "resolve"}, "agent"
    )
    await stage.post(f"/conversations/{numbers[0]}/reopen", key="agent")
    undone = await stage.post(f"/bulk-actions/{done['id']}/undo", key="agent")
    assert (undone["changed"], [one["conversation_id"] for one in undone["refused"]]) == (
        [numbers[1]],
        [numbers[0]],
    )


@pytest.mark.parametrize(
    "body",
    [{"conversation_ids": [], "action": "resolve"}, {"conversation_ids": [1], "action": "delete"},
     {"conversation_ids": list(range(1, 202)), "action": "resolve"}],
)  # fmt: skip
async def test_acts_nobody_offers(stage: Stage, body: dict[str, Any]) -> None:
    assert (await stage.ask("POST", "/api/v1/conversations/bulk", key="agent", json=body)).status == 422


async def test_views_are_ones_own_or_all_peoples(stage: Stage) -> None:
    own = {"name": "Mine", "filters": {"status": "queued", "tag": "storm"}}
    made = await stage.post("/views", own, "agent")
    assert made["filters"] == {"status": "queued", "tag": "storm"}
    shared = {"name": "All", "filters": {"priority": 2}, "personal": False}
    assert (await stage.ask("POST", "/api/v1/views", key="agent", json=shared)).status == 403
    theirs = await stage.post("/views", shared, "supervisor")
    assert [one["name"] for one in (await stage.get("/views", "agent"))["items"]] == ["All", "Mine"]
    assert [one["name"] for one in (await stage.get("/views", "supervisor"))["items"]] == ["All"]
    assert (await stage.ask("DELETE", f"/api/v1/views/{theirs['id']}", key="agent")).status == 403
    assert (await stage.ask("DELETE", f"/api/v1/views/{made['id']}", key="supervisor")).status == 404
    assert (await stage.ask("DELETE", f"/api/v1/views/{made['id']}", key="agent")).status == 204


async def test_the_page_searches_filters_saves_and_asks_before_it_acts(both_stage: Stage) -> None:
    stage = both_stage
    numbers = await talks(stage, "my <b>lamp</b>", "nothing")
    await stage.post(f"/conversations/{numbers[0]}", {"tags": ["storm"]}, "agent", "PATCH")
    browser = await agent_browser(stage)
    found = await browser.visit("/search?q=lamp")
    assert "my &lt;b&gt;<mark>lamp</mark>&lt;/b&gt;" in found.text
    filtered = await browser.visit("/search?tag=storm&status=queued&agent_id=&priority=")
    assert f"/conversations/{numbers[0]}" in filtered.text
    assert f"/conversations/{numbers[1]}" not in filtered.text
    saved = await browser.send("/search/views", name="Storms", tag="storm", status="queued")
    assert "Storms" in saved.text
    ids = ",".join(map(str, numbers))
    asked = await browser.send("/search/bulk", ids=ids, action="resolve")
    assert "Resolve 2 conversations." in asked.text
    assert {status for status, _ in await states(stage, numbers)} == {Status.QUEUED}
    await browser.send("/search/bulk", ids=ids, action="resolve", confirmed="yes")
    assert "Done to 2 conversations." in (await browser.visit("/desk/standing")).text
    undone = await browser.send("/search/bulk/1/undo", back="/customers")
    assert undone.path == "/customers"
    assert "conversations." not in (await browser.visit("/desk/standing")).text
    assert {status for status, _ in await states(stage, numbers)} == {Status.QUEUED}
