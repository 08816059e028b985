"""A reply with files is held back, and taken back, as one."""

import pytest
from sqlalchemy import select

from admin_api.services import SERVICES, Services
from crm_store import stored_files
from crm_store.models.conversations import Message
from tests.admin_stage import Answer, Stage
from tests.desk_stage import agent_browser, customer_waits
from tests.pictures import PNG


@pytest.fixture
async def number(stage: Stage) -> int:
    await stage.post("/me", {"undo_s": 15}, "agent", method="PATCH")
    return await customer_waits(stage, "hi")


def services_of(stage: Stage) -> Services:
    assert stage.client.app is not None
    services: Services = stage.client.app[SERVICES]
    return services


async def sent(stage: Stage) -> list[Message]:
    async with stage.store.read() as session:
        replies = select(Message).where(Message.author == "agent").order_by(Message.id)
        return list(await session.scalars(replies))


async def test_words_and_the_files_of_their_canned_reply_go_back_together(stage: Stage, number: int) -> None:
    canned = await stage.post("/canned-replies", {"shortcode": "map", "text": "Here is the way."})
    await stage.ask(
        "PUT", f"/api/v1/canned-replies/{canned['id']}/attachment?name=m.png", data=PNG, key="admin"
    )
    body = {"text": "Here is the way.", "canned_reply_ids": [canned["id"]]}
    earlier = await stage.post(f"/conversations/{number}/reply", body, "agent")
    stage.clock.move(seconds=1)
    words = await stage.post(f"/conversations/{number}/reply", body, "agent")
    _, _, _, file = await sent(stage)
    assert file.attachment is not None
    taken = await stage.post(f"/messages/{words['id']}/take-back", None, "agent")
    assert [m.id for m in await sent(stage)] == [earlier["id"], earlier["id"] + 1], (
        "the reply before stays whole"
    )
    key = file.attachment["file"]
    assert taken["files"] == [{"file": key, "name": "m.png", "size": len(PNG)}]
    for hours, is_there in ((23, True), (2, False)):  # time to send it again, and no more
        stage.clock.move(hours=hours)
        await stored_files.sweep(stage.store, services_of(stage).files, now=stage.clock())
        async with stage.store.read() as session:
            assert (await stored_files.find(session, key) is not None) is is_there


@pytest.mark.parametrize("text", ["", "see there"])
async def test_a_file_of_ones_own_can_be_taken_back(stage: Stage, number: int, text: str) -> None:
    address = f"/api/v1/conversations/{number}/attachments?name=m.png&text={text}"
    answer = await stage.ask("POST", address, data=PNG, key="agent")
    assert answer.status < 300
    taken = await stage.post(f"/messages/{answer.body['id']}/take-back", None, "agent")
    assert taken["text"] == text
    assert await sent(stage) == []


async def test_what_was_taken_back_is_sent_again_once_and_to_the_same_customer(
    stage: Stage, number: int
) -> None:
    other = await customer_waits(stage, "hello", address="ben")
    answer = await stage.ask(
        "POST", f"/api/v1/conversations/{number}/attachments?name=m.png", data=PNG, key="agent"
    )
    body = {"file": answer.body["attachment"]["file"], "text": "see there"}

    async def again(to: int) -> Answer:
        return await stage.ask(
            "POST", f"/api/v1/conversations/{to}/attachments/again", json=body, key="agent"
        )

    assert (await again(number)).status == 409, "it is another message's"
    await stage.post(f"/messages/{answer.body['id']}/take-back", None, "agent")
    assert (await again(other)).status == 409
    resent = await again(number)
    assert (resent.status, resent.body["text"], resent.body["kind"]) == (201, "see there", "photo")
    assert (await again(number)).status == 409
    [message] = await sent(stage)
    assert message.attachment == answer.body["attachment"]
    assert services_of(stage).files.path(body["file"]).read_bytes() == PNG
    taken = await stage.post(f"/messages/{message.id}/take-back", None, "agent")
    assert taken["files"][0]["file"] == body["file"]


async def test_at_the_desk_an_undo_that_comes_late_is_told_why(stage: Stage, number: int) -> None:
    browser = await agent_browser(stage)
    first, second = [
        (await stage.post(f"/conversations/{number}/reply", {"text": text}, "agent"))["id"]
        for text in ("one", "two")
    ]
    await stage.post(f"/messages/{first}/take-back", None, "agent")
    stage.clock.move(seconds=15)
    for message, told in ((first, "was taken back already"), (second, "is on its way already")):
        address = f"/conversations/{number}/take-back"
        seen = await browser.send(address, message_id=str(message))
        assert (seen.status, seen.path) == (200, f"/conversations/{number}")
        assert told in seen.text
        part = await browser.send(address, message_id=str(message), headers={"HX-Request": "true"})
        assert (part.status, part.headers["HX-Retarget"]) == (409, "#notices")
        assert told in part.text
