"""An article that was wrong for a question: confirmed by an agent it blocks a change, told on the article's page."""

import pytest
from sqlalchemy import update

from crm_store import question_labels
from crm_store.models.conversations import Message
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill, labelled

ASKED = "is the delivery man insured"


async def _answered(stage: Stage, words: str, key: str, decision: str = "answer") -> int:
    """The id of a customer's message that the bot answered with this article, or listed it for."""
    number = await conversation(stage.store, stage.clock(), text=words)
    [message] = (await stage.get(f"/conversations/{number}/messages"))["items"]
    async with stage.store.write() as session:
        row = update(Message).where(Message.id == message["id"])
        await session.execute(row.values(decision=decision, article_key=key))
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
    said = await stage.post(f"/messages/{asked}/correction", body, key="agent")
    assert said == {"done": True, "listed": True, "proposed": True}
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


async def test_a_correction_of_a_list_says_that_it_waits_to_be_accepted(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    asked = await _answered(stage, ASKED, "shipping", decision="suggest")
    body = {"article_id": articles["returns"]}
    said = await stage.post(f"/messages/{asked}/correction", body, key="agent")
    assert said == {"done": True, "listed": False, "proposed": True}
    assert await _known_wrong(stage) == []
    [proposal] = (await stage.get("/phrasings"))["items"]
    accepted = {"article_id": proposal["article_id"], "question": proposal["question"]}
    await stage.post("/phrasings/accept", accepted)
    again = await stage.post(f"/messages/{asked}/correction", body, key="agent")
    assert again == {"done": True, "listed": False, "proposed": False}
    nothing = await stage.post(f"/messages/{asked}/correction", {"article_id": None}, key="agent")
    assert nothing == {"done": True, "listed": False, "proposed": False}


@pytest.mark.parametrize(
    ("decision", "right", "told"),
    [
        ("suggest", "returns", "Noted, but the bot goes on as before"),
        (
            "answer",
            "returns",
            "It answers by itself once somebody adds the words under “Proposed phrasings”.",
        ),
        ("suggest", "none", "The bot did not answer it by itself, and goes on as before."),
        ("answer", "none", "who asks like this gets a list, not the wrong answer."),
    ],
)
async def test_the_desk_says_what_follows_from_a_correction(
    stage: Stage, decision: str, right: str, told: str
) -> None:
    articles = await fill(stage)
    asked = await _answered(stage, ASKED, "shipping", decision=decision)
    browser = await agent_browser(stage)
    chosen = str(articles[right]) if right in articles else right
    done = await browser.send(f"/messages/{asked}/correction", article_id=chosen)
    assert told in done.text
    assert ('<a href="/phrasings">Proposed phrasings</a></p>' in done.text) is (right != "none")


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
