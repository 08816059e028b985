"""Conversations and the queue, through the API."""

import asyncio
from datetime import timedelta
from typing import Any

from crm_store import parking, ratings
from crm_store.models.ratings import RatingRequest
from tests.admin_stage import Stage
from tests.admin_world import conversation, parked, visitor


async def test_from_the_queue_to_resolved(both_stage: Stage) -> None:
    stage = both_stage
    first = await conversation(stage.store, stage.clock())
    stage.clock.move(minutes=5)
    await conversation(stage.store, stage.clock())
    queue = await stage.get("/queue", key="agent")
    assert [entry["position"] for entry in queue["items"]] == [1, 2]
    assert queue["items"][0]["conversation"]["id"] == first
    assert queue["items"][0]["why_next"][0]["reason"] == "waiting"
    taken = await stage.post("/queue/take-next", key="agent")
    assert taken["conversation"]["id"] == first
    said = await stage.post(f"/conversations/{first}/reply", {"text": "Hello, I am here."}, key="agent")
    assert (said["author"], said["delivery"]) == ("agent", "pending")
    noted = await stage.post(f"/conversations/{first}/note", {"text": "VIP"}, key="agent")
    assert noted["is_note"] is True
    assert noted["delivery"] is None
    done = await stage.post(f"/conversations/{first}/resolve", key="agent")
    assert done["status"] == "resolved"
    read = await stage.get(f"/conversations/{first}", key="analyst")
    texts = [message["text"] for message in read["messages"]]
    assert texts.index("Help!") < texts.index("Hello, I am here.") < texts.index("VIP")
    assert "memory" not in read
    again = await stage.post(f"/conversations/{first}/reopen", key="agent")
    assert again["status"] == "queued"


