"""A customer's words that become a phrasing lose what is private, whichever way they take."""

from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.session import Session
from tests.admin_stage import Stage
from tests.admin_world import conversation, gap
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill, labelled, replied

ASKED = "can byron pay by bank transfer? write to ada@example.org or call +44 20 7946 0958"
PRIVATE = ("byron", "ada@example.org", "7946")
LEFT = "can pay by bank transfer? write to or call"


async def called(session: Session, number: int, name: str) -> Conversation:
    """The conversation, its customer being known by this name."""
    held = await session.get_one(Conversation, number)
    (await session.get_one(Customer, held.customer_id)).name = name
    return held


async def asked(stage: Stage, *questions: str) -> list[int]:
    """The numbers of the gaps that Ada Byron left with these words."""
    numbers = []
    for question in questions:
        number = await conversation(stage.store, stage.clock(), text=question)
        async with stage.store.write() as session:
            await called(session, number, "Ada Byron")
        numbers.append(await gap(stage.store, stage.clock(), number, question))
    return numbers


async def test_gaps_teach_without_what_is_private(both_stage: Stage) -> None:
    articles = await fill(both_stage)
    numbers = await asked(both_stage, ASKED, "my number: +44 20 7946 0958", "ada@example.org")
    body = {"gap_ids": numbers, "article_id": articles["payment"]}
    taught = await both_stage.post("/gaps/teach", body)
    assert taught["phrasings"] == [*("do you take cards", "ways to pay"), LEFT, "my number:"]


async def test_gaps_of_which_nothing_is_left_teach_nothing(stage: Stage) -> None:
    articles = await fill(stage)
    numbers = await asked(stage, "ada@example.org", "4711-2234!")
    body = {"gap_ids": numbers, "article_id": articles["payment"]}
    refused = await stage.ask("POST", "/api/v1/gaps/teach", json=body)
    assert (refused.status, "private" in refused.body["detail"]) == (422, True)
    assert len((await stage.get("/gaps"))["items"]) == 2


async def test_an_article_is_begun_without_what_is_private(stage: Stage) -> None:
    numbers = await asked(stage, ASKED, "ada@example.org")
    browser = await agent_browser(stage, "supervisor")
    begun = await browser.visit(f"/articles/new?gaps={','.join(map(str, numbers))}")
    assert begun.text.count(LEFT) == 2  # the title, and the one phrasing
    assert not [word for word in PRIVATE if word in begun.text]


async def test_a_proposed_phrasing_is_without_the_names_of_those_who_said_it(both_stage: Stage) -> None:
    articles = await fill(both_stage)
    await labelled(both_stage, ASKED, "payment")
    [customer] = (await both_stage.get("/customers"))["items"]
    async with both_stage.store.write() as session:
        (await session.get_one(Customer, customer["id"])).name = "Ada Byron"
    [proposed] = (await both_stage.get("/phrasings"))["items"]
    assert proposed["phrasing"] == LEFT
    body = {"article_id": articles["payment"], "question": proposed["question"]}
    assert (await both_stage.post("/phrasings/accept", body))["phrasings"][-1] == LEFT


async def test_a_reply_teaches_neither_an_address_nor_a_name(stage: Stage) -> None:
    articles = await fill(stage)
    said = "Hello, I'm Sarah Connor, order 123. My address is 12 Baker Street, London NW1 6XE, do you have tandems?"
    answer = (
        "Hi Sarah, yes, for 45 EUR a day. I booked it for 12 Baker Street, London. Best regards, Peter Smith"
    )
    _, reply = await replied(stage, said, answer)
    draft = await stage.post(f"/messages/{reply}/draft")
    assert (
        draft["content"]["answer"] == "Hi […], yes, for 45 EUR a day. I booked it for […]. Best regards, […]"
    )
    taught = await stage.post(f"/drafts/{draft['id']}/teach", {"article_id": articles["payment"]})
    assert taught["phrasings"][-1] == "Hello, order. do you have tandems?"
