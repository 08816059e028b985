"""How far agents have read and who is writing, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_store import conversations, desk_marks, staff
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.signals import Topic
from crm_store.staff import Role
from tests.admin_world import conversation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def people(store: Store) -> tuple[int, int]:
    async with store.write() as session:
        made = [await staff.create_agent(session, name=n, role=Role.AGENT, now=NOON) for n in ("Ann", "Ben")]
    return made[0].id, made[1].id


async def test_what_was_read_stays_read_for_that_agent(store: Store) -> None:
    ann, ben = await people(store)
    number = await conversation(store, NOON)
    for seen in ({number: 7}, {number: 5, 4711: 3}, {}):
        async with store.write() as session:
            await desk_marks.note_seen(session, ann, seen)
    async with store.read() as session:
        assert await desk_marks.seen_by(session, ann, [number, 4711]) == {number: 7}
        assert await desk_marks.seen_by(session, ben, [number]) == {}


async def test_who_writes_is_seen_by_others_until_they_stop_or_fall_silent(store: Store) -> None:
    ann, ben = await people(store)
    number = await conversation(store, NOON)
    listener = store.signals.listen(Topic.CONVERSATIONS)

    async def types(agent: int, is_typing: bool, now: datetime) -> bool:
        """Whether others were told of a change."""
        async with store.write() as session:
            await desk_marks.note_typing(session, agent, number, is_typing=is_typing, now=now)
        return await listener.wait(0)

    async def others(besides: int, now: datetime) -> list[str]:
        async with store.read() as session:
            return await desk_marks.typing_in(session, number, besides=besides, now=now)

    assert await types(ann, True, NOON)
    assert not await types(ann, True, NOON + timedelta(seconds=5)), "it goes on"
    assert await others(ben, NOON + timedelta(seconds=16)) == ["Ann"]
    assert await others(ann, NOON) == []
    assert await others(ben, NOON + timedelta(seconds=17)) == []
    await types(ben, True, NOON)
    assert await types(ben, False, NOON)
    assert await others(ann, NOON) == []
    async with store.write() as session:
        await desk_marks.note_typing(session, ann, 4711, is_typing=True, now=NOON)


@pytest.mark.parametrize("says", [conversations.reply, conversations.note])
async def test_who_has_said_it_is_not_writing_any_more(store: Store, says: Callable[..., Any]) -> None:
    ann, ben = await people(store)
    number = await conversation(store, NOON)
    async with store.write() as session:
        for agent in (ann, ben):
            await desk_marks.note_typing(session, agent, number, is_typing=True, now=NOON)
    async with store.write() as session:
        await says(session, number, await session.get_one(Agent, ann), "It is on its way.", now=NOON)
    async with store.read() as session:
        assert await desk_marks.typing_in(session, number, besides=None, now=NOON) == ["Ben"]
