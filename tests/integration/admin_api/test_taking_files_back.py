"""A reply with files is held back, and taken back, as one."""

import pytest
from sqlalchemy import select

from admin_api.services import SERVICES, Services
from crm_store.errors import NotFound
from crm_store.models.conversations import Message
from crm_store.models.files import StoredFile
from tests.admin_stage import Stage
from tests.desk_stage import customer_waits
from tests.pictures import PNG


@pytest.fixture
async def number(stage: Stage) -> int:
    await stage.post("/me", {"undo_s": 15}, "agent", method="PATCH")
    return await customer_waits(stage, "hi")


def services_of(stage: Stage) -> Services:
    assert stage.client.app is not None
    return stage.client.app[SERVICES]


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
    await stage.post(f"/messages/{words['id']}/take-back", None, "agent")
    assert [m.id for m in await sent(stage)] == [earlier["id"], earlier["id"] + 1], (
        "the reply before stays whole"
    )
    with pytest.raises(NotFound):
        services_of(stage).files.path(file.attachment["file"])
    async with stage.store.read() as session:
        keys = list(await session.scalars(select(StoredFile.key)))
    assert file.attachment["file"] not in keys


@pytest.mark.parametrize("text", ["", "see there"])
async def test_a_file_of_ones_own_can_be_taken_back(stage: Stage, number: int, text: str) -> None:
    address = f"/api/v1/conversations/{number}/attachments?name=m.png&text={text}"
    answer = await stage.ask("POST", address, data=PNG, key="agent")
    assert answer.status < 300
    taken = await stage.post(f"/messages/{answer.body['id']}/take-back", None, "agent")
    assert taken["text"] == text
    assert await sent(stage) == []
