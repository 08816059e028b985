"""Many conversations given to a person or a team, or snoozed, in one act; and that act undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_store import conversations
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message
from crm_store.models.plumbing import Timer
from crm_store.models.staff import Agent
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser, customer_waits

BULK = "/conversations/bulk"


@pytest.fixture
def stage(both_stage: Stage) -> Stage:
    return both_stage


async def talks(stage: Stage, *names: str) -> list[int]:
    return [await customer_waits(stage, "hello", address=name, name=name) for name in names]


async def of(stage: Stage, number: int) -> Conversation:
    async with stage.store.read() as session:
        return await conversations.get(session, number)


async def one_of_each(stage: Stage) -> dict[str, int]:
    """Conversations that wait, are snoozed, are held by the agent with and without a reply, and are the bot's."""
    names = ("queued", "snoozed", "assigned", "waiting", "bot")
    found = dict(zip(names, await talks(stage, *names), strict=True))
    until = (stage.clock() + timedelta(hours=5)).isoformat()
    await stage.post(f"/conversations/{found['snoozed']}/snooze", {"until": until}, "agent")
    for name in ("assigned", "waiting"):
        await stage.post(f"/conversations/{found[name]}/take", key="agent")
    await stage.post(f"/conversations/{found['waiting']}/reply", {"text": "Hi"}, "agent")
    async with stage.store.write() as session:
        gone, now = await conversations.get(session, found["bot"], lock=True), stage.clock()
        await conversations.change(session, gone, Change.CANCEL, actor="customer", now=now, queued_at=None)
        await conversations.end_handoffs(session, gone.id, "cancelled", now)
    return found


async def said(stage: Stage) -> int:
    async with stage.store.read() as session:
        return len((await session.scalars(select(Message.id))).all())


async def told(stage: Stage, numbers: list[int]) -> list[tuple[Any, ...]]:
    rows = [await of(stage, number) for number in numbers]
    return [(r.status, r.agent_id, r.team, r.queued_at, r.snoozed_until) for r in rows]


async def test_many_are_given_to_a_person_and_back(stage: Stage) -> None:
    found = await one_of_each(stage)
    numbers, words, supervisor = list(found.values()), await said(stage), stage.agents["supervisor"]
    before = await told(stage, numbers)
    body = {"conversation_ids": numbers, "action": "assign", "value": f"agent:{supervisor}"}
    done = await stage.post(BULK, body, "supervisor")
    assert (done["changed"], done["refused"]) == (numbers, [])
    assert {(row[0], row[1]) for row in await told(stage, numbers)} == {(Status.ASSIGNED, supervisor)}
    async with stage.store.read() as session:
        open_ones = select(Assignment.conversation_id).where(Assignment.ended_at.is_(None))
        held = await session.scalars(open_ones.where(Assignment.agent_id == supervisor))
        assert sorted(held) == numbers
        assert (await session.scalars(select(Handoff.id).where(Handoff.ended_at.is_(None)))).all() == []
    undone = await stage.post(f"/bulk-actions/{done['id']}/undo", key="supervisor")
    assert (undone["changed"], undone["refused"]) == (numbers, [])
    assert await told(stage, numbers) == before
    assert await said(stage) == words  # customers were told nothing


async def test_many_are_given_to_a_team_which_the_bots_own_cannot_be(stage: Stage) -> None:
    found = await one_of_each(stage)
    numbers = list(found.values())
    before = await told(stage, numbers)
    body = {"conversation_ids": numbers, "action": "assign", "value": "team:night"}
    done = await stage.post(BULK, body, "supervisor")
    went = [found["queued"], found["assigned"], found["waiting"]]
    assert done["changed"] == went
    assert [one["conversation_id"] for one in done["refused"]] == [found["snoozed"], found["bot"]]
    assert {(row[0], row[1], row[2]) for row in await told(stage, went)} == {(Status.QUEUED, None, "night")}
    await stage.post(f"/bulk-actions/{done['id']}/undo", key="supervisor")
    after = await told(stage, numbers)
    assert [row[1:] for row in after] == [row[1:] for row in before]


async def test_many_are_snoozed_and_back(stage: Stage) -> None:
    found = await one_of_each(stage)
    numbers = list(found.values())
    before = await told(stage, numbers)
    until = stage.clock() + timedelta(hours=2)
    body = {"conversation_ids": numbers, "action": "snooze", "value": until.isoformat()}
    done = await stage.post(BULK, body, "supervisor")
    went = [found[name] for name in ("queued", "assigned", "waiting", "snoozed")]
    assert done["changed"] == sorted(went)
    assert {(row[0], row[4]) for row in await told(stage, went)} == {(Status.SNOOZED, until)}
    await stage.post(f"/bulk-actions/{done['id']}/undo", key="supervisor")
    after = await told(stage, numbers)
    assert [row[1:3] for row in after] == [row[1:3] for row in before]
    assert after[1] == before[1]
    async with stage.store.read() as session:
        wakes = select(Timer.subject_id).where(Timer.kind == "wake_snoozed", Timer.fired_at.is_(None))
        assert (await session.scalars(wakes)).all() == [found["snoozed"]]


