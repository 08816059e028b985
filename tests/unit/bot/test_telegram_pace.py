"""The staff group's limits under a clock that the test turns."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Pace
from bot.channels.telegram.desk.pace import GroupPace
from bot.pacing import Pacer
from bot.windows import window


class Steady:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def most_within(times: list[float], span: float) -> int:
    """The most events in any window of `span` seconds."""
    return max(sum(start <= at < start + span for at in times) for start in times)


def heaviest(taken: list[tuple[float, int]], span: float) -> list[int]:
    """The weights of the heaviest window of `span` seconds, wherever it begins."""
    windows = [[weight for at, weight in taken if start <= at < start + span] for start, _ in taken]
    return max(windows, key=sum)


WEIGHTS = st.lists(st.tuples(st.integers(1, 12), st.floats(0, 40)), min_size=1, max_size=40)
"""Messages with how much they weigh, and the seconds that pass before each."""


def keeps(taken: list[tuple[float, int]], limit: int, span: float) -> bool:
    """Nowhere too much; what is more than the limit by itself goes by itself."""
    found = heaviest(taken, span)
    return sum(found) <= limit or len(found) == 1


@given(WEIGHTS, st.sampled_from([1, 5, 20]), st.integers(3, 30))
async def test_no_minute_has_more_than_its_limit_however_heavy_the_turns(
    said: list[tuple[int, float]], per_min: int, per_s: int
) -> None:
    steady, taken = Steady(), []
    pace = GroupPace(per_min, 1, steady=steady, sleep=steady.sleep, overall=window(per_s, 1.0))
    for weight, pause in said:
        steady.now += pause
        left = pace.left()
        at_once = pace.delay(weight) == 0
        before = steady.now
        await pace.turn(weight)
        assert (steady.now == before) is at_once
        assert left >= min(weight, per_min) or not at_once
        taken.append((steady.now, weight))
    assert keeps(taken, per_min, 60.0)
    assert keeps(taken, 3, 3.0)
    assert keeps(taken, 1, 1.0)
    assert keeps(taken, per_s, 1.0)


async def test_an_album_uses_what_is_left_and_no_more() -> None:
    steady = Steady()
    pace = GroupPace(20, 1000, steady=steady, sleep=steady.sleep)
    await pace.turn(10)
    await pace.turn(10)
    assert (steady.now < 1001.0, pace.left()) == (True, 0)
    await pace.turn(10)
    assert 1060.0 < steady.now < 1061.0


async def test_an_album_is_not_overtaken_for_ever_by_customers_who_are_always_many() -> None:
    steady, shared = Steady(), window(30, 1.0)
    group = GroupPace(20, 1000, steady=steady, sleep=steady.sleep, overall=shared)
    customers, sent = Pacer(Pace(30, shared=shared)), 0

    async def always_more() -> None:
        nonlocal sent
        while not album.done():
            if customers.overall_delay(steady.now) == 0:
                customers.took("5", steady.now)
                sent += 1
            else:
                steady.now += 0.01
            await asyncio.sleep(0)

    for _ in range(30):
        customers.took("5", steady.now)
    woken = asyncio.Event()

    async def sleep(seconds: float) -> None:
        until = steady.now + seconds
        while steady.now < until:
            await asyncio.sleep(0)
        woken.set()

    group._sleep = sleep
    album = asyncio.create_task(group.turn(10))
    async with asyncio.timeout(60):
        await always_more()
    assert woken.is_set()
    assert steady.now < 1002.1, "as soon as the ten before it are a second old"


@pytest.mark.parametrize("pause_up_to", [0.0, 2.0, 30.0])
async def test_never_more_than_twenty_in_any_minute_nor_a_long_burst(pause_up_to: float) -> None:
    steady = Steady()
    pace, chance, times = GroupPace(20, 1, steady=steady, sleep=steady.sleep), random.Random(7), []
    for _ in range(200):
        await pace.turn()
        times.append(steady.now)
        steady.now += chance.uniform(0, pause_up_to)
    assert most_within(times, 60.0) <= 20
    assert most_within(times, 1.0) == 1


async def test_the_limit_is_used_in_full() -> None:
    steady = Steady()
    pace = GroupPace(20, 1, steady=steady, sleep=steady.sleep)
    started = steady.now
    for _ in range(200):
        await pace.turn()
    assert steady.now - started < 10 * 61


async def test_a_pause_holds_everything_up() -> None:
    steady = Steady()
    pace = GroupPace(20, 1, steady=steady, sleep=steady.sleep)
    pace.pause(40)
    pace.pause(5)
    await pace.turn()
    assert steady.now == 1040.0


async def test_the_group_and_the_customers_share_the_bots_limit() -> None:
    steady, shared = Steady(), window(10, 1.0)
    group = GroupPace(600, 100, steady=steady, sleep=steady.sleep, overall=shared)
    customers = Pacer(Pace(10, shared=shared))
    times = []
    for number in range(100):
        if number % 3:
            while (delay := customers.overall_delay(steady.now)) > 0:
                await steady.sleep(delay)
            customers.took(str(number), steady.now)
        else:
            await group.turn()
        times.append(steady.now)
    assert most_within(times, 1.0) == 10
    assert times[-1] - times[0] < 11, "the limit is used in full"


def test_the_budget_outlives_the_process() -> None:
    steady = Steady()
    before = GroupPace(20, 1000, steady=steady)
    for _ in range(12):
        before.took()
        steady.now += 2
    ages = before.ages()
    assert ages[0] == 24
    after = GroupPace(20, 1000, steady=steady)
    after.took()
    after.remember([*ages, 4000.0, -4000.0])
    assert (after.left(), before.left()) == (8, 8)
    after.took()
    after.remember(ages)
    assert after.left() == 7, "what it has posted itself is not forgotten"
    steady.now += 37
    assert after.left() == 8
    steady.now += 60
    assert after.left() == 20


async def test_before_a_turn_that_leaves_nothing_something_else_may_be_said() -> None:
    steady = Steady()
    pace = GroupPace(20, 1000, steady=steady, sleep=steady.sleep)
    asked: list[tuple[int, int]] = []

    async def before(weight: int) -> None:
        asked.append((pace.left(), weight))

    for _ in range(9):
        await pace.turn(before=before)
    assert asked == []
    await pace.turn(10, before=before)
    assert asked == [], "one is left"
    await pace.turn(before=before)
    assert asked == [(1, 1)]
    await pace.turn(before=before)
    assert all(left > 0 for left, _ in asked), "nothing can be said while none is left"


async def test_what_is_said_first_takes_the_last_message_and_the_turn_waits() -> None:
    steady = Steady()
    pace = GroupPace(20, 1000, steady=steady, sleep=steady.sleep)
    told: list[float] = []

    async def before(_weight: int) -> None:
        if not told:
            await pace.turn()
            told.append(steady.now)

    for _ in range(20):
        await pace.turn(before=before)
    assert told[0] < 1001.0
    assert 1060.0 < steady.now < 1062.0


async def test_who_waits_for_a_turn_goes_on_asking() -> None:
    steady = Steady()
    pace, asked = GroupPace(20, 1000, steady=steady, sleep=steady.sleep), []

    async def before(_weight: int) -> None:
        asked.append(steady.now)

    for _ in range(15):
        await pace.turn()
    await pace.turn(10, before=before)
    assert len(asked) > 50, "each second of the minute"
