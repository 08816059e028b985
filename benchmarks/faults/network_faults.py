"""What can happen between the program and Telegram: gone, slow, a line that is open and says nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from benchmarks.faults.scene import Scene
from tests.botapi import faults

SLOW_S = (5, 30)
MANY = 10**9


@asynccontextmanager
async def away(scene: Scene) -> AsyncIterator[None]:
    """Nobody listens where Telegram was."""
    api = scene.program.api
    port = urlsplit(api.base_url).port or 0
    await api.stop()
    try:
        yield
    finally:
        await api.start(port)


@asynccontextmanager
async def slow(scene: Scene) -> AsyncIterator[None]:
    """Each message is taken at once, and the answer comes 5 to 30 seconds later."""
    api, chance = scene.program.api, scene.trial.chance
    for _ in range(4000):
        api.fail("sendMessage", faults.slow(chance.uniform(*SLOW_S)))
    try:
        yield
    finally:
        api.faults.clear()


@asynccontextmanager
async def half_open(scene: Scene) -> AsyncIterator[None]:
    """Connections are open and accepted, and nothing comes back; in the end they are gone without a word."""
    assert scene.line is not None
    scene.line.freeze()
    try:
        yield
    finally:
        scene.line.thaw()
