"""The store's part of a message alone, with 512 waiting: ours, plain sqlite3 doing the very same, and the ORM.

Ours reads what it needs, writes customers, conversations and both messages of each, and marks the replies as sent.
The reference is what it really sent to SQLite, recorded, and run again by plain sqlite3 with ready parameters on a
fresh file: nothing less would do the same work.
"""

import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.peers.orm_work import OrmWork, orm_sessions
from benchmarks.store_path.ours import WAITING, our_rate
from bot.clock import system_clock
from crm_store import migrate
from crm_store.engine import WRITER_PRAGMAS, open_store
from knowledge_base.matches import Decision

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement as SQLite got it; BEGIN and COMMIT are among them."""

    sql: str
    parameters: Any = ()
    many: bool = False


async def record(path: Path, batches: int) -> list[Ran]:
    """What SQLite is given for so many batches."""
    ran: list[Ran] = []
    store = open_store(f"sqlite:///{path}", owner=True)

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        ran.append(Ran(sql, parameters, many))

    def commit(_connection: Any) -> None:
        ran.append(Ran("COMMIT"))

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", commit)
    try:
        await our_rate(store, batches)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", commit)
    await store.close()
    return ran


def raw_rate(path: Path, ran: list[Ran], batches: int) -> float:
    """Messages a second of plain sqlite3 running these statements."""
    with sqlite3.connect(path, isolation_level=None) as raw:
        for pragma in WRITER_PRAGMAS:
            raw.execute(pragma)
        began = time.perf_counter()
        for one in ran:
            if one.many:
                raw.executemany(one.sql, one.parameters)
            else:
                raw.execute(one.sql, one.parameters).fetchall()
        return WAITING * batches / (time.perf_counter() - began)


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


async def measure(batches: int) -> dict[str, float]:
    """Rates and ratios; the best of the rounds, since neighbours only ever slow things down."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = folder / "empty.db"
        await migrate.upgrade(f"sqlite:///{empty}", backup_folder=folder, now=system_clock())
        ran = await record(_copy(empty, "recorded"), batches)
        ours, raw, ours_cpu_s, raw_cpu_s = 0.0, 0.0, [], []
        for number in range(ROUNDS):
            before = time.process_time()
            raw = max(raw, raw_rate(_copy(empty, f"raw{number}"), ran, batches))
            raw_cpu_s.append(time.process_time() - before)
            store = open_store(f"sqlite:///{_copy(empty, f'ours{number}')}", owner=True)
            await our_rate(store, 2, first_chat=10**9)  # a server makes its statements ready once
            before = time.process_time()
            ours = max(ours, await our_rate(store, batches))
            ours_cpu_s.append(time.process_time() - before)
            await store.close()
        orm = await orm_rate(f"sqlite:///{_copy(empty, 'orm')}", 150)
    return {
        "store_per_s": ours,
        "store_to_raw": ours / raw,
        "store_to_orm": ours / orm,
        "store_cpu_to_raw": min(ours_cpu_s) / min(raw_cpu_s),
    }


def _copy(empty: Path, name: str) -> Path:
    return Path(shutil.copy(empty, empty.with_name(f"{name}.db")))
