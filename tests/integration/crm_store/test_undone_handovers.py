"""A conversation of the bot's that was handed on among many, and that act undone: no report tells of it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.dispatch import Timekeeper
from crm_store import (
    attendance,
    bulk,
    gaps,
    handover_history,
    human_times,
    promises,
    reports,
    service_reports,
)
from crm_store.conversations import get
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.working_hours import ALWAYS
from tests.house import House, open_house

PROMISED = StoreSettings(response_targets="first 30m, next 1h, resolution 2d", rating_aspects="")
MOMENT = timedelta(minutes=1)


async def figures(house: House) -> dict[str, Any]:
    """What the reports tell of the day."""
    start, end = house.clock() - timedelta(hours=12), house.clock() + timedelta(hours=12)
    async with house.store.read() as session:
        waits, turns = await handover_history.read(session, start, end, until=end)
        times = await human_times.measured(session, start, end, lambda _: ALWAYS)
        return {
            "episodes": await service_reports.episodes(session, start, end),
            "reasons": await service_reports.handoff_reasons(session, start, end),
            "agents": await service_reports.agents(session, start, end),
            "conversations": await reports.conversations(session, start, end),
            "promises": await promises.shares(session, start, end),
            "replayed": (len(waits), len(turns)),
            "times": times,
            "gaps": [
                (one.was_handed_off, one.waited)
                for one in await gaps.open_ones(session, now=house.clock(), limit=9)
            ],
        }


async def comes(house: House, agent: Agent) -> None:
    async with house.store.write() as session:
        now, lasts = house.clock(), attendance.SHIFT_LASTS
        await attendance.set_presence(session, agent, "online", now=now, lasts=lasts)


async def assigned(house: House, by: Agent, to: Agent, number: int = 1) -> bulk.BulkDone:
    house.clock.advance(MOMENT)
    async with house.store.write() as session:
        done = await bulk.apply(
            session,
            "assign",
            [number],
            by,
            now=house.clock(),
            settings=PROMISED,
            value=f"agent:{to.id}",
        )
    assert done.changed == (number,)
    await Timekeeper(house.store, house.clock, PROMISED).fire_due()
    return done


async def undone(house: House, done: bulk.BulkDone, by: Agent) -> None:
    house.clock.advance(MOMENT)
    async with house.store.write() as session:
        back = await bulk.undo(session, done.id, by, now=house.clock(), settings=PROMISED)
    assert back.changed == done.changed


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_hand_over_that_was_undone_leaves_no_trace_in_the_figures(
    store: Store, is_there: bool
) -> None:
    async with open_house(store, settings=PROMISED) as house:
        await house.say("where is my parcel?")
        await house.say("blorp vexing quandary flumm")
        ann, bob = await house.agent("Ann", "supervisor"), await house.agent("Bob")
        if is_there:
            await comes(house, bob)
        before = await figures(house)
        assert before["gaps"] == [(False, timedelta())]
        done = await assigned(house, ann, bob)
        during = await figures(house)
        assert len(during["episodes"]) == 1, "what stands is told"
        assert during["promises"]
        await undone(house, done, ann)
        async with store.read() as session:
            assert (await get(session, 1)).status == Status.BOT
        assert await figures(house) == before


async def test_what_comes_after_an_undone_hand_over_counts_as_ever(store: Store) -> None:
    async with open_house(store, settings=PROMISED) as house:
        await house.say("where is my parcel?")
        ann, bob = await house.agent("Ann", "supervisor"), await house.agent("Bob")
        await undone(house, await assigned(house, ann, bob), ann)
        house.clock.advance(MOMENT)
        await house.say("/human")
        found = await figures(house)
        assert [(one.waited, one.cancelled_at) for one in found["episodes"]] == [(True, None)]
        assert [(one.reason, one.handoffs) for one in found["reasons"]] == [("asked_for_person", 1)]
        assert found["conversations"].handed_off == 1


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_hand_over_from_the_queue_that_was_undone_keeps_the_customers_own(
    store: Store, is_there: bool
) -> None:
    async with open_house(store, settings=PROMISED) as house:
        await house.say("/human")
        ann, bob = await house.agent("Ann", "supervisor"), await house.agent("Bob")
        if is_there:
            await comes(house, bob)
        before = await figures(house)
        await undone(house, await assigned(house, ann, bob), ann)
        after = await figures(house)
        assert {**after, "promises": None} == {**before, "promises": None}
        assert [(one.kind, one.made) for one in after["promises"]] == [("first", 1), ("resolution", 1)]
