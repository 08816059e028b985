"""One fault tried on the real program under load, and what came of it."""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from benchmarks.bars import Bar, all_of, none_of
from benchmarks.bars import judged as held_against
from benchmarks.faults.customers import Customers, rest
from benchmarks.faults.judging import Judged, judge
from benchmarks.faults.line import Line
from benchmarks.faults.program import TOKEN, Program, running
from benchmarks.faults.scene import Fault, Scene, Surroundings
from benchmarks.shop import QUESTION, TOPICS, prepare
from tests.botapi.server import BotApiServer
from tests.webchat import Visitor

WRITTEN_PER_S = 20
DEGRADED_WITHIN_S = 2.0
LINES = 12
"""The log has a word for a fault's beginning and its end, and a few for who stumbled over it."""
CHAT = 77
INDISCREET = (TOKEN, "find everything about", "Traceback")
SERVED_WITHIN_S = 3.0


@dataclass(frozen=True)
class Found:
    """What came of one fault; seconds are None where they do not apply or it never came."""

    fault: str
    seconds: float
    judged: Judged
    seen: "Seen"
    log_is_discreet: bool
    failed: list[str]
    counts: dict[str, float]

    def figures(self, fault: Fault) -> dict[str, Any]:
        """All of it by name, with the fault's bars and whether each was held, those of time too."""
        told = asdict(self)
        told |= {"holds": not self.failed, **told.pop("judged"), **told.pop("seen")}
        return told | held_against(told, bars_of(fault))


@dataclass
class Seen:
    """What was seen while the fault lasted and after."""

    degraded_after_s: float | None = None
    told: list[str] = field(default_factory=list)
    """What readiness said was wrong."""
    web_sign: bool | None = None
    web_served: bool | None = None
    in_order_after_s: float | None = None
    answered_after_s: float | None = None
    log_lines: int = 0


async def try_fault(name: str, fault: Fault, *, short: bool, seed: int = 1) -> Found:
    """The whole trial; raises Impossible where the fault cannot be made."""
    seconds = fault.short_s if short else fault.seconds
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, fault.around(Path(folder)) as around:
        await prepare(around.database_url)
        async with BotApiServer(token=TOKEN, checks=False, records=False) as api:
            trial = Customers(api, random.Random(seed))
            async with _way(around, api) as (url, line):
                settings = {"database_url": around.database_url, "telegram_base_url": url, **around.settings}
                async with running(
                    around.folder, api, extra=around.environment, settings=settings
                ) as program:
                    scene = Scene(around, program, trial, seconds, line)
                    seen = await live(fault, scene)
                    await rest(api)
                    await program.stop()
            judged = await judge(api, trial.written, around.database_url)
        return _found(name, fault, scene, seen, judged)


@asynccontextmanager
async def _way(around: Surroundings, api: BotApiServer) -> AsyncIterator[tuple[str, Line | None]]:
    """The address under which the program finds the Bot API server."""
    if around.way != "line":
        yield api.base_url.replace("127.0.0.1", "localhost" if around.way == "name" else "127.0.0.1"), None
        return
    line = Line(urlsplit(api.base_url).port or 0)
    try:
        yield await line.open(), line
    finally:
        await line.close()


async def live(fault: Fault, scene: Scene, before_s: float = 1.5, after_s: float = 1.0) -> Seen:
    """What is seen while the fault lasts, and until all is well."""
    seen, program = Seen(), scene.program
    writing = asyncio.create_task(_write(scene.trial))
    try:
        await asyncio.sleep(before_s)
        visitor = await _visitor(program)
        lines, began = _complaints(program), time.monotonic()
        async with fault.breaks(scene):
            watching = asyncio.create_task(_watch(program, seen, began, fault))
            visiting = asyncio.create_task(_visit(visitor, seen, fault, scene.seconds))
            await asyncio.sleep(max(0.0, scene.seconds - (time.monotonic() - began)))
            watching.cancel()
        ended = time.monotonic()
        await asyncio.gather(_in_order(program, seen, ended), _answered(program, seen, ended))
        await asyncio.gather(watching, visiting, return_exceptions=True)
        seen.log_lines = _complaints(program) - lines
        await asyncio.sleep(after_s)
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    return seen


