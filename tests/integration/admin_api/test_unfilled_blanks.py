"""What prepared words left open never goes to a customer: through the API, from the desk, with a file or without."""

from typing import Any

import pytest

from admin_api.services import SERVICES
from crm_store import conversations
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser, customer_waits
from tests.integration.admin_api.test_api_canned_replies import written

API = "/api/v1"
CALL = "Ref {parcel}. Yours, {agent.name|us}"


async def said(stage: Stage, number: int) -> list[str]:
    async with stage.store.read() as session:
        return [m.text for m in await conversations.messages(session, number) if m.author == "agent"]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"text": "your order {order.number}"}, "{order.number}"),
        ({"text": "Hello […], is it lost?", "blanks": ["[…]"]}, "[…]"),
        ({"text": "back: {refund.amount}", "blanks": ["{refund.amount}", "[…]"]}, "{refund.amount}"),
    ],
)
async def test_a_reply_with_something_left_open_is_refused(
    both_stage: Stage, body: dict[str, Any], left: str
) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    answer = await stage.ask("POST", f"{API}/conversations/{number}/reply", key="agent", json=body)
    assert (answer.status, answer.body["kind"], answer.body["params"]) == (422, "unfilled", {"blanks": left})
    assert await said(stage, number) == []


async def test_the_blanks_of_a_canned_reply_are_known_and_those_of_others_are_not(both_stage: Stage) -> None:
    stage = both_stage
    used = await written(stage, "label", CALL)
    number = await conversation(stage.store, stage.clock())
    path = f"{API}/conversations/{number}/reply"
    body = {"text": "Ref {parcel}. Yours, Ann", "canned_reply_ids": [used]}
    assert (await stage.ask("POST", path, key="agent", json=body)).status == 422
    own = ["Ref {parcel}, as in your template", "so on […] and {a, b}"]
    for words in own:
        assert (await stage.ask("POST", path, key="agent", json={"text": words})).status == 201
    filled = {"text": "Ref AB12. Yours, Ann", "canned_reply_ids": [used]}
    assert (await stage.ask("POST", path, key="agent", json=filled)).status == 201
    assert await said(stage, number) == [*own, "Ref AB12. Yours, Ann"]


async def test_words_with_a_file_are_held_to_the_same(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    path = f"{API}/conversations/{number}/attachments"
    for query in ({"text": "for {order.number}"}, {"text": "Dear […]", "blanks": "{parcel}\n[…]"}):
        told = {"name": "a.txt", **query}
        answer = await stage.ask("POST", path, key="agent", params=told, data=b"12 euros")
        assert (answer.status, answer.body["kind"]) == (422, "unfilled")
    for way in ("again", "of-article"):
        body = {"file": "0" * 32, "text": "Dear […]", "blanks": ["[…]"]}
        assert (await stage.ask("POST", f"{path}/{way}", key="agent", json=body)).body["kind"] == "unfilled"
    assert await said(stage, number) == []
    folder = stage.client.app[SERVICES].files.folder
    assert not [one for one in folder.rglob("*") if one.is_file() and one.stat().st_size == len(b"12 euros")]


async def test_the_desk_refuses_them_in_words(stage: Stage) -> None:
    number = await customer_waits(stage, "where is it?")
    browser = await agent_browser(stage)
    form = {"text": "Dear […], Ref {parcel}", "blanks": "{parcel}\n[…]"}
    refused = await browser.send(f"/conversations/{number}/words", **form)
    assert refused.status == 422
    assert "Fill in or take out what is still open: {parcel}, […]" in refused.text
    noted = await browser.send(f"/conversations/{number}/words", kind="note", **form)
    assert noted.status == 200
    assert await said(stage, number) == ["Dear […], Ref {parcel}"]
