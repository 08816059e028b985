"""A customer's words that become a phrasing lose what is private, whichever way they take."""

from crm_store import publishing
from crm_store.articles import ArticleDraft
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.private_words import GONE
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


LETTER = "Hi Sarah, yes, we do. I booked it for 12 Baker Street, London. Best regards, Peter Smith"
STILL = "still has '[…]' where something private was taken out: write it anew for all customers."


async def test_a_draft_is_not_published_while_it_shows_what_was_taken_out(both_stage: Stage) -> None:
    await fill(both_stage)
    _, reply = await replied(both_stage, "Hello, I'm Sarah Connor. do you have tandems?", LETTER)
    draft = await both_stage.post(f"/messages/{reply}/draft")
    assert "[…]" in draft["content"]["answer"]
    at = f"/drafts/{draft['id']}"
    refused = await both_stage.ask("POST", f"/api/v1{at}/publish", json={})
    assert (refused.status, refused.body["kind"]) == (422, "article_shows_gaps")
    assert [one["message"] for one in refused.body["errors"]] == [f"The answer {STILL}"]
    [still] = (await both_stage.get("/drafts"))["items"]
    assert still["id"] == draft["id"]
    await both_stage.post(at, {"answer": "Yes, we do."}, method="PATCH")
    assert (await both_stage.post(f"{at}/publish", {}))["answer"] == "Yes, we do."


async def test_the_desk_says_what_to_do_about_what_was_taken_out(stage: Stage) -> None:
    await fill(stage)
    _, reply = await replied(stage, "Hello, I'm Sarah Connor. do you have tandems?", LETTER)
    draft = await stage.post(f"/messages/{reply}/draft")
    browser = await agent_browser(stage, "supervisor")
    content = draft["content"]
    written = {
        "key": content["key"],
        "language": "en",
        "question": content["question"],
        "answer": content["answer"],
        "version": str(draft["version"]),
    }
    refused = await browser.send(f"/drafts/{draft['id']}/publish", **written)
    assert refused.status == 422
    assert "Write these places anew, so that every customer may read them." in refused.text


async def test_no_other_way_in_takes_what_was_taken_out(stage: Stage) -> None:
    articles = await fill(stage)
    bad = {"key": "tandem", "question": "Tandems?", "answer": "Dear […], yes."}
    fine = {**bad, "answer": "Yes [two kinds] … ask us."}
    for path, body, method in (
        ("/articles", bad, "POST"),
        ("/articles", {**fine, "question": "Is […] a tandem?"}, "POST"),
        (f"/articles/{articles['payment']}", {"answer": bad["answer"]}, "PATCH"),
    ):
        refused = await stage.ask(method, f"/api/v1{path}", json=body)
        assert (refused.status, refused.body["kind"]) == (422, "article_shows_gaps")
    file = {"format": "csv", "data": 'text,article,answer\ntandems?,tandem,"Dear […], yes."\n'}
    refused = await stage.ask("POST", "/api/v1/articles/import", json=file)
    [wrong] = refused.body["errors"]
    assert (refused.status, wrong["field"]) == (422, "data, line 2")
    assert wrong["message"] == f"Article 'tandem': The answer {STILL}"
    assert (await stage.post("/articles", fine))["answer"] == fine["answer"]


async def test_an_old_version_that_shows_what_was_taken_out_does_not_come_back(stage: Stage) -> None:
    async with stage.store.write() as session:
        for answer in (f"Dear {GONE}, yes.", "Yes."):
            draft = ArticleDraft("tandem", "Tandems?", (), answer)
            await publishing.publish(session, [draft], by="test", now=stage.clock())
    back = {"key": "tandem", "version": 1}
    refused = await stage.ask("POST", "/api/v1/articles/restore", json=back)
    assert (refused.status, refused.body["kind"]) == (422, "article_shows_gaps")
