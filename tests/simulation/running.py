"""Seeds played one after the other in this process, over one set of engines."""

import asyncio
import gc
import logging
import sys
import tempfile
import traceback
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch

from crm_store import engine
from crm_store.engine import parse_url
from crm_store.schema import apply, with_connection
from tests.simulation import engines
from tests.simulation.broken import Broken
from tests.simulation.disk import Disk
from tests.simulation.drama import Result, play, stage
from tests.simulation.house import House, WebPage
from tests.simulation.loop import SimLoop, enter
from tests.simulation.people import prepare
from tests.simulation.universe import NOON, PACES, Universe

COLLECT_EVERY = 20


def make_template() -> bytes:
    """A database file with the schema, from the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        asyncio.run(with_connection(parse_url(f"sqlite:///{path}"), apply))
        return path.read_bytes()


def open_disk() -> Disk:
    """A disk whose files begin with a shop: three articles, three agents."""
    disk = Disk(make_template())
    loop = SimLoop(Random(0), 0.0, 0.0)  # type: ignore[abstract]
    enter(loop)
    nobody = Random(0)
    house = House(disk, loop, None, lambda: NOON, PACES[0], WebPage(lambda _: None))  # type: ignore[arg-type]
    task = loop.create_task(prepare(house))
    while not task.done():
        if not loop.step():
            loop.advance(loop.next_moment() or 0.0)
    enter(None)
    task.result()
    disk.keep_as_template()
    disk.reset(nobody)
    return disk


def run_seed(disk: Disk, seed: int) -> Result:
    """One run, from its seed alone."""
    errors: list[str] = []
    broken = None
    with stage(errors):
        world = Universe(disk, seed)
        world.errors = errors
        try:
            play(world)
        except Broken as error:
            broken = str(error)
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            broken = f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
        finally:
            world.end()
            world.close()
    return Result(seed, world.events, world.crashes, disk.faults, broken, tuple(world.trace))


@contextmanager
def quiet() -> Iterator[None]:
    """Dead processes leave coroutines behind that nobody will await; collecting them is put off and not reported."""
    hook, was_on = sys.unraisablehook, gc.isenabled()
    sys.unraisablehook = lambda _unraisable: None
    pool = logging.getLogger("sqlalchemy.pool")
    level = pool.level
    pool.setLevel(logging.CRITICAL + 1)
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                with patch.object(engine, "_sessions", engines.sessions):
                    yield
            finally:
                gc.collect()
    finally:
        sys.unraisablehook = hook
        pool.setLevel(level)
        if was_on:
            gc.enable()


def run(seeds: range) -> Generator[Result, None, None]:
    """The results, seed by seed."""
    with quiet(), closing(open_disk()) as disk:
        gc.freeze()  # what is there now stays, and need not be looked at again: not here, nor in later tests
        for done, seed in enumerate(seeds, 1):
            yield run_seed(disk, seed)
            if done % COLLECT_EVERY == 0:
                gc.collect()
