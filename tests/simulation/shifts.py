"""When agents are there: open desks that give a sign of themselves every few seconds, until they are closed or lost."""

from functools import partial

from tests.simulation.acts import ask
from tests.simulation.forum import AGENTS
from tests.simulation.giving import as_text
from tests.simulation.people import Request
from tests.simulation.universe import Universe

SHIFTS = 6
LONGEST_S = 9.0
BEAT_S = 1.5
SAYINGS = ("online", "online", "online", "away", "offline")


def invite(world: Universe, active_s: float) -> None:
    """When agents come and go; less often where it gives them nothing."""
    for _ in range(SHIFTS if world.settings.pushes else 2):
        world.at(world.rng.uniform(0, active_s), partial(_say, world))


def _say(world: Universe) -> None:
    """Somebody opens the desk, goes away from it, or closes it."""
    agent_id, said = world.rng.choice(AGENTS), world.rng.choice(SAYINGS)
    ask(world, Request(agent_id, said, 0))
    if said == "online":
        _beat(world, agent_id, world.now + world.rng.uniform(0, LONGEST_S))


def _beat(world: Universe, agent_id: int, until: float) -> None:
    """The desk's sign of life, and the next; it is no word of the agent's, who may have said that they are away."""
    if world.now + BEAT_S < until:
        world.at(world.now + BEAT_S, partial(_sign, world, agent_id, until))


def _sign(world: Universe, agent_id: int, until: float) -> None:
    ask(world, Request(agent_id, "renew", 0))
    _beat(world, agent_id, until)


def serve(world: Universe) -> None:
    """At the end: whoever is not there comes, and who cannot hold more closes one while somebody waits."""
    there = "SELECT id FROM agent WHERE presence = 'online' AND present_until > ?"
    online = {number for (number,) in world.look.execute(there, (as_text(world.clock()),))}
    for agent_id in AGENTS:
        if agent_id not in online:
            ask(world, Request(agent_id, "shift", 0))
    full = (
        "SELECT g.id, min(c.id) FROM agent g JOIN conversation c ON c.agent_id = g.id AND c.status IN "
        "('assigned', 'waiting_customer') GROUP BY g.id HAVING count(c.id) >= g.capacity"
    )
    for agent_id, number in world.look.execute(full).fetchall():
        ask(world, Request(agent_id, "resolve", number))
