"""An article that was wrong for a question: confirmed by an agent it blocks a change, told on the article's page."""

from sqlalchemy import update

from crm_store import question_labels
from crm_store.models.conversations import Message
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill, labelled

ASKED = "is the delivery man insured"


async def _answered(stage: Stage, words: str, key: str) -> int:
    """The id of a customer's message that the bot answered with this article."""
    number = await conversation(stage.store, stage.clock(), text=words)
    [message] = (await stage.get(f"/conversations/{number}/messages"))["items"]
    async with stage.store.write() as session:
        row = update(Message).where(Message.id == message["id"])
        await session.execute(row.values(decision="answer", article_key=key))
    return int(message["id"])


async def _known_wrong(stage: Stage) -> list[tuple[str, str]]:
    async with stage.store.read() as session:
        return [
            (each.question, each.article_key)
            for each in await question_labels.gold(session)
            if not each.agrees
        ]


async def test_a_correction_is_kept_against_the_article_that_was_wrong(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    asked = await _answered(stage, ASKED, "shipping")
    stage.clock.move(minutes=1)
    body = {"article_id": articles["returns"]}
    await stage.post(f"/messages/{asked}/correction", body, key="agent")
    told = await stage.get(f"/articles/{articles['shipping']}/standing")
    assert (told["not_helped"], told["wrong_for"][0]["question"], told["wrong_for"][0]["confirmed"]) == (
        1,
        ASKED,
        True,
    )
    assert (await stage.get(f"/articles/{articles['returns']}/standing"))["wrong_for"] == []
    assert await _known_wrong(stage) == [(ASKED, "shipping")]
    said = {"phrasings": ["when will it arrive", "delivery time", ASKED]}
    refused = await stage.ask("PATCH", f"/api/v1/articles/{articles['shipping']}", json=said)
    assert (refused.status, "people said 'shipping' does not answer it" in refused.body["detail"]) == (
        409,
        True,
    )
    page = await (await agent_browser(stage)).visit(f"/articles/{articles['shipping']}")
    assert ASKED in page.text
    assert "an agent says so, too" in page.text
    await stage.post(f"/messages/{asked}/correction", {"article_id": articles["shipping"]}, key="agent")
    assert await _known_wrong(stage) == []


async def test_who_says_that_the_right_one_was_given_speaks_against_nothing(stage: Stage) -> None:
    articles = await fill(stage)
    asked = await _answered(stage, ASKED, "shipping")
    await stage.post(f"/messages/{asked}/correction", {"article_id": articles["shipping"]}, key="agent")
    assert await _known_wrong(stage) == []


async def test_what_only_customers_say_is_shown_and_blocks_no_change(stage: Stage) -> None:
    articles = await fill(stage)
    stage.clock.move(minutes=1)
    await labelled(stage, ASKED, "shipping", agrees=False, source="not_helpful", people=2)
    at = f"/articles/{articles['shipping']}"
    [wrong] = (await stage.get(f"{at}/standing"))["wrong_for"]
    assert (wrong["question"], wrong["people"], wrong["confirmed"]) == (ASKED, 2, False)
    stage.clock.move(minutes=1)
    changed = await stage.post(at, {"phrasings": ["delivery time", ASKED]}, method="PATCH")
    assert changed["version"] == 2
    assert (await stage.get(f"{at}/standing"))["wrong_for"] == []


async def test_an_accepted_phrasing_confirms_what_customers_said_of_another_article(stage: Stage) -> None:
    articles = await fill(stage)
    await labelled(stage, ASKED, "shipping", agrees=False, source="not_helpful")
    await labelled(stage, ASKED, "returns")
    await stage.post("/phrasings/accept", {"article_id": articles["returns"], "question": ASKED})
    assert await _known_wrong(stage) == [(ASKED, "shipping")]
