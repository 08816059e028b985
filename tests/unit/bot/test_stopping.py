"""The steps of an end share one deadline."""

import asyncio
import re
from contextlib import suppress

from structlog.testing import capture_logs

from bot.stopping import Deadline, ended, under_way


class Steady:
    """A steady clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_one_step_used_the_next_has_not() -> None:
    steady = Steady()
    end = Deadline(3.5, steady)
    assert end.left(2.0) == 2.0
    steady.now += 2.0
    assert end.left(2.0) == 1.5
    assert end.left(2.0, kept=1.0) == 0.5
    steady.now += 2.0
    assert end.left(2.0) == 0.0


def test_what_is_kept_for_the_last_step_is_no_other_steps() -> None:
    end = Deadline(1.0, Steady())
    assert end.left(5.0, kept=1.0) == 0.0
    assert end.left(5.0) == 1.0


async def test_what_does_not_end_is_told_with_its_place_and_holds_nobody_up() -> None:
    free = asyncio.Event()

    async def stubborn() -> None:
        while not free.is_set():
            with suppress(asyncio.CancelledError):
                await free.wait()

    async def obedient() -> None:
        await asyncio.sleep(3600)

    tasks = [asyncio.create_task(work()) for work in (stubborn, obedient)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    with capture_logs() as logs:
        await ended(tasks, 0.05)
    assert tasks[1].cancelled()
    (told,) = logs
    (place,) = told["waits"]
    assert re.fullmatch(r"test_stopping\.py:\d+ stubborn > locks\.py:\d+ wait", place)
    free.set()
    await tasks[0]


async def test_what_ends_with_an_error_keeps_none_of_the_others_waiting() -> None:
    async def failing() -> None:
        raise RuntimeError("no words of customers")

    with capture_logs() as logs:
        await ended([asyncio.create_task(failing())], 1)
    assert [entry["event"] for entry in logs] == ["a part of the server ended with an error"]


async def test_what_is_under_way_is_told_from_another_thread() -> None:
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    found = await asyncio.to_thread(under_way, loop)
    waiting.cancel()
    assert any(re.match(r"tasks\.py:\d+ sleep", place) for place in found)
    assert any(place.startswith("MainThread: ") for place in found)
