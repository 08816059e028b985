"""Casework through the API and the desk's forms."""

from typing import Any

import pytest

from crm_store import conversations
from crm_store.lifecycle import Status
from tests.admin_stage import Stage
from tests.admin_world import conversation, visitor
from tests.desk_stage import agent_browser, customer_waits


async def test_snooze_label_and_hand_to_a_team(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    path = f"/conversations/{number}"
    await stage.post(f"/staff/{stage.agents['supervisor']}", {"team": "Repairs"}, method="PATCH")
    labels = {"priority": 3, "tags": ["Late"], "attributes": {"order": "A-1"}}
    told = await stage.post(path, labels, "agent", "PATCH")
    assert (told["priority"], told["tags"], told["attributes"]) == (3, ["late"], {"order": "A-1"})
    told = await stage.post(f"{path}/snooze", {"until": "2026-03-03T09:00:00Z"}, "agent")
    assert (told["status"], told["snoozed_until"]) == ("snoozed", "2026-03-03T09:00:00Z")
    await stage.post(f"{path}/take", key="agent")
    told = await stage.post(f"{path}/transfer", {"team": "Repairs", "note": "lamp"}, "agent")
    assert (told["status"], told["team"], told["agent_id"]) == ("queued", "Repairs", None)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("snooze", {"until": "2020-01-01"}, 422),
        ("snooze", {"until": "tomorrow"}, 422),
        ("transfer", {}, 422),
        ("transfer", {"agent_id": 1, "team": "x"}, 422),
        ("merge", {"conversation_id": 4711}, 404),
    ],
)
async def test_what_cannot_be_done(stage: Stage, path: str, body: dict[str, Any], status: int) -> None:
    number = await conversation(stage.store, stage.clock())
    answer = await stage.ask("POST", f"/api/v1/conversations/{number}/{path}", key="agent", json=body)
    assert answer.status == status


