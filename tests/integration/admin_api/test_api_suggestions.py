"""Suggested replies: from the knowledge base and from what agents said before, each with its reason."""

from datetime import timedelta
from decimal import Decimal

from crm_store import conversations, queue, staff
from crm_store.models.orders import Order
from knowledge_base.articles import Article
from knowledge_base.disputed import Denied, disputed_of
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser


async def answered(stage: Stage, question: str, answer: str) -> int:
    number = await conversation(stage.store, stage.clock(), text=question)
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["supervisor"])
        await queue.take(session, number, agent, now=stage.clock())
        await conversations.note(session, number, agent, "a note is no answer", now=stage.clock())
        await conversations.reply(session, number, agent, answer, now=stage.clock())
    return number


async def test_what_was_answered_before_is_suggested_with_its_words(both_stage: Stage) -> None:
    stage = both_stage
    before = await answered(stage, "my lamp flickers all evening", "Please tighten the bulb.")
    await answered(stage, "where is my parcel", "It is in the mail.")
    number = await conversation(stage.store, stage.clock(), text="the lamp flickers in the evening")
    found = await stage.get(f"/conversations/{number}/suggestions", "agent")
    assert found["question"] == "the lamp flickers in the evening"
    (only,) = found["items"]
    assert (only["kind"], only["text"], only["conversation_id"]) == (
        "past",
        "Please tighten the bulb.",
        before,
    )
    assert set(only["why"]) >= {"lamp", "flickers", "evening"}
    assert only["agent_name"] == "the supervisor"
    page = await (await agent_browser(stage)).visit(f"/conversations/{number}/suggestions")
    assert 'data-words="Please tighten the bulb."' in page.text


async def test_what_was_private_in_another_conversation_leaves_a_gap(both_stage: Stage) -> None:
    stage = both_stage
    words = "Hi Ada, order 48213 left today; ask ada@example.com or +49 30 1234567, Ada."
    await answered(stage, "where is my parcel", words)
    number = await conversation(stage.store, stage.clock(), text="where is my parcel")
    (only,) = (await stage.get(f"/conversations/{number}/suggestions", "agent"))["items"]
    assert only["text"] == "Hi […], order […] left today; ask […] or […], […]."


async def test_what_was_taken_back_is_not_suggested(stage: Stage) -> None:
    before = await answered(stage, "where is my parcel", "It is lost, sorry.")
    async with stage.store.write() as session:
        said = [
            m for m in await conversations.messages(session, before) if m.author == "agent" and not m.is_note
        ]
        said[0].deleted_at = stage.clock()
    number = await conversation(stage.store, stage.clock(), text="where is my parcel")
    assert (await stage.get(f"/conversations/{number}/suggestions", "agent"))["items"] == []


async def test_articles_are_suggested_with_the_phrasing_that_matched(stage: Stage) -> None:
    stage.shelf.fill(
        Article("hours", "When are you open?", ("opening hours", "when do you open"), "From 9 to 18.", "en"),
        Article(
            "ship",
            "How long does shipping take?",
            ("delivery time", "when will it arrive"),
            "Two days.",
            "en",
        ),
    )
    number = await conversation(stage.store, stage.clock(), text="when are you open?")
    found = await stage.get(f"/conversations/{number}/suggestions", "agent")
    assert found["items"][0]["text"] == "From 9 to 18."
    assert (found["items"][0]["kind"], found["items"][0]["article_key"]) == ("article", "hours")


async def test_what_agents_said_answers_it_is_suggested_before_what_they_called_wrong(stage: Stage) -> None:
    stage.shelf.fill(
        Article("hours", "When are you open?", ("opening hours", "when do you open"), "From 9 to 18.", "en"),
        Article("sundays", "Sundays?", ("are there guided tours", "harbour walk"), "Closed.", "en"),
        Article("ship", "How long does shipping take?", ("delivery time", "when will it come"), "Two.", "en"),
    )
    asked, said = "when do you open sundays please", "when do you open sundays"
    (before,) = stage.shelf.index.decide_many([asked])
    assert (before.kind, before.matches[0].article_key) == ("answer", "hours")
    denied = Denied("hours", "en", said, ("sundays",))
    stage.shelf.disputed = disputed_of([denied], stage.shelf.index)
    number = await conversation(stage.store, stage.clock(), text=asked)
    found = (await stage.get(f"/conversations/{number}/suggestions", "agent"))["items"]
    assert [one["article_key"] for one in found] == ["sundays", "hours"]


async def test_an_articles_blanks_are_filled_and_what_nobody_knows_is_told(stage: Stage) -> None:
    told = "Dear {customer.first_name|there}, {order.number} is {order.status}; refund: {refund.amount}."
    stage.shelf.fill(Article("mine", "Where is my order?", ("where is my parcel", "track it"), told, "en"))
    number = await conversation(stage.store, stage.clock(), text="where is my parcel")
    async with stage.store.write() as session:
        found = await conversations.get(session, number)
        for kind, said, days in (("purchase", "A-7", 3), ("return", "R-1", 1)):
            placed_at = stage.clock() - timedelta(days=days)
            amount = Decimal(5 if kind == "purchase" else -5)
            session.add(
                Order(
                    customer_id=found.customer_id,
                    number=said,
                    kind=kind,
                    status="shipped",
                    amount=amount,
                    currency="EUR",
                    placed_at=placed_at,
                    updated_at=placed_at,
                )
            )
    (only,) = (await stage.get(f"/conversations/{number}/suggestions", "agent"))["items"]

    assert only["text"].endswith(", A-7 is on its way; refund: {refund.amount}.")
    assert "{customer" not in only["text"]
    assert only["missing"] == ["refund.amount"]
    page = await (await agent_browser(stage)).visit(f"/conversations/{number}/suggestions")
    assert 'data-missing="[&#34;refund.amount&#34;]"' in page.text


async def test_nothing_asked_nothing_suggested(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock(), text="👍")
    assert (await stage.get(f"/conversations/{number}/suggestions", "agent"))["items"] == []
    assert (await stage.ask("GET", "/api/v1/conversations/4711/suggestions", key="agent")).status == 404


async def test_what_was_said_in_this_conversation_is_not_suggested_again(both_stage: Stage) -> None:
    stage = both_stage
    stage.shelf.fill(
        Article("hours", "When are you open?", ("opening hours", "when do you open"), "From 9 to 18.", "en"),
    )
    asked = "when are you open on the harbour?"
    await answered(stage, asked, "Every day  but Sunday.")
    number = await conversation(stage.store, stage.clock(), text=asked)

    async def suggested() -> list[str]:
        found = await stage.get(f"/conversations/{number}/suggestions", "agent")
        return sorted(one["text"] for one in found["items"])

    assert await suggested() == ["Every day  but Sunday.", "From 9 to 18."]
    async with stage.store.write() as session:
        talk = await conversations.get(session, number)
        said = await conversations.say(session, talk, author="bot", text="We open at 9.", now=stage.clock())
        said.article_key = "hours"
        await conversations.say(session, talk, author="bot", text="every day but Sunday.", now=stage.clock())
    assert await suggested() == []
