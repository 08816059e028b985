"""Answers to a certain message: an agent chooses it, its words stand above the answer, and the customer sees which."""

import re

from sqlalchemy import update

from crm_store import conversations, queue, staff
from crm_store.models.conversations import Message
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits

QUOTE = re.compile(r'<a class="quote" dir="auto" href="([^"]*)"><b>([^<]*)</b> <bdi>([^<]*)</bdi>')


async def taken(stage: Stage, *words: str, address: str = "anna") -> tuple[int, list[Message], Visitor]:
    """A conversation that the agent has taken, what was said in it, and the agent's browser."""
    number = await customer_waits(stage, *words, address=address)
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["agent"])
        await queue.take(session, number, agent, now=stage.clock())
    return number, await said(stage, number), await agent_browser(stage)


async def said(stage: Stage, number: int) -> list[Message]:
    async with stage.store.read() as session:
        return [m for m in await conversations.messages(session, number) if m.author != "system"]


async def test_an_agent_answers_a_message_of_the_customers(stage: Stage) -> None:
    number, [asked, _], browser = await taken(stage, "is it blue?", "or green?")
    async with stage.store.write() as session:
        lane = {"lane": "web:anna", "platform_id": "client-1"}
        await session.execute(update(Message).where(Message.id == asked.id).values(**lane))
    page = await browser.visit(f"/conversations/{number}")
    assert f'data-message="{asked.id}" data-who="Anna Berg" data-words="is it blue?"' in page.text
    after = await browser.send(f"/conversations/{number}/words", text="yes", reply_to=str(asked.id))
    assert QUOTE.findall(after.text) == [(f"#message-{asked.id}", "Anna Berg", "is it blue?")]
    wrote = (await said(stage, number))[-1]
    assert (wrote.text, wrote.reply_to_id, wrote.intent) == ("yes", asked.id, {"quotes": "client-1"})


async def test_what_the_customer_answers_is_shown_too(stage: Stage) -> None:
    number, [first, second], browser = await taken(stage, "Monday?", "the second")
    async with stage.store.write() as session:
        lane = {"lane": "web:anna", "platform_id": "told-1"}
        await session.execute(update(Message).where(Message.id == first.id).values(**lane))
        quotes = {"lane": "web:anna", "intent": {"quotes": "told-1"}}
        await session.execute(update(Message).where(Message.id == second.id).values(**quotes))
    page = await browser.visit(f"/conversations/{number}")
    assert QUOTE.findall(page.text) == [(f"#message-{first.id}", "Anna Berg", "Monday?")]
    later = await browser.visit(f"/conversations/{number}?since={second.id}")
    [(there, *_)] = QUOTE.findall(later.text)
    assert there == f"/conversations/{number}?since={first.id}#message-{first.id}"


async def test_only_what_was_said_to_or_by_the_customer_here_can_be_answered(stage: Stage) -> None:
    number, [asked], browser = await taken(stage, "is it blue?")
    _, [foreign], _ = await taken(stage, "hello", address="ben")
    await browser.send(f"/conversations/{number}/words", text="look here", kind="note")
    note = (await said(stage, number))[-1]
    assert note.is_note
    page = await browser.visit(f"/conversations/{number}")
    assert f'class="small quiet-button answer" data-message="{asked.id}"' in page.text
    assert f'class="small quiet-button answer" data-message="{note.id}"' not in page.text
    for other in (note.id, foreign.id, 10**6):
        refused = await browser.send(
            f"/conversations/{number}/words", text="yes", reply_to=str(other), headers={"HX-Request": "true"}
        )
        assert refused.status == 422
    assert [m.text for m in await said(stage, number)] == ["is it blue?", "look here"]


async def test_the_api_takes_what_is_answered(stage: Stage) -> None:
    number, [asked], _ = await taken(stage, "is it blue?")
    path = f"/conversations/{number}"
    body = {"text": "yes", "reply_to_id": asked.id}
    told = await stage.post(f"{path}/reply", body, key="agent")
    assert told["reply_to_id"] == asked.id
    raw = await stage.ask(
        "POST", f"/api/v1{path}/attachments?name=a.txt&reply_to_id={asked.id}", key="agent", data=b"blue"
    )
    assert (raw.status, raw.body["reply_to_id"]) == (201, asked.id)
    refused = await stage.ask(
        "POST", f"/api/v1{path}/reply", key="agent", json={"text": "no", "reply_to_id": 10**6}
    )
    assert (refused.status, refused.body["kind"]) == (422, "nothing_to_quote")
    shown = await stage.get(f"{path}/messages")
    assert [m["reply_to_id"] for m in shown["items"] if m["author"] == "agent"] == [asked.id, asked.id]
