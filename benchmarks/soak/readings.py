"""What a process holds, read from outside: memory, descriptors, threads, tasks, and its database's log file."""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.program import Program

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20
MB = 2**20


@dataclass(frozen=True)
class Reading:
    """One look; `at_s` counts from the beginning of the load."""

    at_s: float
    rss_mb: float
    fds: int
    sockets: int
    threads: int
    tasks: int
    wal_mb: float
    behind: int
    """Updates the bot has not confirmed."""


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB


def _descriptors(pid: int) -> list[str]:
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


async def read(program: Program, database: Path, at_s: float) -> Reading:
    """The state now."""
    descriptors = _descriptors(program.pid)
    threads = len(list(Path(f"/proc/{program.pid}/task").iterdir()))
    wal = database.with_name(database.name + "-wal")
    figures = await program.metrics()
    return Reading(
        at_s=round(at_s, 1),
        rss_mb=round(rss_mb(program.pid), 1),
        fds=len(descriptors),
        sockets=sum(name.startswith("socket:") for name in descriptors),
        threads=threads,
        tasks=int(figures.get("frontdesk_tasks", -1)),
        wal_mb=round(wal.stat().st_size / MB, 2) if wal.exists() else 0.0,
        behind=len(program.api.world.updates.pending),
    )
