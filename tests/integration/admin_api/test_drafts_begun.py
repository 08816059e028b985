"""A new article kept as a draft before it is published: it takes files, and publishing it settles what was asked."""

import re

from crm_store import gaps
from tests.admin_stage import Stage
from tests.admin_world import conversation, gap
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_article_files import attach, names
from tests.integration.admin_api.test_api_learning import fill
from tests.pictures import PDF


async def _gap(stage: Stage, question: str) -> int:
    number = await conversation(stage.store, stage.clock(), text=question)
    return await gap(stage.store, stage.clock(), number, question)


async def test_a_draft_begun_by_hand_takes_files_and_is_published_with_them(both_stage: Stage) -> None:
    stage = both_stage
    await fill(stage)
    asked = await _gap(stage, "is there parking")
    draft = await stage.post(
        "/drafts", {"question": "Is there parking here?", "gap_ids": [asked]}, key="agent"
    )
    assert (draft["state"], draft["content"]["key"]) == ("open", "is-there-parking-here")
    at = f"/drafts/{draft['id']}"
    assert (await stage.ask("POST", f"/api/v1{at}/publish", key="supervisor")).status == 422
    await attach(stage, at)
    await stage.post(at, {"answer": "Behind the house."}, key="agent", method="PATCH")
    made = await stage.post(f"{at}/publish", {})
    assert (made["key"], await names(stage, made["id"])) == ("is-there-parking-here", ["label.pdf"])
    async with stage.store.read() as session:
        assert [gap.state for gap in await gaps.of(session, [asked])] == ["closed"]


async def test_a_draft_names_itself_apart_from_what_is_there(stage: Stage) -> None:
    await stage.post("/articles", {"key": "where-is-it", "question": "Where?", "answer": "Here."})
    begun = [
        (await stage.post("/drafts", {"question": question}))["content"]["key"]
        for question in ("Where is it?", "在哪里？")
    ]
    assert begun == ["where-is-it-1", "draft-2"]
    for body in ({"question": ""}, {"question": "Why?", "attachments": ["0" * 32]}):
        assert (await stage.ask("POST", "/api/v1/drafts", json=body)).status == 422
    lost = {"question": "Why?", "gap_ids": [99]}
    assert (await stage.ask("POST", "/api/v1/drafts", json=lost)).status == 404


async def test_the_page_of_a_new_article_keeps_it_as_a_draft_with_files(stage: Stage) -> None:
    asked = await _gap(stage, "is there parking")
    browser = await agent_browser(stage, "supervisor")
    begun = (await browser.visit(f"/articles/new?gaps={asked}")).text
    assert 'formaction="/drafts/new?once=' in begun
    written = {
        "gaps": str(asked),
        "language": "en",
        "question": "is there parking",
        "phrasings": "can I park",
    }
    kept = await browser.send("/drafts/new", **written)
    assert "Kept as a draft" in kept.text
    assert "can I park" in kept.text
    assert "Names, numbers and addresses were taken out" not in kept.text
    number = int(re.findall(r"/drafts/(\d+)", kept.path)[0])
    added = await stage.client.post(
        f"/api/v1/drafts/{number}/attachments?name=label.pdf",
        data=PDF,
        headers={"Authorization": f"Bearer {stage.keys['agent']}"},
    )
    assert added.status == 201
    assert "label.pdf" in (await browser.visit(f"/drafts/{number}")).text
    assert (await browser.send("/drafts/new", question="")).status == 422
