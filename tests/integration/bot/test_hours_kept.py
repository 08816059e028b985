"""The queue ranked by other hours: a little at a time, no more than it has to be, and whatever else goes wrong."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot import dispatch
from bot.dispatch import LOOK_EVERY_S, Timekeeper
from crm_store import key_values, queue, queue_hours, queue_rules, ranking, timers
from crm_store.calendars import OPEN, Calendars
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from tests.integration.bot.test_timers_failing import Moody
from tests.integration.bot.test_waits_within_hours import FRIDAY, MONDAY, OFFICE, TEAMS, order
from tests.integration.crm_store.test_queue_order import waits
from tests.promise_stage import scene_of

LATER = OFFICE.model_copy(update={"working_hours": "mon-fri 09:04-18:00"})
SECOND = timedelta(seconds=1)


async def looks(store: Store, rules: StoreSettings, now: datetime, by: str) -> bool:
    """Whether this process ranked anybody."""
    async with store.write() as session:
        return await queue_hours.keep(session, rules.calendars, now=now, by=by)


async def counted(store: Store) -> Calendars:
    async with store.read() as session:
        return (await queue_rules.counted_hours(session)).calendars


async def test_a_long_queue_is_ranked_a_little_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever looks next goes on where it was left, though the one who began has stopped."""
    monkeypatch.setattr(queue_hours, "AT_ONCE", 2)
    urgent = [await waits(store, f"urgent{n}", MONDAY, priority=3) for n in range(2)]
    calm = [await waits(store, f"calm{n}", FRIDAY) for n in range(3)]
    async with store.write() as session:
        await ranking.rank_all(session)
    assert await order(store, MONDAY) == [*calm, *urgent]
    async with scene_of(store, OFFICE) as scene:
        scene.house.clock.now = MONDAY
        await scene.keeper.fire_due()
        scene.house.clock.advance(SECOND)
        other = Timekeeper(store, scene.house.clock, OFFICE)
        await other.fire_due()
        async with store.read() as session:
            found = [one.conversation.id for one in await queue.listing(session, now=MONDAY)]
        assert found == [calm[2], *urgent, *calm[:2]]
        await other.fire_due()
        assert await order(store, MONDAY) == [*urgent, *calm]
        async with store.read() as session:
            assert not await queue_hours.are_due(session, OFFICE.calendars, now=scene.house.clock())


async def test_who_takes_the_next_waits_for_those_who_are_being_ranked(postgres_store: Store) -> None:
    """Nobody is told that nobody waits."""
    store, locked = postgres_store, asyncio.Event()
    calm = await waits(store, "calm", FRIDAY)
    urgent = await waits(store, "urgent", MONDAY, priority=3)
    async with store.write() as session:
        await ranking.rank_all(session)
        ann = Agent(name="Ann", role="agent", created_at=FRIDAY)
        session.add(ann)

    async def rank() -> None:
        async with store.write() as session:
            await queue_hours.keep(session, OFFICE.calendars, now=MONDAY)
            locked.set()
            await asyncio.sleep(0.3)

    async def take() -> Conversation | None:
        await locked.wait()
        async with store.write() as session:
            return await queue.take_next(session, ann, now=MONDAY)

    _, taken = await asyncio.gather(rank(), take())
    assert taken is not None
    assert (taken.id, calm < urgent) == (urgent, True)


@pytest.mark.parametrize(("team", "wanted"), [("night", 4), ("day", 1)])
async def test_while_a_team_is_closed_it_is_ranked_every_five_minutes_and_once_after(
    store: Store, team: str, wanted: int
) -> None:
    """Where somebody waits for it at all."""
    noon = FRIDAY - timedelta(hours=6)
    await waits(store, "day", noon)
    await waits(store, "other", noon, team=team)
    times = range(0, 16 * 60, 10)
    passes = [seconds for seconds in times if await looks(store, TEAMS, noon + seconds * SECOND, "me")]
    assert passes[:2] == [0, 10]
    assert len(passes) == 1 + wanted, passes


