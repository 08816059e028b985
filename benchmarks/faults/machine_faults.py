"""What can happen to the machine: its clock is set, the process is stopped, names are not resolved."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.faults.scene import Scene, Surroundings, shimmed

DAY_S = 24 * 3600


@asynccontextmanager
async def clock_jumps(scene: Scene) -> AsyncIterator[None]:
    """A day ahead, a day behind, a minute back at a time."""
    assert scene.around.shim is not None
    jumps = asyncio.create_task(_jump(scene))
    try:
        yield
    finally:
        jumps.cancel()
        scene.around.shim.mend()


async def _jump(scene: Scene) -> None:
    assert scene.around.shim is not None
    for number in range(1000):
        scene.around.shim.move_clock((DAY_S, -DAY_S, 0, -60, -120)[number % 5])
        scene.counts["jumps"] = number + 1
        await asyncio.sleep(max(0.5, scene.seconds / 12))


@asynccontextmanager
async def stopped(scene: Scene) -> AsyncIterator[None]:
    """The process stands still."""
    scene.program.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        scene.program.process.send_signal(signal.SIGCONT)


@contextmanager
def by_name(folder: Path) -> Iterator[Surroundings]:
    """The Bot API server is reached by its name."""
    with shimmed(folder) as around:
        around.way = "name"
        yield around


@asynccontextmanager
async def names_lost(scene: Scene) -> AsyncIterator[None]:
    """No name is resolved, and the connections that are there are cut."""
    assert scene.around.shim is not None
    api = scene.program.api
    port = urlsplit(api.base_url).port or 0
    scene.around.shim.lose_names()
    await api.stop()
    await api.start(port)
    try:
        yield
    finally:
        scene.around.shim.mend()