async def _write(trial: Customers) -> None:
    while True:
        trial.write(WRITTEN_PER_S // 10)
        await asyncio.sleep(0.1)


async def _visitor(program: Program) -> Visitor:
    visitor = await program.visitor()
    await visitor.hello(language="en")
    await visitor.ask(QUESTION.format(TOPICS[0]))
    return visitor


async def _watch(program: Program, seen: Seen, began: float, fault: Fault) -> None:
    """Look at readiness all the while; no answer at all is an answer too."""
    while True:
        told = await program.readiness(0.8)
        if told.get("status") != "ready":
            if seen.degraded_after_s is None:
                seen.degraded_after_s = round(time.monotonic() - began, 2)
            for one in told.get("troubles", ()):
                line = f"{one['part']}: {one['what']}"
                if line not in seen.told:
                    seen.told.append(line)
        await asyncio.sleep(0.05)


async def _visit(visitor: Visitor, seen: Seen, fault: Fault, seconds: float) -> None:
    """A web customer writes while the fault lasts."""
    await asyncio.sleep(min(1.0, seconds / 4))
    await visitor.say(QUESTION.format(TOPICS[1]))
    with suppress(TimeoutError, TypeError, aiohttp.ClientError):  # TypeError: the socket was closed
        if fault.has_sign:
            seen.web_sign = False
            seen.web_sign = (await visitor.next("error"))["code"] == "delayed"
        if fault.is_served:
            seen.web_served = False
            async with asyncio.timeout(SERVED_WITHIN_S):
                await visitor.next("message")
            seen.web_served = True


async def _in_order(program: Program, seen: Seen, ended: float) -> None:
    if await program.until("ready", within_s=90) is not None:
        seen.in_order_after_s = round(time.monotonic() - ended, 2)


async def _answered(program: Program, seen: Seen, ended: float) -> None:
    """A new customer asks the moment the fault is over."""
    had = len(program.api.sent(CHAT))
    program.api.pour([(CHAT, QUESTION.format(TOPICS[0]))])
    with suppress(AssertionError):
        await program.api.wait_for_sent(CHAT, had + 1, timeout=120)
        seen.answered_after_s = round(time.monotonic() - ended, 2)


def _complaints(program: Program) -> int:
    return sum(json.loads(line).get("level") in ("warning", "error", "critical") for line in program.lines)


def _found(name: str, fault: Fault, scene: Scene, seen: Seen, judged: Judged) -> Found:
    tells_little = is_discreet(scene.program)
    if not tells_little:
        _show_indiscretions(scene.program)
    failed = shortcomings(fault, seen, judged, tells_little)
    return Found(
        fault=name,
        seconds=scene.seconds,
        judged=judged,
        seen=seen,
        log_is_discreet=tells_little,
        failed=failed,
        counts=scene.counts,
    )


def _show_indiscretions(program: Program) -> None:
    """What the log should not have told, for who mends it."""
    for line in program.said.splitlines():
        if any(sign in line for sign in INDISCREET):
            told = json.loads(line) if line.startswith("{") else {"event": line}
            print(told.pop("exception", "")[-1500:], told, sep="\n", file=sys.stderr)


def is_discreet(program: Program) -> bool:
    """Whether the log tells neither the token, nor anybody's words, nor tracebacks."""
    return not any(sign in program.said for sign in INDISCREET)


def shortcomings(fault: Fault, seen: Seen, judged: Judged, tells_little: bool) -> list[str]:
    """What is not as it should be. Times are told, but fail nothing (they hang on the machine's other work)."""
    checks = [
        ("messages were lost", judged.lost > 0),
        ("answers were given up", judged.given_up > 0 and not fault.doubles),
        ("rows were doubled", judged.duplicated > 0),
        ("order was broken", judged.out_of_order > 0),
        ("answers came twice", judged.extra_deliveries > 0 and not fault.doubles),
        ("the database is damaged", judged.damaged > 0),
        ("readiness never told of it", fault.is_seen and seen.degraded_after_s is None),
        ("it was not in order again", seen.in_order_after_s is None),
        ("nobody was answered afterwards", seen.answered_after_s is None),
        ("the web chat gave no sign", fault.has_sign and not seen.web_sign),
        ("web customers were not answered meanwhile", fault.is_served and not seen.web_served),
        ("the log was flooded", seen.log_lines > LINES + fault.extra_lines),
        ("the log tells too much", not tells_little),
    ]
    return [what for what, is_so in checks if is_so]


def bars_of(fault: Fault) -> tuple[Bar, ...]:
    """What the figures of this fault are held against; times fail nothing, since they hang on the machine."""
    return (
        *none_of("lost", "duplicated", "out_of_order", "damaged"),
        *(() if fault.doubles else none_of("given_up", "extra_deliveries")),
        *((Bar("degraded_after_s", at_most=DEGRADED_WITHIN_S, ends=False),) if fault.is_seen else ()),
        Bar("in_order_after_s", at_most=fault.bound_s, ends=False),
        Bar("answered_after_s", at_most=fault.bound_s, ends=False),
        *(all_of("web_sign") if fault.has_sign else ()),
        *(all_of("web_served") if fault.is_served else ()),
        Bar("log_lines", at_most=LINES + fault.extra_lines),
        *all_of("log_is_discreet"),
    )
