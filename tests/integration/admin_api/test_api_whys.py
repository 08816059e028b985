"""Why a customer's words are decided as they are: for programs, and below the message at the desk."""

from typing import Any

import pytest

from crm_store.models.conversations import Message
from knowledge_base.articles import Article
from knowledge_base.reasons import REASONS
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser

ARTICLES = (
    Article("shipping", "How long does shipping take?", ("when will my parcel arrive",), "Three days."),
    Article("pay", "How can I pay?", ("what is the way to pay", "do you take cards"), "By card."),
    Article("hours", "When are you open?", ("opening hours",), "At nine."),
)


async def asked(stage: Stage, text: str, **stored: Any) -> int:
    """The id of a customer's message with what the bot made of it."""
    talk = await conversation(stage.store, stage.clock(), text=text)
    (message,) = (await stage.get(f"/conversations/{talk}/messages"))["items"]
    async with stage.store.write() as session:
        row = await session.get_one(Message, message["id"])
        for name, value in stored.items():
            setattr(row, name, value)
    return int(message["id"])


async def why(stage: Stage, message_id: int) -> Any:
    return await stage.get(f"/messages/{message_id}/why", "agent")


async def test_an_answer_is_explained_by_phrasing_words_gap_and_rule(both_stage: Stage) -> None:
    stage = both_stage
    stage.shelf.fill(*ARTICLES)
    text = "when will my zorblax parcel arrive"
    number = await asked(stage, text, decision="answer", article_key="shipping", confidence=0.9)
    told = await why(stage, number)
    (decision,) = stage.shelf.decide_many([text])
    explanation = stage.shelf.index.explain(text)
    assert explanation.runner_up is not None
    assert (told["question"], told["message_id"]) == (text, number)
    assert (told["decision"], told["rule"]) == (decision.kind, decision.reason)
    assert told["because"] == REASONS[decision.reason]
    assert (told["confidence"], told["threshold"]) == (decision.confidence, explanation.threshold)
    assert (told["best"]["article_key"], told["best"]["phrasing"]) == (
        "shipping",
        "when will my parcel arrive",
    )
    assert told["runner_up"]["article_key"] == explanation.runner_up.article_key
    assert [one["word"] for one in told["words_for"]] == [one.word for one in explanation.for_best]
    assert sum(one["weight"] for one in told["words_against"]) == pytest.approx(
        sum(one.weight for one in explanation.against_runner_up)
    )
    assert told["gap"] == pytest.approx(told["best"]["score"] - told["runner_up"]["score"])
    assert told["unknown_words"] == ["zorblax"]
    assert told["then"] == {"decision": "answer", "article_key": "shipping", "confidence": 0.9}


@pytest.mark.parametrize(
    ("then", "key", "differs"),
    [
        ("answer", "shipping", False),
        ("answer", "pay", True),
        ("suggest", "shipping", True),
        ("unknown", None, True),
        ("several", None, None),
        ("asked", None, None),
        (None, None, None),
    ],
)
async def test_it_tells_when_today_is_not_as_then(
    stage: Stage, then: str | None, key: str | None, differs: bool | None
) -> None:
    stage.shelf.fill(*ARTICLES)
    number = await asked(stage, "when will my parcel arrive", decision=then, article_key=key)
    assert (await why(stage, number))["differs"] is differs


async def test_what_the_rules_hold_back_is_said_to_be_held_back_by_them(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    stage.shelf.listed_only = frozenset({("shipping", "en")})
    listed = await why(stage, await asked(stage, "when will my parcel arrive", decision="answer"))
    assert (listed["decision"], listed["rule"], listed["differs"]) == ("suggest", "helped_too_few", True)
    assert listed["words_for"], "the words still speak for it"
    doubted = await why(stage, await asked(stage, "how can I fly"))
    assert doubted["rule"] == "not_believed"
    assert doubted["confidence"] < doubted["threshold"], "what is held back is not called sure"


async def test_without_articles_there_is_nothing_to_weigh(stage: Stage) -> None:
    told = await why(stage, await asked(stage, "hello?"))
    assert (told["decision"], told["rule"], told["best"], told["words_for"]) == (
        "unknown",
        "no_articles",
        None,
        [],
    )


async def test_only_a_customers_words_are_explained(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    reply = await stage.post(f"/conversations/{talk}/reply", {"text": "Yes."}, "agent")
    for number, status in ((reply["id"], 422), (999999, 404), (await asked(stage, ""), 422)):
        assert (await stage.ask("GET", f"/api/v1/messages/{number}/why", key="agent")).status == status
    assert (await stage.ask("GET", "/api/v1/messages/1/why", key="analyst")).status == 403


async def test_the_document_says_by_which_articles(stage: Stage) -> None:
    document = await stage.get("/openapi.json", key=None)
    told = document["paths"]["/api/v1/messages/{id}/why"]["get"]["description"]
    assert "by the articles in force today" in told


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Offered in a list: this article helped too few people", "When it was asked", "Words for it"),
        ),
        ("zh", ("放进选项： 这篇文章帮到的人太少", "当时的决定不同", "支持它的词")),
    ],
)
async def test_the_desk_tells_it_in_words(stage: Stage, language: str, words: tuple[str, ...]) -> None:
    stage.shelf.fill(*ARTICLES)
    stage.shelf.listed_only = frozenset({("shipping", "en")})
    number = await asked(stage, "when will my parcel arrive", decision="unknown")
    browser, headers = await agent_browser(stage), {"Accept-Language": language}
    talk = (await why(stage, number))["conversation_id"]
    page = await browser.visit(f"/conversations/{talk}", **headers)
    assert f'hx-get="/messages/{number}/why"' in page.text
    fragment = await browser.visit(f"/messages/{number}/why", **headers)
    assert fragment.status == 200
    for each in words:
        assert each in fragment.text
    assert "<html" not in fragment.text


async def test_the_bots_answer_unfolds_the_question_it_answers(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    number = await asked(stage, "do you take cards", decision="answer", article_key="pay")
    talk = (await why(stage, number))["conversation_id"]
    async with stage.store.write() as session:
        question = await session.get_one(Message, number)
        answer = Message(
            conversation_id=talk, customer_id=question.customer_id, author="bot", text="By card.",
            article_key="pay", confidence=0.98, created_at=stage.clock(),
        )  # fmt: skip
        session.add(answer)
    agent, analyst = await agent_browser(stage), await agent_browser(stage, "analyst")
    page = (await agent.visit(f"/conversations/{talk}")).text
    assert page.count('class="explained"') == 1
    assert f'<details class="explained" id="why-{answer.id}" hx-get="/messages/{number}/why"' in page
    assert 'class="explained"' not in (await analyst.visit(f"/conversations/{talk}")).text
