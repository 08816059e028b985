"""What staff do with a conversation in Telegram is written down as it is on the web."""

import pytest

from bot.channels.telegram.desk.actions import ACTIONS
from bot.channels.telegram.desk.doing import Doing, Refused
from crm_store import audit
from crm_store.engine import Store
from crm_store.models.staff import Agent, AuditEntry
from tests.waiting_stage import Scene, open_scene

STEPS = [("take", ""), ("release", ""), ("snooze", "3h"), ("take", ""), ("resolve", ""), ("reopen", ""),
         ("transfer", "Ann")]  # fmt: skip


async def _does(scene: Scene, name: str, argument: str) -> None:
    """Ann presses this on the card, or types the command."""
    async with scene.house.store.write() as session:
        ann = await session.get_one(Agent, scene.ann.id)
        act, _ = ACTIONS[name]
        await act(Doing(session, 1, ann, scene.house.clock(), scene.house.settings, argument))


async def _entries(store: Store) -> list[AuditEntry]:
    async with store.read() as session:
        return (await audit.page(session, subject="conversation:1"))[::-1]


async def test_every_change_of_holder_is_written_down(store: Store) -> None:
    async with open_scene(store) as scene:
        for name, argument in STEPS:
            await _does(scene, name, argument)
        entries = await _entries(store)
        assert [one.action for one in entries] == [
            "casework.snooze" if name == "snooze" else f"conversations.{name}" for name, _ in STEPS
        ]
        assert {one.actor for one in entries} == {f"agent:{scene.ann.id} Ann"}


async def test_what_was_refused_is_not(store: Store) -> None:
    async with open_scene(store) as scene:
        await _does(scene, "resolve", "")
        with pytest.raises(Refused):
            await _does(scene, "resolve", "")
        assert [one.action for one in await _entries(store)] == ["conversations.resolve"]
