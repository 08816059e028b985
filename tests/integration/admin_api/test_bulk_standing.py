"""What stands of an act on many: its undoing, for its time and for its agent; who was left out, and why."""

from datetime import timedelta

from crm_store import bulk
from crm_store.lifecycle import Status
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser
from tests.integration.admin_api.test_api_finding import states, talks


async def standing(browser: Visitor) -> str:
    return (await browser.visit("/desk/standing", **{"HX-Current-URL": "http://desk/customers?q=a"})).text


async def test_the_undoing_stands_until_it_is_used(both_stage: Stage) -> None:
    stage = both_stage
    numbers = await talks(stage, "one", "two")
    browser, other = await agent_browser(stage), await agent_browser(stage, "supervisor")
    assert "<form" not in await standing(browser)
    ids = ",".join(map(str, numbers))
    seen = await browser.send(
        "/search/bulk", ids=ids, action="resolve", confirmed="yes", back="/search?status=queued"
    )
    assert seen.path == "/search"
    told = await standing(browser)
    assert "Done to 2 conversations." in told
    assert "until 09:10" in told
    assert 'value="/customers?q=a"' in told
    asked_there = await browser.visit("/desk/standing", **{"HX-Current-URL": "http://desk/search/bulk"})
    assert 'name="back" value="/search"' in asked_there.text
    assert "<form" not in await standing(other)
    back = await browser.send("/search/bulk/1/undo", back="/customers?q=a")
    assert back.path == "/customers"
    assert {status for status, _ in await states(stage, numbers)} == {Status.QUEUED}
    told = await standing(browser)
    assert "Undone: 2 conversations are as before." in told
    assert "<form" not in told
    stage.clock.move(seconds=60)
    assert "Undone" not in await standing(browser)


async def test_it_ends_with_its_time(stage: Stage) -> None:
    numbers = await talks(stage, "one")
    done = await stage.post(
        "/conversations/bulk", {"conversation_ids": numbers, "action": "resolve"}, "agent"
    )
    browser = await agent_browser(stage)
    stage.clock.now += bulk.UNDO_FOR - timedelta(seconds=1)
    assert "<form" in await standing(browser)
    stage.clock.move(seconds=1)
    assert "<form" not in await standing(browser)
    late = await stage.ask("POST", f"/api/v1/bulk-actions/{done['id']}/undo", key="agent")
    assert late.status == 409
    assert "10 minutes" in late.body["detail"]
    assert (await states(stage, numbers))[0][0] == Status.RESOLVED


async def test_an_undo_that_comes_late_comes_back_to_the_list_and_says_why(stage: Stage) -> None:
    body = {"conversation_ids": await talks(stage, "one"), "action": "tag", "value": "late"}
    undone, old = [await stage.post("/conversations/bulk", body, "agent") for _ in range(2)]
    await stage.post(f"/bulk-actions/{undone['id']}/undo", key="agent")
    stage.clock.now += bulk.UNDO_FOR
    browser = await agent_browser(stage)
    for act, why in ((undone, "This was undone already."), (old, "could be undone for ten minutes")):
        seen = await browser.send(f"/search/bulk/{act['id']}/undo", back="/customers?q=a")
        assert (seen.status, seen.path) == (200, "/search")
        assert why in seen.text
        fragment = {"HX-Request": "true"}
        part = await browser.send(f"/search/bulk/{act['id']}/undo", headers=fragment, back="/customers?q=a")
        assert (part.status, part.headers["HX-Retarget"]) == (409, "#notices")
        assert why in part.text
    asked_there = "http://desk/search?status=queued&not_done=undone_before"
    await stage.post("/conversations/bulk", body, "agent")
    told = await browser.visit("/desk/standing", **{"HX-Current-URL": asked_there})
    assert 'name="back" value="/search?status=queued"' in told.text


async def test_the_next_act_takes_its_place(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two")
    for number in numbers:
        await stage.post("/conversations/bulk", {"conversation_ids": [number], "action": "resolve"}, "agent")
    told = await standing(await agent_browser(stage))
    assert "/search/bulk/2/undo" in told
    assert "/search/bulk/1/undo" not in told


async def test_who_was_left_out_is_named_with_the_reason(both_stage: Stage) -> None:
    stage = both_stage
    free, held, closed = await talks(stage, "one", "two", "three")
    await stage.post(f"/conversations/{held}/take", key="supervisor")
    await stage.post(f"/conversations/{closed}/resolve", key="supervisor")
    numbers = [free, held, closed, 4711]
    body = {"conversation_ids": numbers, "action": "resolve"}
    done = await stage.post("/conversations/bulk", body, "agent")
    assert done["changed"] == [free]
    assert {one["conversation_id"]: one["why"] for one in done["refused"]} == {
        held: "held", closed: "state", 4711: "gone"
    }  # fmt: skip
    browser = await agent_browser(stage)
    told = await standing(browser)
    assert "3 could not be changed." in told
    assert f'<a href="/conversations/{held}">#{held} <bdi>Ada</bdi></a>: the supervisor has it' in told
    assert "not possible while it is: Resolved" in told
    browser.headers["Cookie"] += "; frontdesk_language=zh"
    told = await standing(browser)
    assert "由 the supervisor 处理" in told
    assert "当前状态不允许：已解决" in told


async def test_who_could_not_be_put_back_is_named_too(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two")
    done = await stage.post(
        "/conversations/bulk", {"conversation_ids": numbers, "action": "resolve"}, "agent"
    )
    await stage.post(f"/conversations/{numbers[0]}/reopen", key="agent")
    undone = await stage.post(f"/bulk-actions/{done['id']}/undo", key="agent")
    assert [one["why"] for one in undone["refused"]] == ["went_on"]
    told = await standing(await agent_browser(stage))
    assert "Undone: 1 conversation is as before." in told
    assert f"#{numbers[0]}" in told
    assert "<form" not in told
