"""What is evidence that an article answers a question: more than one tap on a list, and nothing that was refused."""

from crm_store import question_labels
from crm_store.models.customers import Customer
from tests.admin_stage import Stage
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
