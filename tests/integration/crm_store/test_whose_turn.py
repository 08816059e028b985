"""Whose turn it was is whose turn it is, once something is undone: on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_store import bulk, conversations, staff, taking_back
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from tests.admin_world import conversation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


async def agent(store: Store, name: str = "Ann", undo_s: int = 0) -> Agent:
    async with store.write() as session:
        return await staff.create_agent(session, name=name, role=Role.AGENT, now=NOON, undo_s=undo_s)


async def row(store: Store, number: int) -> Conversation:
    async with store.read() as session:
        return await conversations.get(session, number)


async def test_where_the_customers_turn_was_it_is_again_after_a_second_reply_is_taken_back(
    store: Store,
) -> None:
    ann, number = await agent(store, undo_s=15), await conversation(store, NOON)
    async with store.write() as session:
        await conversations.reply(session, number, ann, "Which one is it?", now=NOON - timedelta(minutes=1))
        second = await conversations.reply(session, number, ann, "Oh no", now=NOON)
        await taking_back.hold_back(session, second, ann, now=NOON)
    async with store.write() as session:
        await taking_back.take_back(session, second.id, ann, now=NOON)
    assert (await row(store, number)).status == Status.WAITING_CUSTOMER


@pytest.mark.parametrize("act", ["snooze", "resolve", "assign"])
async def test_where_the_customers_turn_was_it_is_again_once_an_act_on_many_is_undone(
    store: Store, act: str
) -> None:
    ann, ben = await agent(store), await agent(store, "Ben")
    number = await conversation(store, NOON)
    rules = StoreSettings()
    value = {"snooze": LATER.isoformat(), "assign": f"agent:{ben.id}"}.get(act, "")
    async with store.write() as session:
        await conversations.reply(session, number, ann, "Which one is it?", now=NOON)
        done = await bulk.apply(session, act, [number], ann, now=NOON, settings=rules, value=value)
        assert done.changed == (number,)
    async with store.write() as session:
        await bulk.undo(session, done.id, ann, now=NOON, settings=rules)
    after = await row(store, number)
    assert (after.status, after.agent_id) == (Status.WAITING_CUSTOMER, ann.id)
