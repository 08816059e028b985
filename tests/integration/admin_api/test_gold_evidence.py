"""What is evidence that an article answers a question: more than one tap on a list, and nothing that was refused."""

from crm_store import question_labels
from crm_store.models.customers import Customer
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill, labelled

FRANCE = "what is the capital of france"


async def gold(stage: Stage) -> list[tuple[str, str]]:
    """The questions with a known answer, and what answers them."""
    async with stage.store.read() as session:
        return [(each.question, each.article_key) for each in await question_labels.gold(session)]


async def test_one_tap_is_no_evidence_and_keeps_nothing_from_being_published(stage: Stage) -> None:
    articles = await fill(stage)
    await labelled(stage, "delivery time", "shipping")
    assert await gold(stage) == []
    assert (await stage.ask("DELETE", f"/api/v1/articles/{articles['shipping']}")).status == 204


async def test_a_second_person_or_one_it_helped_is(stage: Stage) -> None:
    await fill(stage)
    await labelled(stage, FRANCE, "shipping")
    await labelled(stage, FRANCE, "shipping")
    await labelled(stage, "ways to pay", "payment", source="helped")
    assert sorted(await gold(stage)) == [("ways to pay", "payment"), (FRANCE, "shipping")]


async def test_what_was_refused_as_a_phrasing_is_none(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    await labelled(stage, FRANCE, "shipping", people=2)
    await stage.post("/phrasings/reject", {"article_id": articles["shipping"], "question": FRANCE})
    assert await gold(stage) == []


async def test_a_refusal_says_nothing_private(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    asked = "byron of 12 Baker Street, London asks: delivery time"
    said = {"phrasings": ["when will it arrive", "delivery time", asked]}
    await stage.post(f"/articles/{articles['shipping']}", said, method="PATCH")
    await labelled(stage, asked, "shipping", source="helped")
    [customer] = (await stage.get("/customers"))["items"]
    async with stage.store.write() as session:
        (await session.get_one(Customer, customer["id"])).name = "Ada Byron"
    refused = await stage.ask("DELETE", f"/api/v1/articles/{articles['shipping']}")
    assert refused.status == 409
    assert refused.body["errors"][0]["field"] == "[…] of […] asks: delivery time"
    assert not [word for word in ("byron", "Baker", "London") if word in str(refused.body)]


async def asked(stage: Stage, words: str) -> int:
    """The id of a customer's message."""
    number = await conversation(stage.store, stage.clock(), text=words)
    [message] = (await stage.get(f"/conversations/{number}/messages"))["items"]
    return int(message["id"])


async def test_an_agent_says_that_no_article_answers_it(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    await labelled(stage, FRANCE, "shipping", people=2)
    message = await asked(stage, FRANCE)
    await stage.post(f"/messages/{message}/correction", {"article_id": None}, key="agent")
    assert await gold(stage) == [(FRANCE, question_labels.NOTHING)]
    assert (await stage.ask("POST", f"/api/v1/messages/{message}/correction", json={})).status == 422
    proposed = (await stage.get("/phrasings"))["items"]
    assert [each["article_key"] for each in proposed] == ["shipping"]
    taught = {"phrasings": ["when will it arrive", "delivery time", FRANCE]}
    changed = await stage.ask("PATCH", f"/api/v1/articles/{articles['shipping']}", json=taught)
    assert changed.status == 200, "who makes it an article's words means it"


async def test_the_page_of_a_wrong_answer_offers_none(stage: Stage) -> None:
    await fill(stage)
    message = await asked(stage, FRANCE)
    browser = await agent_browser(stage)
    page = await browser.visit(f"/messages/{message}/correction")
    assert "No article answers this" in page.text
    await browser.send(f"/messages/{message}/correction", article_id="none")
    assert await gold(stage) == [(FRANCE, question_labels.NOTHING)]
