"""A rush from its beginning to its judgement."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.databases import rows_of
from benchmarks.queue_rush import plain
from benchmarks.queue_rush.ground import NOON, NOW, fill
from benchmarks.queue_rush.taking import take_all
from bot.dispatch import Timekeeper
from crm_store import migrate
from crm_store.engine import Store, open_store
from crm_store.settings import StoreSettings

FAIR = 1.5
"""The busiest agent's share beside an even one; agents in another process start a little later."""


@dataclass(frozen=True)
class Rush:
    """The figures."""

    database: str
    workers: int
    agents: int
    conversations: int
    taken: int
    double_assigned: int
    displacement: int
    """How many places before their turn somebody was taken: no more than there are agents, since all before them are
    taken too or in the hands of somebody who is just taking."""
    lateness: int
    """How many places after their turn somebody was written down as taken: they were in the hands of an agent's
    transaction, and it was as slow as the machine made it. There is no bar for it."""
    share: float
    not_returned: int
    per_s: float
    plain_per_s: float
    of_plain: float

    def holds(self) -> bool:
        """Whether every bar that is no matter of speed holds."""
        is_all = self.taken == self.conversations
        wrong = self.double_assigned or self.not_returned
        return is_all and not wrong and self.displacement <= self.agents and self.share <= FAIR


async def run(url: str, agents: int, conversations: int, workers: int = 1) -> Rush:
    """The whole rush on an empty database; several workers are processes of their own."""
    await migrate.upgrade(url, backup_folder=".", now=NOON)
    store = open_store(url)
    try:
        promised = await fill(store, agents, conversations)
        took = await _rush(store, url, agents, workers)
        order = [
            number for (number,) in await rows_of(url, "SELECT conversation_id FROM assignment ORDER BY id")
        ]
        counts = await rows_of(url, "SELECT count(*) FROM assignment GROUP BY agent_id")
        returned = await _not_returned(store, url)
        await plain.again(url)
        plain_took = await _rush(store, url, agents, workers, is_plain=True)
    finally:
        await store.close()
    place = {number: n for n, number in enumerate(promised)}
    return Rush(
        database="sqlite" if store.is_sqlite else "postgresql",
        workers=workers,
        agents=agents,
        conversations=conversations,
        taken=len(set(order)),
        double_assigned=len(order) - len(set(order)),
        displacement=max(place[number] - n for n, number in enumerate(order)),
        lateness=max(n - place[number] for n, number in enumerate(order)),
        share=round(max(row[0] for row in counts) * agents / conversations, 3),
        not_returned=returned,
        per_s=round(conversations / took, 1),
        plain_per_s=round(conversations / plain_took, 1),
        of_plain=round(plain_took / took, 3),
    )


async def _rush(store: Store, url: str, agents: int, workers: int, *, is_plain: bool = False) -> float:
    """The seconds it took."""
    if workers == 1:
        began = time.monotonic()
        everybody = range(1, agents + 1)
        await asyncio.gather(*(plain.take_all(url, n) if is_plain else take_all(store, n) for n in everybody))
        return time.monotonic() - began
    shares = [(1 + agents * n // workers, agents * (n + 1) // workers) for n in range(workers)]
    running = [await _start(url, first, last, is_plain) for first, last in shares if first <= last]
    for one in running:
        assert one.stdout is not None
        await one.stdout.readline()
    began = time.monotonic()
    ended = await asyncio.gather(*(one.communicate(b"\n") for one in running))
    took = time.monotonic() - began
    failed = [one.returncode for one in running if one.returncode]
    assert not failed, f"workers ended with {failed}: {ended}"
    return took


async def _start(url: str, first: int, last: int, is_plain: bool) -> Process:
    module = "benchmarks.queue_rush.taking"
    more = ["--plain"] if is_plain else []
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, url, str(first), str(last), *more, stdin=PIPE, stdout=PIPE
    )


async def _not_returned(store: Store, url: str) -> int:
    """Nobody replies: of all that was taken, what is not back at its old place once a first reply is overdue."""
    settings = StoreSettings()
    assert settings.first_reply is not None
    later = NOW + settings.first_reply + timedelta(minutes=1)
    for _ in range(2):  # the first look sets the time of the second
        keeper = Timekeeper(store, lambda: later, settings)
        while await keeper.fire_due():
            pass
    lost = "status <> 'queued' OR queued_at IS NULL OR queued_at <> created_at"
    return int((await rows_of(url, f"SELECT count(*) FROM conversation WHERE {lost}"))[0][0])
