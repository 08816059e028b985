"""Telegram away with a full outbox, and how it empties once Telegram is back (R6); and a start with a full outbox (P8).

    python -m benchmarks.away --json                       30 minutes away, 50,000 waiting, in time that passes 4 times
                                                           as fast, then a start with 100,000 waiting
    python -m benchmarks.away --real --json                60 seconds away, 1,500 waiting, in true time
    python -m benchmarks.away --quick --json               what CI does

Bars: nothing lost, doubled or out of order; never more than 30 a second, one a second in a chat after a burst of
three, 20 a minute in the staff group, in any window over the moments they were let go (what the server recorded is
told beside); every `retry_after` kept; 95 % of the allowed rate and more; memory at most 40 MB more while it waits
and drains. So that these bars say something, some chats have more waiting than they may be sent at once, and some
sends are answered with 429. The first answer after a start is told in seconds, and fails nothing. In fast time a
pause of this machine lasts so many times as long, so the windows are shorter there by 20 ms of true time.
"""

import asyncio
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
from typing import Any

from benchmarks.away import first_answer, ground
from benchmarks.away.fast_time import clock
from benchmarks.away.ground import Backlog
from benchmarks.away.judging import Verdict, departed, judge
from benchmarks.bars import Bar, command_line, none_of, tell
from benchmarks.faults.program import TOKEN, variables
from benchmarks.soak.readings import rss_mb
from tests.botapi import faults
from tests.botapi.server import BotApiServer

GROUP = -1009876543210
DEPARTURES = "departures"
PERSON = "I want to talk to a person"
ALLOWED_PER_S = 30.0
MORE_MB = 40.0
SAID, AWAY = "bot.log", "nothing can be sent"
JITTER_S = 0.02


@dataclass(frozen=True)
class Plan:
    """How long Telegram is away, what waits meanwhile, and how fast time passes."""

    away_s: float
    backlog: Backlog
    scale: float
    handoffs: int
    one_in: int = 200
    """One send in so many is answered with 429."""
    least_share: float | None = 0.95
    """Of the allowed rate; None where it is over too soon to tell."""

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What the figures are held against."""
        too_many = ("too_many_overall", "too_many_in_a_chat", "too_many_in_the_group")
        return (
            *none_of("lost", "doubled", "out_of_order", "too_early", *too_many),
            *(Bar(name, at_least=1) for name in ("held_up_by_their_chat", "asked_to_wait")),
            *([Bar("share_of_allowed", at_least=self.least_share)] if self.least_share else []),
            Bar("more_mb", at_most=MORE_MB),
            Bar("first_answer_s", at_most=3, ends=False),
        )


LONG = Plan(1800, Backlog(50_000, 1_000, 20), 4, 30)
REAL = Plan(60, Backlog(1_500, 200, 5), 1, 10)
QUICK = Plan(20, Backlog(150, 50, 2), 4, 0, one_in=15, least_share=None)


@dataclass(frozen=True)
class Result:
    """The figures."""

    plan: Plan
    verdict: Verdict
    share_of_allowed: float
    more_mb: float

    @property
    def figures(self) -> dict[str, Any]:
        """By name."""
        told = asdict(self.verdict) | {"share_of_allowed": self.share_of_allowed, "more_mb": self.more_mb}
        return told | {"plan": asdict(self.plan)}


async def run(plan: Plan, seed: int = 1) -> Result:
    """The whole trial."""
    with tempfile.TemporaryDirectory(prefix="away-") as name:
        folder, origin = Path(name), time.monotonic()
        await ground.fill(f"sqlite:///{folder / 'frontdesk.db'}", plan.backlog)
        now = clock(plan.scale, origin)
        api = BotApiServer(token=TOKEN, checks=False, clock=now)
        api.group(GROUP)
        api.pour([(ground.FIRST_CHAT + n, "hi") for n in range(1, plan.backlog.chats + 1)])
        await api.start()
        port = int(api.base_url.rpartition(":")[2])
        await api.stop()
        api.world.updates.drop()
        process = await _start(folder, api.base_url, plan.scale, origin)
        try:
            await _at_work(folder)
            before = rss_mb(process.pid)
            await asyncio.sleep(plan.away_s / plan.scale)
            await api.start(port)
            most_mb, asked = await _drain(api, process, plan, random.Random(seed))
        finally:
            await _end(process)
            await api.stop()
        left = departed(folder / DEPARTURES)
    verdict = judge(api.calls, left, JITTER_S * plan.scale, plan.backlog, asked)
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
    with (folder / SAID).open("wb") as said:
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=variables(folder, settings), stdout=said, stderr=said
        )


async def _at_work(folder: Path) -> None:
    """Returns once it has started and found that Telegram is away: what a start takes is no matter of that."""
    async with asyncio.timeout(60):
        while AWAY not in (folder / SAID).read_text():
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)


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
        if seen // plan.one_in > ordered:
            ordered = seen // plan.one_in
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


def main() -> int:
    """Print the figures; 1 when a bar does not hold."""
    parser = command_line(__doc__)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--real", action="store_true")
    form.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--backlog", type=int, default=100_000, help="waiting when it starts; 0 leaves that out"
    )
    given = parser.parse_args()
    result = asyncio.run(run(REAL if given.real else QUICK if given.quick else LONG))
    told = result.figures
    print(told, file=sys.stderr, flush=True)
    if given.backlog and not (given.real or given.quick):
        told["first_answer_s"] = asyncio.run(first_answer.seconds(given.backlog))
        told["first_answer_without_backlog_s"] = asyncio.run(first_answer.seconds(0))
    return tell(told, result.plan.bars, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
