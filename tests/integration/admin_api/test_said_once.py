"""Replies and notes whose answer was lost on the network: asked for again, they are not said again."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from admin_api.services import SERVICES
from crm_store import conversations, retention
from crm_store.models.casework import CannedReply
from crm_store.models.conversations import Message, MessageRequest
from tests.admin_stage import Answer, Stage, signed_in
from tests.admin_world import conversation
from tests.desk_stage import agent_browser, customer_waits
from tests.pictures import PNG

SAID = {"text": "A new one leaves today."}


async def asked(
    stage: Stage, number: int, act: str, body: Any, name: str | None = "r-1", key: str = "agent"
) -> Answer:
    headers = {} if name is None else {"Idempotency-Key": name}
    path = f"/api/v1/conversations/{number}/{act}"
    if isinstance(body, bytes):
        form = FormData()
        form.add_field("file", body, filename="lamp.png", content_type="image/png")
        return await stage.ask("POST", path, key=key, headers=headers, data=form)
    return await stage.ask("POST", path, key=key, headers=headers, json=body)


async def written(stage: Stage, number: int) -> list[str]:
    """What staff wrote in the conversation."""
    async with stage.store.read() as session:
        said = await conversations.messages(session, number)
    return [message.text for message in said if message.author == "agent"]


@pytest.mark.parametrize(("act", "body"), [("reply", SAID), ("note", SAID), ("attachments", PNG)])
async def test_a_repeat_gets_what_the_first_one_did(both_stage: Stage, act: str, body: Any) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    first = await asked(stage, number, act, body)
    stage.clock.move(minutes=2)
    again = await asked(stage, number, act, body)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await written(stage, number)) == 1
    audit = await stage.get(f"/audit?subject=conversation:{number}")
    assert len(audit["items"]) == 1
    await asked(stage, number, act, body, "r-2")
    await asked(stage, number, act, body, None)
    await asked(stage, number, act, body, None)
    assert len(await written(stage, number)) == 4, (
        "another request is another message, and so is one without a name"
    )


async def test_another_file_of_the_same_name_and_size_is_another_request(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    assert (await asked(stage, number, "attachments", PNG)).status == 201
    other = PNG[:-1] + bytes([PNG[-1] ^ 1])
    assert (await asked(stage, number, "attachments", other)).status == 422
    assert len(await written(stage, number)) == 1


async def test_of_many_at_once_one_is_said(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    answers = await asyncio.gather(*(asked(stage, number, "reply", SAID) for _ in range(5)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert await written(stage, number) == [SAID["text"]]


async def test_a_name_is_for_one_request_of_one_person(stage: Stage) -> None:
    number, other = [await conversation(stage.store, stage.clock()) for _ in range(2)]
    await asked(stage, number, "reply", SAID)
    for where, act, body in (
        (number, "reply", {"text": "Something else."}),
        (number, "note", SAID),
        (other, "reply", SAID),
    ):
        refused = await asked(stage, where, act, body)
        assert refused.status == 422, (where, act)
        assert "Idempotency-Key" in refused.body["detail"]
    assert (await asked(stage, other, "reply", SAID, key="supervisor")).status == 201
    assert (len(await written(stage, number)), len(await written(stage, other))) == (1, 1)
    assert (await asked(stage, number, "reply", SAID, "")).status == 422
    assert (await asked(stage, number, "reply", SAID, "x" * 65)).status == 422


async def test_what_was_refused_is_done_when_it_can_be(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{number}/take", key="supervisor")
    assert (await asked(stage, number, "reply", SAID)).status == 409
    await stage.post(f"/conversations/{number}/release", key="supervisor")
    done = await asked(stage, number, "reply", SAID)
    assert (done.status, "Idempotent-Replayed" in done.headers) == (201, False)


async def test_the_files_of_a_repeat_are_not_kept(stage: Stage) -> None:
    app = stage.client.app
    assert app is not None
    folder = app[SERVICES].files.folder
    number = await conversation(stage.store, stage.clock())
    canned = await stage.post("/canned-replies", {"shortcode": "bill", "text": "Here."})
    form = FormData()
    form.add_field("file", PNG, filename="bill.png", content_type="image/png")
    await stage.ask("PUT", f"/api/v1/canned-replies/{canned['id']}/attachment", data=form)

    def kept() -> int:
        return sum(1 for path in folder.rglob("*") if path.is_file())

    body = {"text": "Here.", "canned_reply_ids": [canned["id"]]}
    await asked(stage, number, "reply", body, "r-1", "admin")
    await asked(stage, number, "attachments", PNG, "r-2", "admin")
    before = kept()
    await asked(stage, number, "reply", body, "r-1", "admin")
    await asked(stage, number, "attachments", PNG, "r-2", "admin")
    assert kept() == before
    assert await written(stage, number) == ["Here.", "", ""]
    async with stage.store.read() as session:
        assert await session.scalar(select(CannedReply.uses)) == 1


async def test_what_was_taken_back_may_be_said_after_all(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    await stage.post("/me", {"undo_s": 15}, "agent", "PATCH")
    first = await asked(stage, number, "reply", SAID)
    await stage.post(f"/messages/{first.body['id']}/take-back", key="agent")
    again = await asked(stage, number, "reply", SAID)
    assert again.status == 201
    assert await written(stage, number) == [SAID["text"]]


async def test_names_are_forgotten_after_a_week(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    await asked(stage, number, "reply", SAID)
    for days, left in ((6, 1), (2, 0)):
        stage.clock.move(days=days)
        async with stage.store.write() as session:
            await retention.drop_requests(session, before=stage.clock() - retention.SEEN_FOR, limit=10)
            assert await session.scalar(select(func.count(MessageRequest.id))) == left


async def test_a_form_of_the_desk_sent_twice_is_one_reply(stage: Stage) -> None:
    number, browser = await customer_waits(stage, "my lamp broke"), await agent_browser(stage)
    seen = await browser.send(f"/conversations/{number}/take")
    [name] = re.findall(r'name="request" value="([0-9a-f]{32})"', seen.text)
    path = f"/conversations/{number}/words"
    for _ in range(2):
        shown = await browser.send(path, text=SAID["text"], request=name)
        assert shown.status == 200
        assert shown.text.count('<li class="message agent') == 1
    await browser.send(path, text="// third one", request=name)
    await browser.send(path, text="// third one", request=name)
    assert await written(stage, number) == [SAID["text"], "third one"], "other words are another reply"
    [other] = re.findall(r'name="request" value="([0-9a-f]{32})"', shown.text)
    assert other != name
    await browser.send(path, text=SAID["text"], request=other)
    assert len(await written(stage, number)) == 3


async def test_a_browsers_name_is_not_a_keys(stage: Stage) -> None:
    """One agent by key and by browser: the same words under one name are one reply still."""
    number = await conversation(stage.store, stage.clock())
    await asked(stage, number, "reply", SAID)
    headers = {**(await signed_in(stage, "agent")), "Sec-Fetch-Site": "same-origin", "Idempotency-Key": "r-1"}
    path = f"/api/v1/conversations/{number}/reply"
    again = await stage.ask("POST", path, key=None, headers=headers, json=SAID)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    async with stage.store.read() as session:
        assert await session.scalar(select(func.count(Message.id)).where(Message.author == "agent")) == 1
