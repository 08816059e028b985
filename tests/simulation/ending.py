"""How a run ends: the world is kind, staff serve who waits, all comes to rest, and everything is looked at."""

from typing import Any

from tests.simulation import checks, forum_checks, shifts
from tests.simulation.acts import ask, talk
from tests.simulation.broken import Broken
from tests.simulation.forum import AGENTS
from tests.simulation.forum_checks import UNPOSTED
from tests.simulation.people import Request
from tests.simulation.universe import Universe

CLOSED = 5
"""Matters that staff close at the end, so that stars are asked for; the others fall silent, or are given back."""
REST_S = 600.0
"""Virtual seconds within which everything has to come to rest once nothing fails any more, and nothing waits any more
for the one person it was handed on to."""


def be_kind(world: Universe) -> None:
    """Nothing fails any more; a clock that was set stays as it is, and nothing may wait for it."""
    world.telegram.fault_chance = world.disk.fault_chance = 0.0
    world.disk.crash_after, world.disk.is_after_commit = None, False
    world.crash_in(-1)
    world.note("kind")


def rest(world: Universe, *, at_least_s: float = 0.0) -> None:
    """Let staff serve who waits and everything be sent, until nothing is left to do."""
    began = world.now
    while world.now - began < at_least_s or not _is_done(world):
        if world.now - began > REST_S + world.settings.handed_on.total_seconds():
            raise Broken(f"it does not come to rest: {_left(world)}")
        upto = world.now + 0.5
        talk(world)
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
            ask(world, Request(agent_id, "resolve", number))
    (waiting,) = world.look.execute("SELECT count(*) FROM conversation WHERE status = 'queued'").fetchone()
    if waiting and world.settings.pushes:
        shifts.serve(world)
    # All of them: a clock that was set back may keep it for one person beyond the end.
    for agent_id in AGENTS if waiting and world.settings.pulls else ():
        ask(world, Request(agent_id, "take_next", 0))


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


def look_at_the_end(world: Universe) -> None:
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