async def test_what_went_on_since_stays_and_others_do_not_undo(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two")
    supervisor = stage.agents["supervisor"]
    body = {"conversation_ids": numbers, "action": "assign", "value": f"agent:{supervisor}"}
    done = await stage.post(BULK, body, "supervisor")
    await stage.post(f"/conversations/{numbers[0]}/reply", {"text": "Hi"}, "supervisor")
    assert (await stage.ask("POST", f"/api/v1/bulk-actions/{done['id']}/undo", key="agent")).status == 409
    undone = await stage.post(f"/bulk-actions/{done['id']}/undo", key="supervisor")
    assert undone["changed"] == [numbers[1]]
    assert "went on since" in undone["refused"][0]["reason"]


@pytest.mark.parametrize(
    ("action", "value", "told"),
    [
        ("assign", "", "say to whom"),
        ("assign", "agent:", "say to whom"),
        ("assign", "agent:999", "no member of staff 999"),
        ("assign", "agent:ANALYST", "only reads reports"),
        ("assign", "agent:LEFT", "is disabled"),
        ("assign", "team: ", "a team has a name"),
        ("snooze", "", "say until when"),
        ("snooze", "2026-03-02T12:00", "needs its zone"),
        ("snooze", "2020-01-01T00:00:00Z", "a time to come, at most a year ahead"),
    ],
)
async def test_what_cannot_be_is_told_for_each(stage: Stage, action: str, value: str, told: str) -> None:
    [number] = await talks(stage, "one")
    async with stage.store.write() as session:
        left = Agent(name="left", role="agent", created_at=stage.clock(), disabled_at=stage.clock())
        session.add(left)
    value = value.replace("ANALYST", str(stage.agents["analyst"])).replace("LEFT", str(left.id))
    done = await stage.post(BULK, {"conversation_ids": [number], "action": action, "value": value}, "agent")
    assert done["changed"] == []
    assert told in done["refused"][0]["reason"]
    assert (await of(stage, number)).status == Status.QUEUED


async def test_the_page_asks_with_names_and_the_readers_own_time(stage: Stage) -> None:
    numbers = await talks(stage, "one", "two")
    ids, supervisor = ",".join(map(str, numbers)), stage.agents["supervisor"]
    browser = await agent_browser(stage)
    assert (
        f'<option value="agent:{supervisor}">the supervisor · Offline</option>'
        in (await browser.visit("/search")).text
    )
    asked = await browser.send("/search/bulk", ids=ids, action="assign", to=f"agent:{supervisor}", value="x")
    assert (
        "Hand 2 conversations on to the supervisor (offline: they wait in the queue for the supervisor first)."
        in asked.text
    )
    assert f'name="value" value="agent:{supervisor}"' in asked.text
    await browser.send("/search/bulk", ids=ids, action="assign", value=f"agent:{supervisor}", confirmed="yes")
    assert "2 of them in the queue" in (await browser.visit("/desk/standing")).text
    assert (
        "the supervisor is offline: it waits in the queue for them first."
        in (await browser.visit(f"/conversations/{numbers[0]}")).text
    )
    urgent = await browser.send("/search/bulk", ids=ids, action="priority", step="3")
    assert "Set the priority of 2 conversations to urgent" in urgent.text
    nobody = await browser.send("/search/bulk", ids=ids, action="assign", to="somebody")
    assert nobody.status == 422
    browser.headers["Cookie"] += "; frontdesk_zone=Europe/Berlin"
    asked = await browser.send("/search/bulk", ids=ids, action="snooze", own_until="2026-03-02T15:30")
    assert "until 15:30" in asked.text.replace("Today ", "")
    value = asked.text.split('name="value" value="')[1].split('"')[0]
    await browser.send("/search/bulk", ids=ids, action="snooze", value=value, confirmed="yes")
    assert "Done to 2 conversations." in (await browser.visit("/desk/standing")).text
    assert {(await of(stage, number)).status for number in numbers} == {Status.SNOOZED}
    await browser.send("/search/bulk/2/undo")
    assert {(await of(stage, number)).status for number in numbers} == {Status.QUEUED}
