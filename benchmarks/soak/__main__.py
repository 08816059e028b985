"""The real program for a long time under everyday load, with every feature on and customers coming and going.

    python -m benchmarks.soak --minutes 60 --rate 200 --json

Bars: 0 descriptors, tasks and threads left when the load is gone; the write-ahead log at most 64 MB; memory at most
5 % more at the end than after a sixth of the time (minute 10 of 60), which counts in runs of 20 minutes and more:
before, caches fill. `lost` are messages without a row, `doubled` rows without a message, by chat and words; `unsent`
are answers that never left. What was left behind is told as it was counted: pools breathe, and a connection, its
thread, a timer more than before the load is none that was left by one of thousands of customers.
"""

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bars import Bar, command_line, none_of, tell
from benchmarks.faults.program import TOKEN, Program, running
from benchmarks.shop import prepare
from benchmarks.soak.customers import Crowd, visit
from benchmarks.soak.readings import Reading, read
from benchmarks.soak.staff import Office, hire
from tests.botapi.server import BotApiServer

MAX_GROWTH = 0.05
MAX_WAL_MB = 64.0
RSS_COUNTS_FROM_MIN = 20
SETTLES_WITHIN_S = 40.0
"""Idle connections are kept for 15 seconds, and looked at every 15."""
GROUP = -1001234567890
KEPT = """SELECT substr(lane, 10), text, count(*) FROM message WHERE author = 'customer'
 AND lane LIKE 'telegram:1____%' AND kind <> 'button' GROUP BY 1, 2"""
SLACK = {"fds": 3, "tasks": 2, "threads": 2}
BARS = (
    *none_of("lost", "doubled", "unsent", "parked", "failed_requests"),
    *(Bar(f"leaked_{name}", at_most=slack) for name, slack in SLACK.items()),
    Bar("max_wal_mb", at_most=MAX_WAL_MB),
)
GROWTH = Bar("rss_growth", at_most=MAX_GROWTH)


@dataclass(frozen=True)
class Result:
    """The figures; what was left behind is counted against the time before the load."""

    minutes: float
    rate: float
    written: int
    presses: int
    handed_off: int
    lost: int
    doubled: int
    unsent: int
    parked: int
    failed_requests: int
    rss_early_mb: float
    rss_end_mb: float
    rss_growth: float
    leaked_fds: int
    leaked_tasks: int
    leaked_threads: int
    max_wal_mb: float
    curve: list[Reading]

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What the figures are held against."""
        return (*BARS, GROWTH) if self.minutes >= RSS_COUNTS_FROM_MIN else BARS


async def run(minutes: float, rate: float, *, seed: int = 1, every_s: float = 10.0) -> Result:
    """The whole run on an SQLite file of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await prepare(f"sqlite:///{folder / 'frontdesk.db'}")
        async with BotApiServer(token=TOKEN, checks=False, records=False) as api:
            api.group(GROUP)
            key = await hire(folder)
            desk = {"telegram_staff_group": str(GROUP), "per_group_per_min": "1200", "log_level": "WARNING"}
            async with running(folder, api, settings=desk) as program:
                soaked = await _soak(program, folder / "frontdesk.db", key, minutes, rate, seed, every_s)
                await program.stop()
        return judge(soaked, minutes, rate, folder / "frontdesk.db")


@dataclass
class Soaked:
    """What was done and seen."""

    crowd: Crowd
    office: Office
    before: Reading
    curve: list[Reading]
    after: Reading


async def _soak(
    program: Program, database: Path, key: str, minutes: float, rate: float, seed: int, every_s: float
) -> Soaked:
    crowd, office = Crowd(program.api, rate, random.Random(seed)), Office(program, key)
    await _warm_up(program)
    before, curve, until = await read(program, database, 0), [], asyncio.Event()
    publishing_every_s = min(30.0, minutes * 60 / 4)
    work = [
        asyncio.create_task(one)
        for one in (
            crowd.write(until),
            crowd.press(until),
            office.serve(until),
            office.publish(until, publishing_every_s),
            office.read(until),
            visit(program, until, random.Random(seed)),
        )
    ]
    began = time.monotonic()
    while (passed := time.monotonic() - began) < minutes * 60:
        await asyncio.sleep(min(every_s, minutes * 60 - passed))
        curve.append(await read(program, database, time.monotonic() - began))
        crowd.forget()
        for task in work:
            if task.done() and task.exception() is not None:
                await task  # raises: the load itself broke
        print(asdict(curve[-1]), file=sys.stderr, flush=True)
    until.set()
    await asyncio.gather(*work)
    after = await _settled(program, database, before)
    return Soaked(crowd, office, before, curve, after)


async def _warm_up(program: Program) -> None:
    """One of everything, so that pools and caches that are always there are counted as there."""
    program.api.pour([(1, "hello"), (1, "where is my parcel?")])
    visitor = await program.visitor()
    await visitor.hello(language="en")
    await visitor.ask("hello")
    await visitor.socket.close()
    program.visitors.clear()
    await asyncio.sleep(3)


async def _settled(program: Program, database: Path, before: Reading) -> Reading:
    """The state once the load is gone; connections that are kept for a while are given their time."""
    await program.api.wait_until_confirmed(timeout=600)
    async with asyncio.timeout(600):
        while (await program.metrics())["frontdesk_messages_unsent"]:
            await asyncio.sleep(0.5)
    began = time.monotonic()
    while True:
        now = await read(program, database, -1)
        left = [name for name, slack in SLACK.items() if getattr(now, name) > getattr(before, name) + slack]
        if not left or time.monotonic() - began > SETTLES_WITHIN_S:
            return now
        await asyncio.sleep(0.5)


def judge(soaked: Soaked, minutes: float, rate: float, database: Path) -> Result:
    """The readings and the store against what was written."""
    crowd, curve = soaked.crowd, soaked.curve
    with closing(sqlite3.connect(database)) as connection:
        kept = Counter({(int(chat), text): count for chat, text, count in connection.execute(KEPT)})
        unsent, parked = [connection.execute(sql).fetchone()[0] for sql in (
            "SELECT count(*) FROM message WHERE delivery IN ('pending', 'sending', 'dead', 'ambiguous')",
            "SELECT count(*) FROM parked_update",
        )]  # fmt: skip
    early = [one.rss_mb for one in curve if one.at_s >= minutes * 60 / 6] or [curve[-1].rss_mb]
    few = max(1, len(early) // 20)
    first, last = _typical(early[:few]), _typical(early[-few:])
    leaked = {name: max(0, getattr(soaked.after, name) - getattr(soaked.before, name)) for name in SLACK}
    return Result(
        minutes=minutes,
        rate=rate,
        written=crowd.written.total(),
        presses=crowd.pressed,
        handed_off=crowd.handed_off,
        lost=(crowd.written - kept).total(),
        doubled=(kept - crowd.written).total(),
        unsent=unsent,
        parked=parked,
        failed_requests=sum(n for status, n in soaked.office.done.items() if status >= 500),
        rss_early_mb=first,
        rss_end_mb=last,
        rss_growth=round(last / first - 1, 4),
        leaked_fds=leaked["fds"],
        leaked_tasks=leaked["tasks"],
        leaked_threads=leaked["threads"],
        max_wal_mb=max(one.wal_mb for one in curve),
        curve=curve,
    )


def _typical(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


def main() -> int:
    """Print the figures; 1 when a bar does not hold."""
    parser = command_line(__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=200, help="messages a second")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = asyncio.run(run(given.minutes, given.rate, seed=given.seed))
    told = asdict(result)
    if not given.json:
        del told["curve"]
    return tell(told, result.bars, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
