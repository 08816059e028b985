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
from tests.simulation import checks, forum_checks
from tests.simulation.broken import Broken
from tests.simulation.forum import AGENTS
from tests.simulation.forum_checks import UNPOSTED
from tests.simulation.people import POISON, Request
from tests.simulation.universe import Universe

ACTIVE_S = 10.0
UPDATES, VISITS, DESK, IN_GROUP = 56, 8, 9, 16
JUMPS = (timedelta(days=1), timedelta(days=-1), timedelta(hours=2), timedelta(minutes=-40))
WORK = ("take_next", "take_next", "take", "reply", "reply", "resolve", "release", "transfer", "reopen")
CLOSED = 5
"""Matters that staff close at the end, so that stars are asked for; the others fall silent, or are given back."""
LATER = ((25, 60), (80,))
"""Hours that pass then: first reminders and then expiries, or all of it at once, as after a long stop."""
LOOKS_S = 5.0
"""How often the loops look for what no signal told them of: rarely, or a seed would mostly look."""
LOOKS: tuple[tuple[Any, str], ...] = (
    (dispatch, "LOOK_EVERY_S"), (posting, "IDLE_WAIT_S"), (errands, "IDLE_WAIT_S"),
    (changing, "IDLE_WAIT_S"),
)  # fmt: skip
REST_S = 600.0
"""Virtual seconds within which everything has to come to rest once nothing fails any more."""


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
    _be_kind(world)
    _rest(world)
    for hours in world.rng.choice(LATER):
        world.wall += timedelta(hours=hours)
        _rest(world, at_least_s=6.0)
    _look_at_the_end(world)


def _invite(world: Universe) -> None:
    """When people act: in bursts, as they do."""
    rng = world.rng
    left = UPDATES
    while left > 0:
        burst, when = min(left, rng.choice((1, 2, 4, 8, 16))), rng.uniform(0, ACTIVE_S)
        world.at(when, partial(_updates, world, burst))
        left -= burst
    for _ in range(VISITS):
        world.at(rng.uniform(0, ACTIVE_S), lambda: _visit(world))
    for _ in range(DESK):
        world.at(rng.uniform(1, ACTIVE_S), lambda: _work(world, rng.choice(WORK)))
    if world.forum is not None:
        for _ in range(IN_GROUP):
            world.at(rng.uniform(2, 2 * ACTIVE_S), lambda: _in_group(world))
    if rng.random() < 0.4:
        world.at(rng.uniform(0, ACTIVE_S), lambda: _work(world, "publish"))


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
    world.wall += by
    world.note("jump", by)


def _updates(world: Universe, count: int) -> None:
    for _ in range(count):
        customer = world.rng.choice(list(world.customers.values()))
        update = customer.act()
        world.telegram.offer(update)
        world.note("update", update["update_id"], *update)
        if world.rng.random() < 0.08:
            world.note("again", update["update_id"])
            world.telegram.offer(update, again=True)


def _in_group(world: Universe) -> None:
    """Somebody does something in the staff group."""
    update = world.forum.act() if world.forum is not None else None
    if update is not None:
        world.telegram.offer(update)
        if "callback_query" in update:
            world.presses.add(update["update_id"])
        world.note("in the group", update["update_id"], *update)
        if world.rng.random() < 0.08:
            world.telegram.offer(update, again=True)


def _visit(world: Universe) -> None:
    visitor = world.rng.choice(list(world.visitors.values()))
    visitor.act()
    world.note("visit", visitor.address, visitor.unaccepted[-1].update_id)
    _talk(world)


def _talk(world: Universe) -> None:
    if world.house is None or world.loop is None or not world.house.is_open:
        return
    for visitor in world.visitors.values():
        if visitor.unaccepted and not visitor.is_busy:
            visitor.is_busy = True
            world.loop.create_task(visitor.talk(world.house))


def _work(world: Universe, what: str) -> None:
    """Staff do something; now and then two of them at the same moment."""
    rows = world.look.execute("SELECT id FROM conversation ORDER BY id DESC LIMIT 8").fetchall()
    number = world.rng.choice(rows)[0] if rows else 0
    for agent_id in world.rng.sample(AGENTS, 2 if world.rng.random() < 0.3 else 1):
        _ask(world, Request(agent_id, what, number))


