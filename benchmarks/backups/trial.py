"""The whole trial on one database: filled, backed up while it is written to, brought back, started on."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.backups.busy import LANE, NOW, Writer, make_store, writing
from benchmarks.backups.restoring import check
from benchmarks.databases import rows_of
from crm_store import privacy

BETWEEN_S = 2.0
"""Writing without a backup, for comparison."""
Place = Callable[[str], str]
"""Name of an empty database to its URL."""


@dataclass
class Taken:
    """What came of it."""

    megabytes: float = 0.0
    seconds: list[float] = field(default_factory=list)
    """Each backup from its first byte to its verified name."""
    cpu_s: list[float] = field(default_factory=list)
    p99_ms_meanwhile: list[float] = field(default_factory=list)
    p99_ms_otherwise: list[float] = field(default_factory=list)
    messages_per_s: int = 0
    restored: int = 0
    faults: list[str] = field(default_factory=list)
    came_back: int = 0
    """Erased people who were there after a restore."""


async def take(database_url: str, folder: Path) -> dict[str, Any]:
    """One backup by a process beside; what it tells, and when it began and ended."""
    command = [sys.executable, "-m", "benchmarks.backups.taking", database_url, str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    began = time.monotonic()
    told = await process.stdout.read()
    await process.wait()
    return dict(json.loads(told)) | {"began": began, "ended": time.monotonic()}


async def run(database_url: str, place: Place, folder: Path, megabytes: float, backups: int) -> Taken:
    """The figures."""
    result, made = Taken(), list[dict[str, Any]]()
    writer = await make_store(database_url, str(folder), megabytes)
    async with writing(writer):
        for _ in range(backups):
            since = time.monotonic()
            await asyncio.sleep(BETWEEN_S)
            result.p99_ms_otherwise.append(writer.p99_ms(since, time.monotonic()))
            taken = await take(database_url, folder / "backups")
            made.append(taken)
            result.p99_ms_meanwhile.append(writer.p99_ms(taken["began"], taken["ended"]))
            result.seconds.append(round(taken["seconds"], 2))
            result.cpu_s.append(round(taken["cpu_s"], 2))
    spent = sum(wait for _, wait in writer.waits)
    result.messages_per_s = round(sum(1 for _ in writer.waits) * 64 / spent)
    result.megabytes = round(max(taken["size"] for taken in made) / 1_000_000, 1)
    for turn, taken in enumerate(made):
        found = await check(
            Path(taken["path"]), taken["rows"], place(f"restored{turn}"), folder / f"shop{turn}"
        )
        result.faults += found.faults
        result.restored += 1
    await _erase(writer, result, place, folder, Path(made[-1]["path"]))
    return result


async def _erase(writer: Writer, result: Taken, place: Place, folder: Path, backup: Path) -> None:
    """Erase somebody; a backup from before, brought back over the store, must not bring them back."""
    url = writer.store.url.render_as_string(hide_password=False)
    theirs = f"SELECT DISTINCT customer_id FROM message WHERE lane = '{LANE}'"
    number = (await rows_of(_plain(url), theirs))[0][0]
    async with writer.store.write() as session:
        await privacy.erase_person(session, number, now=NOW, erased_by="cli")
    await writer.store.close()
    found = await check(backup, {}, url, folder / "erased")
    result.faults += found.faults
    result.came_back = len(await rows_of(_plain(url), theirs))
    if found.erased_again != 1:
        result.faults.append(f"{found.erased_again} people were erased again, not 1")
    result.restored += 1


def _plain(url: str) -> str:
    return url.replace("+aiosqlite", "").replace("+asyncpg", "")
