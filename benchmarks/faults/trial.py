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
from urllib.parse import urlsplit

import aiohttp

from benchmarks.faults.customers import Customers, rest
from benchmarks.faults.judging import Judged, judge
from benchmarks.faults.line import Line
from benchmarks.faults.program import TOKEN, Program, running
from benchmarks.faults.scene import Fault, Scene, Surroundings
from benchmarks.growth_ground import QUESTION, TOPICS, prepare
from tests.botapi.server import BotApiServer
from tests.webchat import Visitor

WRITTEN_PER_S = 20
DEGRADED_WITHIN_S = 2.0
LINES = 12
"""The log has a word for a fault's beginning and its end, and a few for who stumbled over it."""
CHAT = 77
SERVED_WITHIN_S = 3.0


@dataclass(frozen=True)
class Found:
    """The figures of one fault; seconds are None where they do not apply or it never came."""

    fault: str
    seconds: float
    written: int
    lost: int
    given_up: int
    duplicated: int
    out_of_order: int
    extra_deliveries: int
    damaged: int
    degraded_after_s: float | None
    in_order_after_s: float | None
    answered_after_s: float | None
    told: list[str]
    """What readiness said was wrong."""
    web_sign: bool | None
    web_served: bool | None
    log_lines: int
    log_is_discreet: bool
    holds: bool
    failed: list[str]
    counts: dict[str, float] = field(default_factory=dict)


@dataclass
class Seen:
    """What was seen while the fault lasted and after."""

    degraded_after_s: float | None = None
    told: list[str] = field(default_factory=list)
    web_sign: bool | None = None
    web_served: bool | None = None
    in_order_after_s: float | None = None
    answered_after_s: float | None = None
    lines: int = 0


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
                    seen = await _live(fault, scene)
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


async def _live(fault: Fault, scene: Scene) -> Seen:
    seen, program = Seen(), scene.program
    writing = asyncio.create_task(_write(scene.trial))
    try:
        await asyncio.sleep(1.5)
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
        seen.lines = _complaints(program) - lines
        await asyncio.sleep(1.0)
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
    program.api.pour([(CHAT, QUESTION.format(TOPICS[0]))])
    with suppress(AssertionError):
        await program.api.wait_for_sent(CHAT, timeout=120)
        seen.answered_after_s = round(time.monotonic() - ended, 2)


def _complaints(program: Program) -> int:
    return sum(json.loads(line).get("level") in ("warning", "error", "critical") for line in program.lines)


def _found(name: str, fault: Fault, scene: Scene, seen: Seen, judged: Judged) -> Found:
    said = scene.program.said
    is_discreet = TOKEN not in said and "find everything about" not in said and "Traceback" not in said
    if not is_discreet:
        _show_indiscretions(scene.program)
    failed = [what for what, is_so in _failures(fault, seen, judged, is_discreet) if is_so]
    return Found(
        fault=name,
        seconds=scene.seconds,
        log_lines=seen.lines,
        log_is_discreet=is_discreet,
        holds=not failed,
        failed=failed,
        counts=scene.counts,
        **asdict(judged),
        **{k: v for k, v in asdict(seen).items() if k != "lines"},
    )


def _show_indiscretions(program: Program) -> None:
    """What the log should not have told, for who mends it."""
    for line in program.said.splitlines():
        if any(sign in line for sign in ("Traceback", TOKEN, "find everything about")):
            told = json.loads(line) if line.startswith("{") else {"event": line}
            print(told.pop("exception", "")[-1500:], told, sep="\n", file=sys.stderr)


def _failures(fault: Fault, seen: Seen, judged: Judged, is_discreet: bool) -> list[tuple[str, bool]]:
    """(what, whether it is so); times are told, but fail nothing (they hang on the machine's other work)."""
    return [
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
        ("the log was flooded", seen.lines > LINES + fault.extra_lines),
        ("the log tells too much", not is_discreet),
    ]


def late(fault: Fault, found: Found) -> list[str]:
    """Which of the bars that name seconds were missed."""
    over = [found.in_order_after_s or 0.0, found.answered_after_s or 0.0]
    slow = [f"in order and answering after {max(over)} s"] if max(over) > fault.bound_s else []
    if fault.is_seen and (found.degraded_after_s or 0.0) > DEGRADED_WITHIN_S:
        slow.append(f"degraded after {found.degraded_after_s} s")
    return slow


__all__ = ["Found", "Surroundings", "late", "try_fault"]
