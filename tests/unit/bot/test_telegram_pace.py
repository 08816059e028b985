"""The staff group's limits under a clock that the test turns."""

import asyncio
import random

import pytest

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


@pytest.mark.parametrize("pause_up_to", [0.0, 2.0, 30.0])
async def test_never_more_than_twenty_in_any_minute_nor_a_long_burst(pause_up_to: float) -> None:
    steady = Steady()
    pace, chance, times = GroupPace(20, 1, steady=steady, sleep=steady.sleep), random.Random(7), []
    for _ in range(200):
        await pace.turn()
        times.append(steady.now)
        steady.now += chance.uniform(0, pause_up_to)
    assert most_within(times, 60.0) <= 20
    assert most_within(times, 3.0) <= 3


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