async def test_two_agents_take_at_once_and_one_gets_it(both_stage: Stage) -> None:
    stage = both_stage
    wanted = await conversation(stage.store, stage.clock())
    path = f"/api/v1/conversations/{wanted}/take"
    answers = await asyncio.gather(*(stage.ask("POST", path, key=key) for key in ("agent", "supervisor")))
    assert sorted(answer.status for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    holder = (await stage.get(f"/conversations/{wanted}"))["agent_id"]
    name = (await stage.get(f"/staff/{holder}"))["name"]
    assert refused.body["detail"] == f"{name} has this conversation"


async def test_transfer_and_release(stage: Stage) -> None:
    held = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{held}/take", key="agent")
    body = {"agent_id": stage.agents["supervisor"], "note": "please go on"}
    moved = await stage.post(f"/conversations/{held}/transfer", body, key="agent")
    assert (moved["status"], moved["agent_id"]) == ("queued", None)
    assert moved["meant_for_id"] == stage.agents["supervisor"]
    await stage.post(f"/conversations/{held}/take", key="agent")
    changed = await stage.ask("PATCH", "/api/v1/me", json={"presence": "online"}, key="supervisor")
    assert changed.status == 200
    moved = await stage.post(f"/conversations/{held}/transfer", body, key="agent")
    assert (moved["agent_id"], moved["meant_for_id"]) == (stage.agents["supervisor"], None)
    refused = await stage.ask("POST", f"/api/v1/conversations/{held}/release", key="agent")
    assert refused.status == 409
    back = await stage.post(f"/conversations/{held}/release", key="supervisor")
    assert (back["status"], back["agent_id"]) == ("queued", None)
    for nobody, status in ((999, 404), (stage.agents["analyst"], 422)):
        answer = await stage.ask("POST", f"/api/v1/conversations/{held}/transfer", json={"agent_id": nobody})
        assert answer.status == status


async def test_what_the_status_forbids_is_a_conflict_that_names_what_is_possible(stage: Stage) -> None:
    waiting = await conversation(stage.store, stage.clock())
    answer = await stage.ask("POST", f"/api/v1/conversations/{waiting}/reopen")
    assert answer.status == 409
    assert "possible" in answer.body["detail"]


async def test_a_programs_own_key_talks_under_its_name(stage: Stage) -> None:
    key = (await stage.post("/keys", {"name": "helpdesk sync", "role": "agent"}))["key"]
    wanted = await conversation(stage.store, stage.clock())
    said = await stage.post(f"/conversations/{wanted}/reply", {"text": "Hello"}, key=key)
    assert (await stage.get(f"/staff/{said['agent_id']}"))["name"] == "helpdesk sync"


async def test_lists_by_status_agent_and_customer_in_pages(stage: Stage) -> None:
    ids = [await conversation(stage.store, stage.clock()) for _ in range(5)]
    await stage.post(f"/conversations/{ids[0]}/take", key="agent")
    mine = await stage.get(f"/conversations?agent_id={stage.agents['agent']}")
    assert [row["id"] for row in mine["items"]] == [ids[0]]
    waiting = await stage.get("/conversations?status=queued&limit=3")
    assert [row["id"] for row in waiting["items"]] == ids[:1:-1]
    rest = await stage.ask("GET", waiting["next"])
    assert ([row["id"] for row in rest.body["items"]], rest.body["next"]) == ([ids[1]], None)
    owner = waiting["items"][0]["customer_id"]
    of_one = await stage.get(f"/customers/{owner}/conversations")
    assert [row["id"] for row in of_one["items"]] == [ids[4]]
    assert (await stage.ask("GET", "/api/v1/conversations?status=lost")).status == 422


async def test_messages_in_pages(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    for n in range(4):
        await stage.post(f"/conversations/{talk}/note", {"text": f"n{n}"}, key="agent")
    first = await stage.get(f"/conversations/{talk}/messages?limit=3")
    second = await stage.ask("GET", first["next"])
    assert [m["text"] for m in first["items"] + second.body["items"]] == ["Help!", "n0", "n1", "n2", "n3"]


async def test_bad_words(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    path = f"/api/v1/conversations/{talk}/reply"
    bad: tuple[Any, ...] = ("", " \n", "x" * 4097, None, 5, ["x"])
    for text in bad:
        answer = await stage.ask("POST", path, key="agent", json={"text": text})
        assert answer.status == 422, text
    for text in ("🙂" * 100, "مرحبا", "a\u202eb", "<b>&amp;</b>"):
        said = await stage.post(f"/conversations/{talk}/reply", {"text": text}, key="agent")
        assert said["text"] == text


async def test_ratings_with_their_comments(stage: Stage) -> None:
    now = stage.clock()
    ada = await visitor(stage.store, now)
    talk = await conversation(stage.store, now, customer_id=ada)
    async with stage.store.write() as session:
        request = RatingRequest(
            conversation_id=talk,
            customer_id=ada,
            agent_id=stage.agents["agent"],
            comment="fine",
            asked_at=now,
            expires_at=now + timedelta(days=3),
        )
        session.add(request)
        await session.flush()
        await ratings.record(session, ada, "price", 75, now=now, request=request)
        await ratings.record(session, ada, "price", 50, now=now)
    found = (await stage.get(f"/ratings?customer_id={ada}"))["items"]
    assert [(one["stars"], one["comment"]) for one in found] == [(3.0, None), (4.0, "fine")]
    assert len((await stage.get(f"/ratings?agent_id={stage.agents['agent']}"))["items"]) == 1
    summary = (await stage.get("/reports/summary?end=2026-03-03"))["ratings"]
    assert (summary["asked"], summary["rated"], summary["csat"]) == (1, 1, 1.0)


async def test_the_report_counts_hand_offs_and_first_replies(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    stage.clock.move(minutes=3)
    await stage.post(f"/conversations/{talk}/reply", {"text": "Hello"}, key="agent")
    stage.clock.move(minutes=2)
    found = await stage.get("/reports/summary")
    assert found["first_response"] == {"measured": 1, "median": 180.0, "p90": 180.0}
    assert found["handoff_reasons"] == [{"reason": "asked", "handoffs": 1}]
    assert {row["name"]: row["replies"] for row in found["agents"]}["the agent"] == 1
    for query in ("start=2026-03-02&end=2026-03-01", "start=1900-01-01", "start=yesterday"):
        assert (await stage.ask("GET", f"/api/v1/reports/summary?{query}")).status == 422


async def test_parked_updates_are_listed_without_their_words(stage: Stage) -> None:
    await parked(stage.store, stage.clock())
    found = await stage.get("/parked")
    assert found["items"][0]["error"] == "ValueError"
    assert "secret words" not in str(found)


async def test_a_parked_update_is_replayed_or_dismissed_once(stage: Stage) -> None:
    number = await parked(stage.store, stage.clock())
    asked = await stage.post(f"/parked/{number}/replay")
    assert asked["asked_at"] is not None
    async with stage.store.read() as session:
        assert [row.id for row in await parking.asked(session)] == [number]
    await stage.post(f"/parked/{number}/dismiss")
    assert (await stage.get("/parked"))["items"] == []
    assert (await stage.ask("POST", f"/api/v1/parked/{number}/replay")).status == 404


async def test_who_is_disabled_lets_go_of_what_they_held(stage: Stage) -> None:
    held = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{held}/take", key="agent")
    await stage.post(f"/staff/{stage.agents['agent']}", method="DELETE")
    read = await stage.get(f"/conversations/{held}")
    assert (read["status"], read["agent_id"]) == ("queued", None)
