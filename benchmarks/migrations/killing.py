"""One upgrade run through, and one killed on its way again and again, compared."""

import asyncio
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.migrations.store import digest_of, state_of
from crm_store import schema

REVISIONS = Path(__file__).parent / "revisions"
LOOK_EVERY_S = 0.02
State = tuple[str, int]
Copy = Callable[[str], Awaitable[str]]
"""Makes a copy of the filled store under this name and gives its URL."""


@dataclass
class Killed:
    """What came of it."""

    kills: int = 0
    killed_at: dict[str, int] = field(default_factory=dict)
    """The revision (with '+' while its successor works in batches) to the kills that found the database there."""
    went_back: int = 0
    """Kills after which less was done than a look before the kill had seen."""
    same_result: bool = True
    unkilled_s: float = 0.0
    backups_left: int = 0
    leftovers: int = 0
    """Unfinished files in the folder of backups."""


class Upgrade:
    """The next version's start as a process."""

    def __init__(self, database_url: str, folder: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.migrations.upgrading", database_url]
        self._process = subprocess.Popen(
            [*command, str(folder / "scripts"), str(folder / "backups")], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self.began = time.monotonic()

    @property
    def runs(self) -> bool:
        """Whether it has not ended; raises when it ended badly."""
        status = self._process.poll()
        if status:
            raise RuntimeError(f"the upgrade failed with status {status}")
        return status is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate()

    def wait(self) -> None:
        """Until it has ended well."""
        self._process.communicate()
        assert not self.runs


def make_scripts(folder: Path) -> None:
    """The next version's migrations: this one's and the benchmark's."""
    scripts = folder / "scripts"
    shutil.copytree(schema.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    for path in REVISIONS.glob("*.py"):
        shutil.copy(path, scripts / "versions")


async def run_through(database_url: str, folder: Path) -> tuple[float, list[tuple[float, State]]]:
    """How long an upgrade takes, and when it was seen in which state."""
    upgrade, seen = Upgrade(database_url, folder), list[tuple[float, State]]()
    while upgrade.runs:
        with suppress(Exception):  # a look that comes at a bad moment
            state = await state_of(database_url)
            if not seen or seen[-1][1] != state:
                seen.append((time.monotonic() - upgrade.began, state))
        await asyncio.sleep(LOOK_EVERY_S)
    took = time.monotonic() - upgrade.began
    upgrade.wait()
    return took, seen


async def run_killed(copy: Copy, folder: Path, kills: int, seed: int) -> Killed:
    """The trial; the kills are spread evenly at random over the work of one upgrade."""
    make_scripts(folder)
    chance, result = random.Random(seed), Killed()
    whole = await copy("whole")
    result.unkilled_s, seen = await run_through(whole, folder)
    wanted = await digest_of(whole)
    shutil.rmtree(folder / "backups", ignore_errors=True)
    while (
        result.kills < kills
    ):  # one way is as a rule enough; one that came to its end early is followed by another
        url = await copy(f"killed{result.kills}")
        points = sorted(chance.uniform(0, seen[-1][0]) for _ in range(kills - result.kills))
        for point in points:
            if not await kill_at(point, url, folder, seen, result):
                break
        Upgrade(url, folder).wait()
        result.same_result &= await digest_of(url) == wanted
    if (folder / "backups").exists():
        names = [path.name for path in (folder / "backups").iterdir()]
        result.backups_left = sum(name.endswith(".db") for name in names)
        result.leftovers = sum(".part" in name for name in names)
    result.unkilled_s = round(result.unkilled_s, 1)
    return result


async def kill_at(
    point: float, url: str, folder: Path, seen: list[tuple[float, State]], result: Killed
) -> bool:
    """Kill it when so much of the work is done; false when it came to its end before."""
    # By what is done and not by the clock, which runs otherwise when the machine is busy.
    since, aim = max((look for look in seen if look[0] <= point), default=seen[0])
    upgrade, last, is_reached_at = Upgrade(url, folder), ("", 0), None
    while upgrade.runs and (is_reached_at is None or time.monotonic() - is_reached_at < point - since):
        with suppress(Exception):
            last = max(last, await state_of(url))
        if is_reached_at is None and last >= aim:
            is_reached_at = time.monotonic()
        await asyncio.sleep(LOOK_EVERY_S)
    if not upgrade.runs:
        upgrade.wait()
        return False
    upgrade.kill()
    after = await state_of(url)
    result.kills += 1
    result.went_back += after < last
    place = after[0] + ("+" if after[1] else "")
    result.killed_at[place] = result.killed_at.get(place, 0) + 1
    return True
