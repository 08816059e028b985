"""The store's SQLite file in a simulated process: no threads, faults on demand, and an end like `kill -9`.

The file, its pragmas and every statement are real; engines and sessions are those of engines.py.
"""

import asyncio
import re
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from crm_store.engine import NO_CHECKPOINT, READER_PRAGMAS, WRITER_PRAGMAS, Store, parse_url
from crm_store.signals import Signals
from tests.simulation.engines import Crash, Raw, SimEngine, make_engine, open_raw
from tests.simulation.loop import SimLoop

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
INTO = re.compile(r'(?:INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
FAULTS = {"locked": "database is locked", "full": "database or disk is full", "io": "disk I/O error"}
PROMPT = 0.7
SHARED_MEMORY = Path("/dev/shm")
READERS = 4


class Disk:
    """One database file and the connections to it. Made once for many seeds: engines are dear."""

    def __init__(self, template: bytes) -> None:
        base = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
        self._folder = tempfile.TemporaryDirectory(prefix="frontdesk-sim-", dir=base)
        self._path = Path(self._folder.name) / "store.db"
        self._template = template
        self._engines = (
            make_engine(self._raw, WRITER_PRAGMAS, "BEGIN IMMEDIATE", 1),
            make_engine(self._raw, (*READER_PRAGMAS, NO_CHECKPOINT), "BEGIN", READERS),
        )
        self._living: list[SimEngine] = []
        self._open: list[Raw] = []
        self.loop: SimLoop
        self._rng: Random
        self.reset(Random(0))

    def reset(self, rng: Random) -> None:
        """A fresh file for another seed."""
        self.end()
        for leftover in Path(self._folder.name).iterdir():
            leftover.unlink()
        self._path.write_bytes(self._template)
        self._rng = rng
        self.fault_chance = 0.0
        self.crash_after: int | None = None
        """So many statements from now the process ends."""
        self.is_dead = False
        self.is_after_commit = False
        """The crash waits for the next commit and comes right behind it."""
        self.commits = self.statements = self.faults = 0
        self.on_commit: Callable[[set[str]], None] = lambda _written: None
        """Told of each commit, with the tables it wrote to."""
        self._written: set[str] = set()

    def store(self, loop: SimLoop) -> Store:
        """The store as a new process opens it."""
        self.loop, self.is_dead, self.crash_after, self.is_after_commit = loop, False, None, False
        writer, reader = (
            SimEngine(sync, self, n) for sync, n in zip(self._engines, (1, READERS), strict=True)
        )
        self._living = [writer, reader]
        url = parse_url(f"sqlite:///{self._path}")
        return Store(url, cast(AsyncEngine, writer), cast(AsyncEngine, reader), Signals())

    def keep_as_template(self) -> None:
        """What stands in the file now is what every seed begins with."""
        self.end()
        with sqlite3.connect(self._path) as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole.close()
        self._template = self._path.read_bytes()

    def look(self) -> sqlite3.Connection:
        """A plain connection for whoever checks."""
        return sqlite3.connect(self._path, isolation_level=None)

    def end(self) -> None:
        """The process is gone: what was not committed is lost."""
        for process in self._living:
            process.is_dead = True
        for raw in self._open:
            raw.close()
        self._open.clear()
        for engine in self._engines:
            engine.dispose(close=False)

    def close(self) -> None:
        """No more seeds: the folder goes."""
        self.end()
        self._folder.cleanup()

    def is_prompt(self) -> bool:
        """Whether a call is done before anybody else gets to run; most are, or a seed would take too long."""
        return self._rng.random() < PROMPT

    def soon(self, call: Callable[[], None]) -> "asyncio.Future[Any]":
        """Run this at a drawn moment, now and then as on a slow disk; a future of the loop for its result."""
        drawn = self._rng.random()
        if drawn < 0.9:
            self.loop.call_soon(call)
        else:
            self.loop.call_later(0.0005 if drawn < 0.99 else 0.05, call)
        return self.loop.create_future()

    def about_to(self, sql: str) -> None:
        """Before each statement: the place for faults and for the end."""
        self.statements += 1
        self._written.update(written_by(sql))
        if self.crash_after is not None:
            self.crash_after -= 1
            self.is_dead = self.is_dead or self.crash_after <= 0
        if self.is_dead:
            raise Crash
        if self.fault_chance and self._rng.random() < self.fault_chance:
            fault = _fault_of(sql, self._rng)
            if fault is not None:
                self.faults += 1
                raise sqlite3.OperationalError(FAULTS[fault])

    def committed(self) -> None:
        """After each commit."""
        self.commits += 1
        if self._written:
            # Only the one writer writes; what it took back is in here too, and makes one look too many.
            written, self._written = self._written, set()
            self.on_commit(written)
        if self.is_after_commit:
            self.is_dead = True
            raise Crash

    def _raw(self) -> Raw:
        raw = open_raw(self._path, self)
        self._open.append(raw)
        return raw


@cache
def written_by(sql: str) -> frozenset[str]:
    """The tables that a statement may write to."""
    return frozenset(INTO.findall(sql)) if sql.startswith(WRITES) else frozenset()


def _fault_of(sql: str, rng: Random) -> str | None:
    """What may go wrong with this statement; None when nothing does."""
    if sql.startswith("BEGIN IMMEDIATE"):
        return "locked"
    if sql == "COMMIT" or sql.startswith(WRITES):
        return rng.choice(("full", "io"))
    return None
