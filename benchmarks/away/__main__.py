"""Telegram away with a full outbox, and how it empties once Telegram is back (R6); and a start with a full outbox (P8).

    python -m benchmarks.away --json                       30 minutes away, 50,000 waiting, in time that passes 4 times
                                                           as fast, then a start with 100,000 waiting
    python -m benchmarks.away --real --json                60 seconds away, 1,500 waiting, in true time
    python -m benchmarks.away --quick --json               what CI does

Bars: nothing lost, doubled or out of order; never more than 30 a second, one a second in a chat, 20 a minute in the
staff group, in any window over the moments they left (what the server recorded is told beside); every `retry_after`
kept; 95 % of the allowed rate and more; memory at most 40 MB more while it waits and drains. The first answer after a
start is told in seconds, and fails nothing. In fast time a pause of this machine lasts so many times as long, so the
windows are shorter there by 20 ms of true time.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.away import first_answer, ground
from benchmarks.away.fast_time import clock
from benchmarks.away.judging import Verdict, departed, judge
from benchmarks.faults.program import TOKEN, variables
from benchmarks.soak.readings import rss_mb
from tests.botapi import faults
from tests.botapi.server import BotApiServer

GROUP = -1009876543210
DEPARTURES = "departures"
PERSON = "I want to talk to a person"
ALLOWED_PER_S = 30.0
LEAST_SHARE = 0.95
MORE_MB = 40.0
JITTER_S = 0.02
ONE_IN = 200
"""Sends that are answered with 429, now and then."""


@dataclass(frozen=True)
class Plan:
    """How long Telegram is away, what waits meanwhile, and how fast time passes."""

    away_s: float
    queued: int
    chats: int
    scale: float
    handoffs: int


LONG = Plan(1800, 50_000, 1_000, 4, 30)
REAL = Plan(60, 1_500, 200, 1, 10)
QUICK = Plan(20, 150, 50, 4, 0)


@dataclass(frozen=True)
class Result:
    """The figures."""

    plan: Plan
    verdict: Verdict
    share_of_allowed: float
    more_mb: float

    @property
    def holds(self) -> bool:
        """Whether the bars hold."""
        v = self.verdict
        wrong = (v.lost, v.doubled, v.out_of_order, v.too_early)
        too_many = (v.too_many_overall, v.too_many_in_a_chat, v.too_many_in_the_group)
        is_fast = self.share_of_allowed >= LEAST_SHARE or self.plan is QUICK  # too short to tell
        return not any(wrong) and not any(too_many) and is_fast and self.more_mb <= MORE_MB


async def run(plan: Plan, seed: int = 1) -> Result:
    """The whole trial."""
    with tempfile.TemporaryDirectory(prefix="away-") as name:
        folder, origin = Path(name), time.monotonic()
        await ground.fill(f"sqlite:///{folder / 'frontdesk.db'}", plan.queued, plan.chats)
        now = clock(plan.scale, origin)
        api = BotApiServer(token=TOKEN, checks=False, clock=now)
        api.group(GROUP)
        api.pour([(ground.FIRST_CHAT + n, "hi") for n in range(1, plan.chats + 1)])
        await api.start()
        port = int(api.base_url.rpartition(":")[2])
        await api.stop()
        api.world.updates.drop()
        process = await _start(folder, api.base_url, plan.scale, origin)
        try:
            await asyncio.sleep(4)  # it has its articles, and looks for Telegram
            before = rss_mb(process.pid)
            await asyncio.sleep(plan.away_s / plan.scale)
            await api.start(port)
            most_mb, asked = await _drain(api, process, plan, random.Random(seed))
        finally:
            await _end(process)
            await api.stop()
        left = departed(folder / DEPARTURES)
    verdict = judge(api.calls, left, JITTER_S * plan.scale, plan.queued, plan.chats, asked)
    share = verdict.drain_per_s / ALLOWED_PER_S
    return Result(plan, verdict, round(share, 4), round(most_mb - before, 1))


async def _start(folder: Path, base_url: str, scale: float, origin: float) -> Process:
    settings = {
        "telegram_base_url": base_url,
        "telegram_staff_group": str(GROUP),
        "overall_per_s": "30",
        "per_chat_per_s": "1",
        "per_group_per_min": "20",
        "log_level": os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR"),
    }
    command = [sys.executable, "-m", "benchmarks.away.hurried_bot", str(scale), str(origin), DEPARTURES]
    return await asyncio.create_subprocess_exec(*command, cwd=folder, env=variables(folder, settings))


async def _drain(
    api: BotApiServer, process: Process, plan: Plan, chance: random.Random
) -> tuple[float, dict[float, float]]:
    """The most memory it had, and what 429s asked for, by their moments."""
    api.pour([(n, PERSON) for n in range(1, plan.handoffs + 1)])
    most, asked, quiet = rss_mb(process.pid), {}, 0.0
    seen, waits, ordered = 0, 3, 0
    step_s, patience_s = 0.1, (75.0 if plan.handoffs else 8.0) / plan.scale + 3  # the group takes its time
    while quiet < patience_s:
        await asyncio.sleep(step_s)
        most = max(most, rss_mb(process.pid))
        for call in api.calls[seen:]:
            if call.status == 429:
                asked[call.at] = float(waits)
        quiet = quiet + step_s if len(api.calls) == seen or _only_polls(api, seen) else 0.0
        seen = len(api.calls)
        if seen // ONE_IN > ordered:
            ordered = seen // ONE_IN
            api.fail("sendMessage", faults.too_many_requests(waits))
    return most, asked


def _only_polls(api: BotApiServer, seen: int) -> bool:
    return all(call.method.lower() == "getupdates" for call in api.calls[seen:])


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 30)
    except TimeoutError:
        process.kill()
        await process.wait()


def main() -> None:
    """Print the figures; exit status 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--real", action="store_true")
    form.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--backlog", type=int, default=100_000, help="waiting when it starts; 0 leaves that out"
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = asyncio.run(run(REAL if given.real else QUICK if given.quick else LONG))
    told = asdict(result) | {"holds": result.holds}
    print(told, file=sys.stderr, flush=True)
    if given.backlog and not (given.real or given.quick):
        told["first_answer_s"] = asyncio.run(first_answer.seconds(given.backlog))
        told["first_answer_without_backlog_s"] = asyncio.run(first_answer.seconds(0))
    if given.json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:32} {value}")
    sys.exit(0 if result.holds else 1)


if __name__ == "__main__":
    main()