async def test_the_last_of_such_passes_is_settled(store: Store) -> None:
    begun = FRIDAY - timedelta(hours=2)
    await waits(store, "night", begun, team="night")
    await waits(store, "day", begun)
    await looks(store, TEAMS, begun, "me")
    assert await looks(store, TEAMS, begun + 300 * SECOND, "me")
    assert not await looks(store, TEAMS, begun + 311 * SECOND, "me")
    async with store.write() as session:
        for one in await queue.listing(session, now=begun):
            one.conversation.agent_id, one.conversation.status = None, "resolved"
    assert not await looks(store, TEAMS, begun + 890 * SECOND, "me")
    assert await looks(store, TEAMS, begun + 900 * SECOND, "me")
    assert not await looks(store, TEAMS, begun + 3000 * SECOND, "me")


async def test_two_with_other_settings_do_not_fight(store: Store) -> None:
    """Each lets stand for a minute what the other kept; and it is told that they differ."""
    await waits(store, "friday", FRIDAY)
    ranked = []
    with capture_logs() as logs:
        for seconds in range(180):
            for by, rules in (("old", OFFICE), ("new", LATER)):
                before = await counted(store)
                await looks(store, rules, MONDAY + seconds * SECOND, by)
                if await counted(store) != before:
                    ranked.append((seconds, by))
    assert ranked == [(0, "old"), (60, "new"), (120, "old")]
    assert [one["log_level"] for one in logs if one["event"].startswith("two processes")] == ["warning"] * 2


async def test_a_change_counts_at_once_for_who_kept_the_hours(store: Store) -> None:
    for seconds, rules in enumerate((OFFICE, LATER, OFFICE)):
        assert await looks(store, rules, MONDAY + seconds * SECOND, "me")
        assert await counted(store) == rules.calendars
    assert not await looks(store, LATER, MONDAY + 3 * SECOND, "other")
    assert await looks(store, LATER, MONDAY - timedelta(hours=1), "other"), "the clock was set back"
    assert await looks(store, OFFICE, MONDAY + timedelta(hours=1), "me")


@pytest.mark.parametrize(
    "calendars",
    [{"time_zone": "Mars/Olympus", "working_hours": "mon 09:00-10:00"}, {"newer_field": 1}, [], None],
)
@pytest.mark.parametrize("rules", [OFFICE, StoreSettings(rating_aspects="")])
async def test_hours_that_cannot_be_read_hold_up_nobody(
    store: Store, rules: StoreSettings, calendars: object
) -> None:
    kept = {
        "as_of": FRIDAY.isoformat(),
        "calendars": calendars,
        "in": [str(rules.working_hours), store.url.render_as_string()],
    }
    async with store.write() as session:
        await key_values.keep(session, queue_rules.HOURS_KEY, json.dumps(kept))
    with capture_logs() as logs:
        friday = await waits(store, "friday", FRIDAY)
        urgent = await waits(store, "urgent", MONDAY, priority=3)
        async with store.write() as session:
            await ranking.rank_all(session)
        assert await counted(store) == OPEN
        assert await order(store, MONDAY) == [friday, urgent]
    assert len([one for one in logs if "cannot be read" in one["event"]]) == 1
    assert await looks(store, rules, MONDAY, "me")
    assert await counted(store) == rules.calendars
    assert await order(store, MONDAY) == ([urgent, friday] if rules is OFFICE else [friday, urgent])


@pytest.mark.parametrize("failing", ["are_due", "keep"])
async def test_hours_that_fail_hold_up_no_timer(
    store: Store, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    async def fail(*_: object, **__: object) -> bool:
        raise LookupError("out of order")

    moody = Moody(fails=0)
    monkeypatch.setitem(dispatch.HANDLERS, TimerKind.UNANSWERED, moody)
    async with scene_of(store, OFFICE) as scene:
        clock, keeper = scene.house.clock, scene.keeper
        async with store.write() as session:
            await timers.schedule(session, TimerKind.UNANSWERED, 7, clock())
        with monkeypatch.context() as patch, capture_logs() as logs:
            patch.setattr(queue_hours, failing, fail)
            assert await keeper._until_next() == 0
            await keeper.fire_due()
            assert moody.done == [7]
            assert await keeper._until_next() > 0
        assert len([one for one in logs if "tried again" in one["event"]]) == 1
        await keeper.fire_due()
        assert await counted(store) == OPEN
        clock.advance(timedelta(seconds=LOOK_EVERY_S))
        assert await keeper._until_next() == 0
        await keeper.fire_due()
        assert await counted(store) == OFFICE.calendars
