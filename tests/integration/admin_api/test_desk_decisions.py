"""What agents decide on the desk: a ban, which is asked about first, and which article would have been right."""

from datetime import timedelta

from sqlalchemy import select, update

from crm_store import audit, conversations
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.learning import QuestionLabel
from tests.admin_stage import Stage
from tests.desk_stage import Seen, agent_browser, customer_waits


async def customer_of(stage: Stage, number: int) -> Customer:
    async with stage.store.read() as session:
        found = await conversations.get(session, number)
        return await session.get_one(Customer, found.customer_id)


async def test_a_ban_is_asked_about_then_given_and_ended(stage: Stage) -> None:
    number = await customer_waits(stage, "buy my pills")
    browser, path = await agent_browser(stage), f"/conversations/{number}"
    seen = await browser.visit(path)
    assert 'popovertarget="ban"' in seen.text
    assert "Ban Anna Berg?" in seen.text
    customer = await customer_of(stage, number)
    seen = await browser.send(f"/customers/{customer.id}/ban", reason="<b>spam</b>", hours="24", back=path)
    assert (seen.status, seen.path) == (200, path)
    assert "&lt;b&gt;spam&lt;/b&gt;" in seen.text
    assert "End the ban of Anna Berg?" in seen.text
    assert "The customer was told: this chat is closed until 2" in seen.text
    customer = await customer_of(stage, number)
    assert customer.banned_until == stage.clock() + timedelta(hours=24)
    async with stage.store.read() as session:
        assert (await conversations.get(session, number)).status == Status.RESOLVED
    seen = await browser.send(f"/customers/{customer.id}/unban", back="https://evil.example/")
    assert seen.path == f"/customers/{customer.id}"
    assert (await customer_of(stage, number)).banned_at is None
    async with stage.store.read() as session:
        entries = await audit.page(session, subject=f"customer:{customer.id}")
    assert [one.action for one in entries] == ["bans.unban", "bans.ban"]


async def test_a_shadow_ban_is_not_told_and_what_is_written_is_marked(stage: Stage) -> None:
    number = await customer_waits(stage, "buy my pills")
    browser, path = await agent_browser(stage), f"/conversations/{number}"
    customer = await customer_of(stage, number)
    async with stage.store.write() as session:
        session.add(
            Message(
                conversation_id=number,
                customer_id=customer.id,
                author="customer",
                text="more pills",
                decision="shadowed",
                created_at=stage.clock(),
            )
        )
    ban = {"reason": "pills", "hours": "", "is_shadow": "yes", "back": path}
    seen = await browser.send(f"/customers/{customer.id}/ban", **ban)
    assert "Shadow-banned by" in seen.text
    assert "The customer was told" not in seen.text
    assert seen.text.count("nobody was told") == 1
    assert (await customer_of(stage, number)).ban_is_shadow is True
    await browser.send(f"/customers/{customer.id}/unban", back=path)
    assert (await customer_of(stage, number)).ban_is_shadow is None


async def test_a_ban_needs_a_reason_and_a_right(stage: Stage) -> None:
    number = await customer_waits(stage, "hello")
    customer = await customer_of(stage, number)
    path = f"/customers/{customer.id}/ban"
    browser = await agent_browser(stage)
    assert (await browser.send(path, reason="")).status == 422
    assert (await browser.send(path, reason="x", hours="0")).status == 422
    analyst = await agent_browser(stage, "analyst")
    assert 'popovertarget="ban"' not in (await analyst.visit(f"/customers/{customer.id}")).text
    assert (await analyst.send(path, reason="x")).status == 403
    assert (await customer_of(stage, number)).banned_at is None


async def answered_wrongly(stage: Stage, words: str) -> tuple[int, int]:
    """A conversation in which the bot answered these words; it, and the message with them."""
    number = await customer_waits(stage, words)
    async with stage.store.write() as session:
        asked = await session.scalar(
            select(Message).where(Message.conversation_id == number, Message.author == "customer")
        )
        assert asked is not None
        session.add(
            Message(
                conversation_id=number,
                customer_id=asked.customer_id,
                author="bot",
                text="We take cards.",
                article_key="payment",
                confidence=0.9,
                created_at=asked.created_at + timedelta(seconds=1),
            )
        )
        await session.execute(update(Conversation).values(language="en"))
        return number, asked.id


def button(seen: Seen) -> bool:
    return "/correction" in seen.text.partition('id="messages"')[2]


async def test_a_wrong_answer_is_corrected_from_the_thread(stage: Stage) -> None:
    lead = await agent_browser(stage, "admin")
    made = await lead.send(
        "/articles", question="Is <i>there</i> a warranty?", answer="Two years.", phrasings="my lamp broke",
        key="warranty", language="en", enabled="yes",
    )  # fmt: skip
    assert made.status == 200
    article = int(made.path.rpartition("/")[2])
    number, asked = await answered_wrongly(stage, "is this under warranty")
    browser, path = await agent_browser(stage), f"/messages/{asked}/correction"
    seen = await browser.visit(f"/conversations/{number}")
    assert button(seen)
    assert path in seen.text
    found = await browser.visit(f"{path}?text=warranty")
    assert "Is &lt;i&gt;there&lt;/i&gt; a warranty?" in found.text
    assert "is this under warranty" in found.text
    assert "No article has these words" in (await browser.visit(f"{path}?text=zzz")).text
    done = await browser.send(path, article_id=str(article))
    assert (done.status, done.path) == (200, f"/conversations/{number}")
    assert "Noted" in done.text
    async with stage.store.read() as session:
        label = await session.scalar(select(QuestionLabel))
    assert label is not None
    assert (label.question, label.article_key, label.source) == (
        "is this under warranty",
        "warranty",
        "agent",
    )


async def test_only_answers_to_words_can_be_corrected(stage: Stage) -> None:
    number, asked = await answered_wrongly(stage, "is this under warranty")
    browser = await agent_browser(stage)
    async with stage.store.read() as session:
        answer = await session.scalar(select(Message.id).where(Message.author == "bot"))
    assert (await browser.visit(f"/messages/{answer}/correction")).status == 422
    assert (await browser.visit("/messages/999/correction")).status == 404
    assert (await browser.send(f"/messages/{asked}/correction", article_id="999")).status == 404
    analyst = await agent_browser(stage, "analyst")
    assert not button(await analyst.visit(f"/conversations/{number}"))
    assert (await analyst.visit(f"/messages/{asked}/correction")).status == 403
