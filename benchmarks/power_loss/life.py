"""The shipped server's writing, done by its own parts while every change of its files is logged (see `power_loss`).

    LD_PRELOAD=shim.so python -m benchmarks.power_loss.life FOLDER --lives live:1,long:2 --synchronous FULL

FOLDER gets a folder for each life, with its `log`, and `truth` for what a judge must know. A mark in the log is
a promise: what it names must be there after any later power cut.
"""

import argparse
import asyncio
import ctypes
import hashlib
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.migrations.killing import make_scripts
from benchmarks.power_loss.judging import KEPT_BACKUPS, counted
from bot.channels.base import Inbound, Kind
from crm_store import backfill, engine, migrate, privacy, schema, stored_files
from crm_store.backup import Backup, make_backup
from crm_store.engine import open_store
from crm_store.files import Files
from crm_store.restore import restore
from tests.house import FakeClock, House, open_house

QUESTIONS = (
    "Where is my order?",
    "How do I return an item?",
    "What is the colour of the moon?",
    "/human",
    "hi",
)
PEOPLE = 40
LANE = "terminal:files"
LIVED_WITHIN_S = 240


class Life:
    """One store from its making on; everything in it follows from the seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder / "disk", random.Random(seed)
        self.folder.mkdir(parents=True)
        self.path, self.backups = self.folder / "store.db", self.folder / "backups"
        self.url, self.clock = f"sqlite:///{self.path}", FakeClock()
        self.files = Files(self.folder / "files", 1024 * 1024)
        self._shim = ctypes.CDLL(None)
        self._shim.power_loss_begin(str(self.folder).encode(), str(folder / "log").encode())
        self._number = 0

    def promise(self, **what: object) -> None:
        """From here on this must be there."""
        self._shim.power_loss_mark(json.dumps(what).encode())

    async def begin(self) -> None:
        """An empty store, made by the program's start."""
        await migrate.upgrade(self.url, backup_folder=self.backups, now=self.clock())
        self.promise(made=True)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[House]:
        """The store as its one server opens it, with reception and delivery at work."""
        store = open_store(self.url, owner=True)
        async with open_house(store, clock=self.clock) as house:
            yield house
        await store.close()

    async def talk(self, house: House, batches: int, largest: int) -> None:
        """Batches of customers' moves, each promised once reception says that it is committed."""
        for _ in range(batches):
            self.clock.advance(timedelta(seconds=1))
            await house.reception.receive([self._move() for _ in range(self.chance.randint(1, largest))])
            self.promise(batch=self.stamp)

    @property
    def stamp(self) -> str:
        """The present time as SQLite's columns have it."""
        return f"{self.clock():%Y-%m-%d %H:%M:%S.%f}"

    def _move(self) -> Inbound:
        self._number += 1
        number, address = str(self._number), str(self.chance.randrange(PEOPLE))
        text = self.chance.choice(QUESTIONS)
        return Inbound("terminal", number, "terminal", address, Kind.TEXT, text, platform_id=number)

    async def keep_file(self, house: House) -> None:
        """A file as a customer sends one: into the folder, then its row."""
        content = self.chance.randbytes(self.chance.randint(1, 9_000))
        taken = await self.files.keep(content, "picture.png")
        async with house.store.write() as session:
            await stored_files.add(session, taken, lane=LANE, now=self.clock())
        self.promise(file=taken.key, sha256=hashlib.sha256(content).hexdigest())

    async def back_up(self) -> Backup:
        """A backup; the newest few stay."""
        made = await make_backup(self.url, self.backups, now=self.clock(), keep=KEPT_BACKUPS)
        self.promise(backup=made.path.name, removed=[path.name for path in made.removed])
        return made

    def counted(self) -> dict[str, list[int]]:
        """What each batch wrote."""
        with sqlite3.connect(self.path) as connection:
            return counted(connection)


async def live(folder: Path, seed: int) -> None:
    """Everything a server does to its files in its life, from the first start to a restore."""
    life = Life(folder, seed)
    await life.begin()
    for _ in range(2):  # it is stopped and started again
        async with life.served() as house:
            await life.talk(house, 12, 12)
            await life.keep_file(house)
            await asyncio.gather(life.back_up(), life.talk(house, 6, 6))
            await privacy.scrub(house.store)  # as after an erasure: the log is emptied
            await life.talk(house, 4, 3)
            await life.keep_file(house)
    made, until = await life.back_up(), life.stamp
    async with life.served() as house:
        await life.talk(house, 5, 4)
    truth = life.counted()
    life.promise(restoring=until)
    await restore(made.path, life.url, now=life.clock())
    life.promise(restored=True)
    async with life.served() as house:
        await life.talk(house, 5, 4)
    truth |= life.counted()
    (folder / "truth").write_text(json.dumps(truth))


async def live_long(folder: Path, seed: int) -> None:
    """A server that runs on until its log is checkpointed several times by itself."""
    life = Life(folder, seed)
    await life.begin()
    async with life.served() as house:
        await life.talk(house, 60, 64)
    (folder / "truth").write_text(json.dumps(life.counted()))


async def live_upgrade(folder: Path, seed: int) -> None:
    """A server that is stopped, and started as its next version, whose upgrade fills columns in small batches."""
    life = Life(folder, seed)
    await life.begin()
    async with life.served() as house:
        await life.talk(house, 30, 12)
    make_scripts(folder)
    schema.SCRIPTS = folder / "scripts"
    (folder / "truth").write_text(json.dumps(life.counted()))
    await migrate.upgrade(life.url, backup_folder=life.backups, now=life.clock())
    life.promise(upgraded=schema.head())


LIVES = {"live": live, "long": live_long, "upgrade": live_upgrade}


def main() -> None:
    """Live as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lives", default="live:1", help="live:SEED,long:SEED,...")
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL", "OFF"), default="FULL")
    given = parser.parse_args()
    backfill.in_batches.__kwdefaults__ = {"at_once": 25}  # many commits for few rows
    if given.synchronous != "FULL":  # the control: how a loss would look
        changed = f"PRAGMA synchronous={given.synchronous}"
        shipped = engine.WRITER_PRAGMAS
        engine.WRITER_PRAGMAS = (*shipped[:1], changed, *shipped[2:])
        assert "PRAGMA synchronous=FULL" not in engine.WRITER_PRAGMAS
    scripts = schema.SCRIPTS
    for name in given.lives.split(","):
        kind, _, seed = name.partition(":")
        life = LIVES[kind](given.folder / name, int(seed))
        asyncio.run(asyncio.wait_for(life, LIVED_WITHIN_S))
        schema.SCRIPTS = scripts


if __name__ == "__main__":
    main()