def _ask(world: Universe, request: Request) -> None:
    world.note("desk", request.agent_id, request.what, request.conversation_id)
    if world.house is not None and world.loop is not None and world.house.is_open:
        world.requests.append(request)
        world.loop.create_task(request.run(world.house))


def _be_kind(world: Universe) -> None:
    """Nothing fails any more, and the clock is set right: by less than an hour back, it may keep a message waiting."""
    world.wall = timedelta()
    world.telegram.fault_chance = world.disk.fault_chance = 0.0
    world.disk.crash_after, world.disk.is_after_commit = None, False
    world.crash_in(-1)
    world.note("kind")


def _rest(world: Universe, *, at_least_s: float = 0.0) -> None:
    """Let staff serve who waits and everything be sent, until nothing is left to do."""
    began = world.now
    while world.now - began < at_least_s or not _is_done(world):
        if world.now - began > REST_S:
            raise Broken(f"it does not come to rest: {_left(world)}")
        upto = world.now + 0.5
        _talk(world)
        _serve(world)
        while world.now < upto and world.step():
            pass
    world.check()


def _serve(world: Universe) -> None:
    """Every agent who is free takes the next; the first matter each of them holds is closed."""
    held = world.look.execute(
        "SELECT agent_id, min(id) FROM conversation WHERE status IN "
        "('assigned', 'waiting_customer') GROUP BY agent_id"
    ).fetchall()
    for agent_id, number in held:
        if number not in world.closed and len(world.closed) < CLOSED:
            world.closed.add(number)
            _ask(world, Request(agent_id, "resolve", number))
    (waiting,) = world.look.execute("SELECT count(*) FROM conversation WHERE status = 'queued'").fetchone()
    for agent_id in AGENTS[:waiting]:
        _ask(world, Request(agent_id, "take_next", 0))


def _left(world: Universe) -> dict[str, Any]:
    def count(query: str) -> int:
        return int(world.look.execute(query).fetchone()[0])

    return {
        "unsent": count("SELECT count(*) FROM message WHERE delivery IN ('pending', 'sending')"),
        "waiting": count("SELECT count(*) FROM conversation WHERE status = 'queued'"),
        "posts": count(UNPOSTED),
        "updates": len(world.telegram.updates),
        "pages": sum(len(visitor.unaccepted) for visitor in world.visitors.values()),
    }


def _is_done(world: Universe) -> bool:
    return world.house is not None and world.house.is_open and not any(_left(world).values())


def _look_at_the_end(world: Universe) -> None:
    world.check()
    now = world.clock()
    if world.house is not None:
        newest = world.look.execute("SELECT max(id) FROM publication").fetchone()[0]
        if world.house.knowledge.edition.publication != newest:
            raise Broken("what was published last is not live")
    store = world.end()
    checks.chains(store)
    said = {(f"telegram:{c.chat}", number) for c in world.customers.values() for number, _ in c.said}
    said |= {
        (m.lane, int(m.platform_id)) for v in world.visitors.values() for m in v.accepted if m.platform_id
    }
    acked = {("web", m.update_id) for v in world.visitors.values() for m in v.accepted}
    checks.everything_there(store, said, acked)
    checks.nothing_left(store, now)
    _nothing_forgotten(world)
    if world.forum is not None:
        forum_checks.look(store, world.forum, {chat: c.texts for chat, c in world.customers.items()})
    world.note("end", world.digest())


def _nothing_forgotten(world: Universe) -> None:
    """What staff were told was done, is done."""
    replies = [
        request.reply_id for request in world.requests if request.outcome == "done" and request.reply_id
    ]
    kept = {number for (number,) in world.look.execute("SELECT id FROM message WHERE author = 'agent'")}
    if not kept.issuperset(replies):
        raise Broken("an agent's reply that was accepted is lost")
    taken = sum(
        r.what in ("take", "take_next") and r.outcome == "done" and r.conversation_id > 0
        for r in world.requests
    )
    held = world.look.execute("SELECT count(*) FROM assignment").fetchone()[0]
    if held < len(
        {r.conversation_id for r in world.requests if r.outcome == "done" and r.what == "take_next"} - {0}
    ):
        raise Broken(f"{taken} conversations were taken, {held} were held")


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
            for loop, name in LOOKS:
                stack.enter_context(patch.object(loop, name, LOOKS_S))
            yield
    finally:
        reception_module.think = think  # type: ignore[attr-defined]
        structlog.configure(**before)
