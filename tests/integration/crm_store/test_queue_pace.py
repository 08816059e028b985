"""The wait that customers are told to expect is that which those before them had, however long the queue."""

from datetime import timedelta

import pytest

from crm_store import queue_lines
from crm_store.engine import Store
from crm_store.lines import Need
from crm_store.models.conversations import Handoff
from crm_store.working_hours import ALWAYS
from tests.house import NOON
from tests.integration.crm_store.test_queue_order import waits

MINUTE = timedelta(minutes=1)


async def came_and_went(store: Store, how_many: int, depth: int, *, left_as: str = "taken") -> None:
    """One came each minute and left the queue after as many minutes as there were before it, the last of them now."""
    number = await waits(store, left_as, NOON)
    async with store.write() as session:
        for n in range(how_many):
            came = NOON - (how_many - 1 - n) * MINUTE
            left = came + depth * MINUTE
            is_over = left <= NOON
            session.add(
                Handoff(conversation_id=number, reason="asked", queued_at=came,
                        ended_at=left if is_over else None, outcome=left_as if is_over else None)
            )  # fmt: skip


async def pace(store: Store) -> timedelta | None:
    async with store.read() as session:
        found = await queue_lines.paces(session, now=NOON, hours_of=lambda _: ALWAYS)
    return found.of(Need())


@pytest.mark.parametrize("depth", [100, 200, 400, 600, 2000])
async def test_a_place_takes_as_long_however_many_wait(store: Store, depth: int) -> None:
    """One is taken each minute, so each place takes one."""
    await came_and_went(store, 2 * depth + 600, depth)
    assert await pace(store) == MINUTE


async def test_who_left_of_themselves_made_room_all_the_same(store: Store) -> None:
    """Every second one gives up at once: they were nobody's place."""
    await came_and_went(store, 400, 100)
    await came_and_went(store, 400, 0, left_as="cancelled")
    assert await pace(store) == MINUTE