async def test_somebody_new_can_take_a_reply_back_for_fifteen_seconds(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    stage.agents["noor"] = (await stage.post("/staff", {"name": "Noor", "role": "agent"}))["id"]
    browser = await agent_browser(stage, "noor")
    assert 'value="15" selected' in (await browser.visit("/preferences")).text
    assert "Undo" in (await browser.send(f"/conversations/{number}/words", text="hello")).text
    stage.clock.move(seconds=14)
    assert "Undo" in (await browser.visit(f"/conversations/{number}/thread")).text
    stage.clock.move(seconds=1)
    assert "Undo" not in (await browser.visit(f"/conversations/{number}/thread")).text


async def test_a_reply_is_held_back_as_its_writer_likes_and_taken_back(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    browser = await agent_browser(stage)
    saved = await browser.send("/preferences", undo_s="15")
    assert 'value="15" selected' in saved.text
    seen = await browser.send(f"/conversations/{number}/words", text="wrong words")
    assert "Undo" in seen.text
    async with stage.store.read() as session:
        message = (await conversations.messages(session, number))[-1]
    other = await agent_browser(stage, "supervisor")
    assert "Undo" not in (await other.visit(f"/conversations/{number}/thread")).text
    after = await browser.send(f"/conversations/{number}/take-back", message_id=message.id)
    assert "wrong words" not in after.text
    assert "the agent took a reply back" in after.text
    seen = await browser.send(f"/conversations/{number}/words", text="right words")
    stage.clock.move(seconds=15)
    assert "Undo" not in (await browser.visit(f"/conversations/{number}/thread")).text
    late = await stage.ask("POST", f"/api/v1/messages/{message.id + 2}/take-back", key="agent")
    assert late.status in (404, 409)


async def test_a_reply_taken_back_returns_with_what_it_answers_as_long_as_that_stands(stage: Stage) -> None:
    number = await customer_waits(stage, "is <it> blue?")
    async with stage.store.read() as session:
        asked = (await conversations.messages(session, number))[0].id
    browser = await agent_browser(stage)
    await browser.send("/preferences", undo_s="15")

    async def undone(*, is_deleted: bool) -> str:
        """What the desk's script gets for a quoting reply that is written and undone at once."""
        await browser.send(f"/conversations/{number}/words", text="yes", reply_to=asked)
        async with stage.store.write() as session:
            reply = (await conversations.last_messages(session, number, 1))[0]
            if is_deleted:
                (await conversations.message(session, asked)).deleted_at = stage.clock()
        address = f"/conversations/{number}/take-back"
        answer = await browser.send(address, message_id=reply.id, headers={"HX-Request": "true"})
        return answer.text.partition('<template id="taken-back"')[2].partition("</template>")[0]

    told = await undone(is_deleted=False)
    assert f'data-quote="{asked}"' in told
    assert 'data-quoted="is &lt;it&gt; blue?"' in told
    told = await undone(is_deleted=True)
    assert 'data-words="yes"' in told
    assert "data-quote" not in told


async def test_the_desks_menus_do_the_same(stage: Stage) -> None:
    owner = await visitor(stage.store, stage.clock())
    old = await conversation(stage.store, stage.clock(), customer_id=owner, text="old words")
    browser = await agent_browser(stage, "supervisor")
    await browser.send(f"/conversations/{old}/resolve")
    number = await conversation(stage.store, stage.clock(), customer_id=owner, text="new words")
    path = f"/conversations/{number}"
    seen = await browser.send(f"{path}/labels", priority="2", tags="VIP，late", own="size: XL")
    assert all(words in seen.text for words in (">vip<", ">late<", ">high<", "size: XL"))
    assert f"#{old} " in seen.text
    merged = await browser.send(f"{path}/merge", conversation_id=old)
    assert all(words in merged.text for words in ("old words", "new words", f"merged conversation #{old}"))
    gone = await browser.visit(f"/conversations/{old}/thread")
    assert "old words" not in gone.text
    assert f'part of conversation <a href="{path}"' in gone.text
    assert f"/conversations/{old}/reopen" not in gone.text
    refused = await stage.ask("POST", f"/api/v1/conversations/{old}/reopen", key="agent")
    assert refused.status == 409
    assert "Note, only staff see it" in merged.text
    merge = (await stage.get(f"/conversations/{number}/merges"))["items"][0]["id"]
    undo = f'<input type="hidden" name="merge_id" value="{merge}"><button class="small">Undo</button>'
    for there in (number, old):  # in both, where one looks after it was done
        strip = (await browser.visit(f"/conversations/{there}")).text.partition('<div class="places">')[2]
        assert undo in strip.partition('<ol class="messages"')[0]
    apart = await browser.send(f"{path}/unmerge", merge_id=merge)
    assert "apart from this one" in apart.text
    await browser.send(f"{path}/snooze", until="2026-03-04T09:00")
    async with stage.store.read() as session:
        assert (await conversations.get(session, number)).status == Status.SNOOZED
    for fields in ({"until": "never"}, {"until": "2020-01-01T00:00"}):
        assert (await browser.send(f"{path}/snooze", **fields)).status == 422
    assert (await browser.send(f"{path}/labels", own="no colon")).status == 422
    assert (await browser.send(f"{path}/transfer", to="nobody")).status == 422


async def test_of_a_conversations_attributes_those_named_are_set(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    path = f"/conversations/{number}"
    await stage.post(path, {"attributes": {"order": "A-1", "plan": "gold"}}, "agent", "PATCH")
    told = await stage.post(path, {"attributes": {"plan": None, "shop": "Rome"}}, "agent", "PATCH")
    assert told["attributes"] == {"order": "A-1", "shop": "Rome"}
    browser = await agent_browser(stage)
    await browser.send(f"{path}/labels", priority="0", own="shop: Oslo")
    assert (await stage.get(path, "agent"))["attributes"] == {"shop": "Oslo"}
