"""Replies made into articles, proposed phrasings, and changes tried on real questions, through the API."""

from typing import Any

from crm_store import question_labels
from crm_store.models.conversations import Conversation, Message
from knowledge_base.articles import Article
from knowledge_base.text import normalise
from tests.admin_stage import Stage
from tests.admin_world import conversation

SHELF = (
    ("shipping", "How long does shipping take?", ("when will it arrive", "delivery time"), "Three days."),
    ("payment", "How can I pay?", ("do you take cards", "ways to pay"), "By card."),
    ("returns", "How do I return something?", ("send it back", "return policy"), "Within 30 days."),
)


async def fill(stage: Stage) -> dict[str, int]:
    """The ids of a few published articles, by key."""
    made = {}
    for key, question, phrasings, answer in SHELF:
        body = {"key": key, "question": question, "phrasings": list(phrasings), "answer": answer}
        made[key] = (await stage.post("/articles", body))["id"]
    stage.shelf.fill(*(Article(key, question, said, answer) for key, question, said, answer in SHELF))
    return made


async def replied(stage: Stage, asked: str, reply: str) -> tuple[int, int]:
    """The ids of a conversation and of the agent's reply in it."""
    number = await conversation(stage.store, stage.clock(), text=asked)
    said = await stage.post(f"/conversations/{number}/reply", {"text": reply}, key="agent")
    return number, said["id"]


async def labelled(
    stage: Stage, question: str, key: str, *, people: int = 1, agrees: bool = True, source: str | None = None
) -> None:
    """As if so many customers had picked the article for these words, or had said it is not."""
    for _ in range(people):
        number = await conversation(stage.store, stage.clock(), text=question)
        async with stage.store.write() as session:
            held = await session.get_one(Conversation, number)
            values: dict[str, Any] = {
                "customer_id": held.customer_id,
                "conversation_id": number,
                "question": question,
                "normal": normalise(question),
                "language": "en",
                "article_key": key,
                "agrees": agrees,
                "source": source or ("choice" if agrees else "none_of_these"),
                "was_alone": False,
                "created_at": stage.clock(),
            }
            await question_labels.add(session, values)


