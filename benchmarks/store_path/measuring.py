"""The store's part of a message alone, with 512 waiting: ours, the same by hand on plain sqlite3, and the ORM.

Ours reads what it needs, writes customers, conversations and both messages of each, and marks the replies as sent.
All take turns in every round, and a ratio is the median of the rounds' own, so that it is of the same moments: what
the disk does from one to the next changes both. `store_to_raw_from` and `_to` are the lowest and the highest.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.orm_work import OrmWork, orm_sessions
from benchmarks.store_path import raw
from benchmarks.store_path.ours import our_rate
from bot.clock import system_clock
from crm_store import engine, migrate
from crm_store.engine import open_store
from knowledge_base.matches import Decision

ROUNDS = 5
ALONE = 64
"""Messages in a batch of those with a commit each."""


class KnowsNothing:
    """Stands where the knowledge base does, which is not what is measured here."""

    edition = None

    def decide_many(self, texts: list[str]) -> list[Decision]:
        """The same for everything."""
        return [Decision("unknown", (), 0.0, "unmeasured") for _ in texts]


async def orm_rate(database_url: str, count: int) -> float:
    """Messages a second with objects and two transactions a message: received and answered, then marked as sent."""
    work = OrmWork(KnowsNothing(), orm_sessions(database_url))
    began = time.perf_counter()
    for number in range(count):
        person = number // 2  # every other one is known already
        reply = await work.receive(number, person, f"Customer {person}", "en", "Where is my card?")
        assert reply is not None
        await work.mark(reply[0], number)
    rate = count / (time.perf_counter() - began)
    await work.close()
    return rate


@contextmanager
def synchronous(mode: str) -> Iterator[None]:
    """Stores that are opened meanwhile sync so much; FULL is what is shipped."""
    shipped = engine.WRITER_PRAGMAS
    changed = (f"PRAGMA synchronous={mode}" if "synchronous" in pragma else pragma for pragma in shipped)
    setattr(engine, "WRITER_PRAGMAS", tuple(changed))  # noqa: B010 (what is shipped has a fixed shape)
    try:
        yield
    finally:
        engine.WRITER_PRAGMAS = shipped


async def _ours(path: Path, batches: int, mode: str = "FULL") -> tuple[float, float]:
    """(messages a second, processor seconds) of the product's store path."""
    with synchronous(mode):
        store = open_store(f"sqlite:///{path}", owner=True)
    await our_rate(store, 2, first_chat=10**9)  # a server makes its statements ready once
    before = time.process_time()
    per_s = await our_rate(store, batches)
    took = time.process_time() - before
    await store.close()
    return per_s, took


async def measure(batches: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Rates and ratios. Those with a commit a message do fewer of them, in every round too."""
    rates: dict[str, list[float]] = {name: [] for name in ("ours", "normal", "raw", "alone", "orm")}
    ours_cpu_s, raw_cpu_s = [], []
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name) / "empty.db"
        await migrate.upgrade(f"sqlite:///{empty}", backup_folder=empty.parent, now=system_clock())
        for number in range(rounds):
            before = time.process_time()
            rates["raw"].append(raw.rate(_copy(empty, f"raw{number}"), batches))
            raw_cpu_s.append(time.process_time() - before)
            per_s, cpu_s = await _ours(_copy(empty, f"ours{number}"), batches)
            rates["ours"].append(per_s)
            ours_cpu_s.append(cpu_s)
            rates["normal"].append((await _ours(_copy(empty, f"normal{number}"), batches, "NORMAL"))[0])
            rates["alone"].append(raw.rate(_copy(empty, f"alone{number}"), 2, waiting=ALONE, alone=True))
            rates["orm"].append(await orm_rate(f"sqlite:///{_copy(empty, f'orm{number}')}", 60))
    to = {
        name: [ours / other for ours, other in zip(rates["ours"], found, strict=True)]
        for name, found in rates.items()
    }
    return {
        "store_per_s": statistics.median(rates["ours"]),
        "store_to_raw": statistics.median(to["raw"]),
        "store_to_raw_from": min(to["raw"]),
        "store_to_raw_to": max(to["raw"]),
        "store_to_raw_alone": statistics.median(to["alone"]),
        "store_to_orm": statistics.median(to["orm"]),
        "store_full_to_normal": statistics.median(to["normal"]),
        "store_cpu_to_raw": min(ours_cpu_s) / min(raw_cpu_s),
    }


def _copy(empty: Path, name: str) -> Path:
    return Path(shutil.copy(empty, empty.with_name(f"{name}.db")))
