"""One trial: lives that are logged, and the disks that a cut may leave of each, judged."""

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from benchmarks.power_loss.disk import Disk, Image, Kind, Loss, Record, read_log
from benchmarks.power_loss.judging import Corrupt, Judge, Lost, Promised, Torn
from crm_store import schema

SHIM = Path(__file__).with_name("shim.c")
SCRIPTS = schema.SCRIPTS
LOSSES = tuple(Loss)
TURNS = ("live", "upgrade", "live", "long")
PER_LIFE = {"live": 2_500, "upgrade": 300, "long": 600}
"""So many images are made of one life before another one is lived."""
OPEN_EVERY, START_EVERY = 20, 200
"""One image in so many is opened by `open_store`, and one by the program's start; the others with its settings."""
SHOWN = 5


class NoCompiler(Exception):
    """The library cannot be made here."""


@dataclass
class Tally:
    """What came out."""

    images: int = 0
    repeated: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.images + other.images,
            self.repeated + other.repeated,
            self.faults + other.faults,
            self.losses + other.losses,
            [*self.examples, *other.examples][:SHOWN],
        )


def compile_shim(folder: Path) -> Path:
    """The library that logs; raises NoCompiler, which says what to install."""
    made = folder / "power_loss_shim.so"
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler("the power cuts need a C compiler: apt-get install gcc libc6-dev")
    done = subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", made, SHIM, "-ldl", "-lpthread"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoCompiler(
            f"the power cuts need a C compiler and the C library's headers (apt-get install gcc libc6-dev): "
            f"{done.stderr.strip()[:500]}"
        )
    return made


def record(folder: Path, shim: Path, lives: list[str], synchronous: str) -> None:
    """Live these lives in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.power_loss.life", str(folder), "--lives", ",".join(lives)]
    done = subprocess.run(
        [*command, "--synchronous", synchronous],
        env=os.environ | {"LD_PRELOAD": str(shim), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"the life that was to be logged failed: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        )


def moments(records: list[Record], count: int, chance: random.Random) -> Counter[int]:
    """After how many records to cut, and how often: half anywhere, half where most is at stake."""
    anywhere = range(1, len(records) + 1)
    marks, names, database = [], [], []
    paths: dict[int, str] = {}
    for turn, one in enumerate(records, 1):
        if one.kind is Kind.OPENED:
            paths[one.descriptor] = one.paths[0]
        elif one.kind is Kind.MARKED:
            marks.append(turn)
        elif one.kind in (Kind.RENAMED, Kind.LINKED, Kind.UNLINKED, Kind.CUT, Kind.MADE_FOLDER):
            names.append(turn)
        elif one.kind in (Kind.WRITTEN, Kind.SYNCED) and not paths[one.descriptor].endswith("-wal"):
            database.append(turn)  # a checkpoint, a backup, a restore, a start
    aims = [marks, names, database]
    found: Counter[int] = Counter()
    for turn in range(count):
        aim = aims[turn % 6] if turn % 6 < 3 else []
        near = chance.choice(aim) + chance.randint(0, 2) if aim else chance.choice(anywhere)
        found[min(near, len(records))] += 1
    return found


async def cut(life: Path, count: int, seed: int, scratch: Path) -> Tally:
    """So many images of one life, each judged."""
    records, chance = read_log(life / "log"), random.Random(seed)
    disk, promised = Disk(str(life / "disk")), Promised()
    place, tally, known = scratch / "image", Tally(), set[int]()
    judge = Judge(place, json.loads((life / "truth").read_text()))
    wanted = moments(records, count, chance)
    is_upgrade = (life / "scripts").exists()
    schema.SCRIPTS = life / "scripts" if is_upgrade else SCRIPTS
    start_every = 5 if is_upgrade else START_EVERY  # one that was cut off is to go on, and come to its end
    for turn, one in enumerate(records, 1):
        disk.apply(one)
        if one.kind is Kind.MARKED:
            promised.take(json.loads(one.data))
        for _ in range(wanted[turn]):
            loss, image = _new_image(disk, chance, known)
            tally.images += 1
            tally.losses[loss.value] += 1
            tally.repeated += image.signature in known
            known.add(image.signature)
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            image.write(disk.root, place)
            try:
                if tally.images % start_every == 0:
                    await judge.judge_started(promised)
                elif tally.images % OPEN_EVERY == 0:
                    await judge.judge_opened(promised)
                else:
                    judge.judge(promised)
            except (Corrupt, Lost, Torn) as error:
                tally.faults[type(error).__name__] += 1
                told = f"{life.name}, seed {seed}, after {turn} records, {loss.value}: {error}"
                tally.examples = [*tally.examples, told[:300]][:SHOWN]
    return tally


def _new_image(disk: Disk, chance: random.Random, known: set[int]) -> tuple[Loss, Image]:
    """One that was not seen yet, where the moment has another."""
    for _ in range(8):
        loss = chance.choice(LOSSES)
        image = disk.crash(chance, loss)
        if image.signature not in known:
            break
    return loss, image


def _cut(life: Path, count: int, seed: int) -> Tally:
    with tempfile.TemporaryDirectory(dir=life.parent) as scratch:
        return asyncio.run(cut(life, count, seed, Path(scratch)))


def plan(images: int, seed: int) -> dict[str, int]:
    """The lives to be lived, and the images to be made of each."""
    lives: dict[str, int] = {}
    while (left := images - sum(lives.values())) > 0:
        kind = TURNS[len(lives) % len(TURNS)]
        lives[f"{kind}:{seed + len(lives)}"] = min(left, PER_LIFE[kind])
    return lives


def run(images: int, seed: int, synchronous: str = "FULL") -> Tally:
    """The whole trial."""
    # In memory where there is some: what is durable is told by the log, not by the disk beneath.
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else None
    total = Tally()
    with tempfile.TemporaryDirectory(dir=base, prefix="frontdesk-power-") as name:
        folder = Path(name)
        shim, lives = compile_shim(folder), plan(images, seed)
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            waiting = list(lives)
            while waiting:  # a few at a time, so that the logs need little room
                some, waiting = waiting[:6], waiting[6:]
                record(folder, shim, some, synchronous)
                jobs = [
                    pool.submit(_cut, folder / life, lives[life] // 2 + part * (lives[life] % 2), seed + part)
                    for life in some
                    for part in (0, 1)
                ]
                total = sum((job.result() for job in jobs), total)
                for life in some:
                    shutil.rmtree(folder / life)
    return total
