"""Questions that an article answers since are told apart from open ones, and can be opened again."""

from crm_store import gaps
from tests.admin_stage import Stage
from tests.admin_world import conversation, gap
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill


async def test_what_is_answered_since_is_shown_with_its_article_and_opened_again(both_stage: Stage) -> None:
    await fill(both_stage)
    numbers = []
    for question in ("can I pay in rates", "do you sell cars"):
        asked_in = await conversation(both_stage.store, both_stage.clock(), text=question)
        numbers.append(await gap(both_stage.store, both_stage.clock(), asked_in, question))
    async with both_stage.store.write() as session:
        assert await gaps.mark_answered(session, {numbers[0]: "payment"}) == 1
    [left] = (await both_stage.get("/gaps"))["items"]
    assert (left["question"], left["answered_by"]) == ("do you sell cars", None)
    [answered] = (await both_stage.get("/gaps?state=answered"))["items"]
    assert (answered["id"], answered["state"], answered["answered_by"]) == (numbers[0], "answered", "payment")
    groups = (await both_stage.get("/gaps/groups"))["items"]
    assert [group["question"] for group in groups] == ["do you sell cars"]
    browser = await agent_browser(both_stage, "supervisor")
    shown = (await browser.visit("/gaps")).text
    assert "can I pay in rates" in shown
    assert "/articles?text=payment" in shown
    await browser.send(f"/gaps/{numbers[0]}", state="open")
    assert len((await both_stage.get("/gaps"))["items"]) == 2
    assert (await both_stage.get("/gaps?state=answered"))["items"] == []
    assert "/articles?text=payment" not in (await browser.visit("/gaps")).text
