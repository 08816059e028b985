"""What happens to the shop in one run: all act, everything fails; then the world is kind, and all must be well."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import structlog

import bot.reception as reception_module
from bot import dispatch
from bot.channels.telegram.desk import errands, posting
from bot.channels.web import changing
from crm_store import attendance
from tests.simulation import shifts
from tests.simulation.acts import in_group, updates, visit, work
from tests.simulation.ending import be_kind, look_at_the_end, rest
from tests.simulation.people import POISON
from tests.simulation.universe import Universe

ACTIVE_S = 10.0
UPDATES, VISITS, DESK, IN_GROUP = 56, 8, 9, 16
JUMPS = (
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(hours=2),
    timedelta(minutes=-40),
    timedelta(minutes=-50),
)
WORK = (
    "take_next",
    "take_next",
    "take",
    "reply",
    "reply",
    "resolve",
    "release",
    "transfer",
    "to_team",
    "reopen",
)
LATER = ((25, 60), (80,))
"""Hours that pass then: first reminders and then expiries, or all of it at once, as after a long stop."""
LOOKS_S = 5.0
"""How often the loops look for what no signal told them of: rarely, or a seed would mostly look."""
DESK_LASTS = timedelta(seconds=4)
"""How long an agent is there after the last sign of their desk, or no seed would see one lost."""
LOOKS: tuple[tuple[Any, str], ...] = (
    (dispatch, "LOOK_EVERY_S"), (posting, "IDLE_WAIT_S"), (errands, "IDLE_WAIT_S"),
    (changing, "IDLE_WAIT_S"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended."""

    seed: int
    events: int
    crashes: int
    faults: int
    broken: str | None
    trace: tuple[str, ...]


def play(world: Universe) -> None:
    """The whole run; raises Broken."""
    _invite(world)
    _fail(world)
    while world.agenda:
        world.step()
    be_kind(world)
    rest(world)
    for hours in world.rng.choice(LATER):
        world.set_clock(timedelta(hours=hours))
        rest(world, at_least_s=LOOKS_S + 1)
        world.giving.nobody_silent()
    look_at_the_end(world)


def _invite(world: Universe) -> None:
    """When people act: in bursts, as they do."""
    rng = world.rng
    left = UPDATES
    while left > 0:
        burst, when = min(left, rng.choice((1, 2, 4, 8, 16))), rng.uniform(0, ACTIVE_S)
        world.at(when, partial(updates, world, burst))
        left -= burst
    for _ in range(VISITS):
        world.at(rng.uniform(0, ACTIVE_S), lambda: visit(world))
    for _ in range(DESK):
        world.at(rng.uniform(1, ACTIVE_S), lambda: work(world, rng.choice(WORK)))
    if world.forum is not None:
        for _ in range(IN_GROUP):
            world.at(rng.uniform(2, 2 * ACTIVE_S), lambda: in_group(world))
    if rng.random() < 0.4:
        world.at(rng.uniform(0, ACTIVE_S), lambda: work(world, "publish"))
    shifts.invite(world, ACTIVE_S)


def _fail(world: Universe) -> None:
    """When things fail: a bad network, a bad disk, a clock that is set, a process that dies."""
    rng = world.rng
    for target in (world.telegram, world.disk):
        if rng.random() < 0.7:
            begin = rng.uniform(0, ACTIVE_S - 2)
            worst = 0.6 if target is world.telegram else 0.05
            world.at(begin, partial(setattr, target, "fault_chance", rng.uniform(0.02, worst)))
            world.at(begin + rng.uniform(0.5, 6), partial(setattr, target, "fault_chance", 0.0))
    for _ in range(rng.choice((0, 0, 1, 2))):
        world.at(rng.uniform(0, ACTIVE_S), lambda: _jump(world))
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        world.at(rng.uniform(0.1, ACTIVE_S), lambda: _doom(world))


def _doom(world: Universe) -> None:
    kind = world.rng.choice(("steps", "statements", "commit"))
    world.note("doom", kind)
    if world.loop is None:
        return
    if kind == "steps":
        world.crash_in(world.rng.randrange(1, 120))
    elif kind == "statements":
        world.disk.crash_after = world.rng.randrange(1, 60)
    else:
        world.disk.is_after_commit = True


def _jump(world: Universe) -> None:
    by = world.rng.choice(JUMPS)
    world.set_clock(by)
    world.note("jump", by)


@contextmanager
def stage(world_errors: list[str]) -> Iterator[None]:
    """The log is listened to: what is logged with a traceback is a fault of ours. And one word is poison."""
    before, think = structlog.get_config(), reception_module.think  # type: ignore[attr-defined]

    def heard(_logger: Any, _method: str, event: Any) -> Any:
        if event.get("exc_info"):
            kind, error, _ = sys.exc_info()
            world_errors.append(f"{event['event']}: {kind.__name__ if kind else ''}: {error}")
        raise structlog.DropEvent

    def thinking(batch: Any, inbound: Any, *rest: Any) -> None:
        if inbound.text.startswith(POISON):
            raise ValueError("poison")
        think(batch, inbound, *rest)

    structlog.configure(processors=[heard], wrapper_class=structlog.make_filtering_bound_logger(40))
    reception_module.think = thinking  # type: ignore[assignment, attr-defined]
    try:
        with ExitStack() as stack:
            stack.enter_context(patch.object(attendance, "DESK_LASTS", DESK_LASTS))
            for loop, name in LOOKS:
                stack.enter_context(patch.object(loop, name, LOOKS_S))
            yield
    finally:
        reception_module.think = think  # type: ignore[attr-defined]
        structlog.configure(**before)