async def test_a_reply_becomes_a_draft_without_what_is_private(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    asked = "Hello, my name is Ada Byron. Can I pay order 4711-22 by bank transfer? ada@example.org"
    _, reply = await replied(stage, asked, "Hi Ada, yes: the account is DE89 3704 0044 0532 0130 00.")
    draft = await stage.post(f"/messages/{reply}/draft", key="agent")
    content = draft["content"]
    text = str(content)
    assert all(private not in text for private in ("Ada", "Byron", "4711", "example.org", "3704"))
    assert "bank transfer" in content["question"]
    assert content["answer"] == "Hi […], yes: the account is […]."
    assert draft["nearest"][0]["article_id"] == articles["payment"]
    again = await stage.post(f"/messages/{reply}/draft", key="agent")
    assert again["id"] == draft["id"]
    change = {"answer": "Yes, by bank transfer.", "key": "bank-transfer", "version": draft["version"]}
    await stage.post(f"/drafts/{draft['id']}", change, key="agent", method="PATCH")
    stale = await stage.ask("PATCH", f"/api/v1/drafts/{draft['id']}", json=change)
    assert stale.status == 409
    assert (await stage.ask("POST", f"/api/v1/drafts/{draft['id']}/publish", key="agent")).status == 403
    published = await stage.post(f"/drafts/{draft['id']}/publish", key="supervisor")
    assert (published["key"], published["answer"]) == ("bank-transfer", "Yes, by bank transfer.")
    assert (await stage.ask("POST", f"/api/v1/drafts/{draft['id']}/publish")).status == 409
    assert (await stage.get("/drafts"))["items"] == []


async def test_a_draft_becomes_a_phrasing_of_an_article_there_is(stage: Stage) -> None:
    articles = await fill(stage)
    _, reply = await replied(stage, "can I use my bank account", "Yes.")
    draft = await stage.post(f"/messages/{reply}/draft")
    taught = await stage.post(f"/drafts/{draft['id']}/teach", {"article_id": articles["payment"]})
    assert "can I use my bank account" in taught["phrasings"]
    assert (await stage.get("/drafts?state=published"))["items"][0]["id"] == draft["id"]


async def test_only_an_agents_words_to_the_customer_become_a_draft(stage: Stage) -> None:
    number, _ = await replied(stage, "hello", "Good day.")
    note = await stage.post(f"/conversations/{number}/note", {"text": "angry"})
    assert (await stage.ask("POST", f"/api/v1/messages/{note['id']}/draft")).status == 422
    assert (await stage.ask("POST", "/api/v1/messages/999999/draft")).status == 404


async def test_a_draft_goes_with_the_person_it_was_made_of(stage: Stage) -> None:
    number, reply = await replied(stage, "can I use my bank account", "Yes.")
    draft = await stage.post(f"/messages/{reply}/draft")
    customer = (await stage.get(f"/conversations/{number}"))["customer_id"]
    await stage.post(f"/customers/{customer}/erase")
    assert (await stage.ask("GET", f"/api/v1/drafts/{draft['id']}")).status == 404


async def test_choices_are_proposed_and_added_once(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    await labelled(stage, "how many days until my order 12345 is here", "shipping", people=2)
    await labelled(stage, "how many days until my order 12345 is here", "payment")
    [first, second] = (await stage.get("/phrasings"))["items"]
    assert (first["article_key"], first["agree"], first["rivals"]) == ("shipping", 2, 1)
    assert first["phrasing"] == "how many days until my order is here"
    assert second["article_key"] == "payment"
    body = {"article_id": first["article_id"], "question": first["question"]}
    changed = await stage.post("/phrasings/accept", body)
    assert changed["phrasings"][-1] == first["phrasing"]
    other = {"article_id": articles["payment"], "question": second["question"]}
    await stage.post("/phrasings/reject", other)
    assert (await stage.get("/phrasings"))["items"] == []


async def test_an_agents_correction_is_proposed_and_gold(stage: Stage) -> None:
    articles = await fill(stage)
    number = await conversation(stage.store, stage.clock(), text="can I hand over cash")
    [message] = (await stage.get(f"/conversations/{number}/messages"))["items"]
    body = {"article_id": articles["payment"]}
    await stage.post(f"/messages/{message['id']}/correction", body, key="agent")
    [proposed] = (await stage.get("/phrasings"))["items"]
    assert (proposed["article_key"], proposed["by_agents"]) == ("payment", 1)
    async with stage.store.read() as session:
        [gold] = await question_labels.gold(session)
    assert (gold.article_key, gold.agrees) == ("payment", True)


async def asked_before(stage: Stage, *texts: str) -> None:
    """As if customers had asked the bot these things."""
    for text in texts:
        number = await conversation(stage.store, stage.clock(), queued=False)
        async with stage.store.write() as session:
            held = await session.get_one(Conversation, number)
            session.add(
                Message(
                    conversation_id=number,
                    customer_id=held.customer_id,
                    author="customer",
                    text=text,
                    decision="unknown",
                    created_at=stage.clock(),
                )
            )


async def test_a_change_is_tried_on_real_questions(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    await asked_before(stage, "is there a warranty", "delivery time", "delivery time")
    warranty = {
        "key": "warranty",
        "question": "Is there a warranty?",
        "answer": "Two years.",
        "phrasings": ["is there a warranty", "guarantee"],
    }
    trial = await stage.post("/articles/try", {"articles": [warranty], "remove": [articles["shipping"]]})
    effects = {one["text"]: one["effect"] for one in trial["differences"]}
    assert effects == {"is there a warranty": "newly_answered", "delivery time": "lost"}
    assert (trial["replayed"], trial["newly_answered"], trial["lost"]) == (2, 1, 1)
    assert len((await stage.get("/articles"))["items"]) == 3


async def test_a_change_that_makes_gold_wrong_needs_a_reason_which_the_audit_keeps(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    await labelled(stage, "delivery time", "shipping", source="helped")
    path = f"/api/v1/articles/{articles['shipping']}"
    refused = await stage.ask("DELETE", path)
    assert refused.status == 409
    assert refused.body["errors"][0]["field"] == "delivery time"
    harmless = await stage.ask("PATCH", path, json={"answer": "Two days."})
    assert harmless.status == 200
    gone = await stage.ask("DELETE", path, headers={"Force-Reason": "we no longer ship"})
    assert gone.status == 204
    trail = (await stage.get("/audit"))["items"]
    assert trail[0]["detail"]["forced"] == "we no longer ship"


async def test_what_people_spoke_against_must_not_be_answered(stage: Stage) -> None:
    articles = await fill(stage)
    await labelled(stage, "where is the delivery man", "shipping", agrees=False, source="agent")
    path = f"/api/v1/articles/{articles['shipping']}"
    said = {"phrasings": ["when will it arrive", "delivery time", "where is the delivery man"]}
    assert (await stage.ask("PATCH", path, json=said)).status == 409


async def test_erasing_a_person_takes_their_labels(stage: Stage) -> None:
    await fill(stage)
    await labelled(stage, "delivery time", "shipping", source="helped")
    async with stage.store.read() as session:
        assert len(await question_labels.gold(session)) == 1
    [customer] = (await stage.get("/customers"))["items"]
    await stage.post(f"/customers/{customer['id']}/erase")
    async with stage.store.read() as session:
        assert await question_labels.gold(session) == []


async def test_an_article_shows_whether_it_may_answer_alone(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    path = f"/articles/{articles['shipping']}/standing"
    fresh = await stage.get(path, key="analyst")
    assert (fresh["helped"], fresh["not_helped"], fresh["answers_alone"]) == (0, 0, True)
    stage.clock.move(minutes=1)
    for _ in range(2):
        await labelled(stage, "delivery time", "shipping", agrees=False, source="not_helpful")
    spoken = await stage.get(path)
    assert (spoken["not_helped"], spoken["answers_alone"]) == (2, False)
    assert spoken["lowest"] < spoken["floor"]


async def test_of_several_articles_for_the_same_words_the_one_most_meant_is_gold(stage: Stage) -> None:
    await fill(stage)
    await labelled(stage, "how soon", "shipping", people=2)
    await labelled(stage, "how soon", "payment")
    for key in ("shipping", "returns"):
        await labelled(stage, "what now", key, people=2)
    async with stage.store.read() as session:
        gold = await question_labels.gold(session)
    assert [(each.question, each.article_key) for each in gold] == [("how soon", "shipping")]
