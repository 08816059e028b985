"""What people do to the shop: each is one act, drawn from the seed, at the moment it is called."""

from tests.simulation.forum import AGENTS
from tests.simulation.people import Request
from tests.simulation.universe import Universe


def updates(world: Universe, count: int) -> None:
    """Customers on Telegram do so many things."""
    for _ in range(count):
        customer = world.rng.choice(list(world.customers.values()))
        update = customer.act()
        world.telegram.offer(update)
        world.note("update", update["update_id"], *update)
        if world.rng.random() < 0.08:
            world.note("again", update["update_id"])
            world.telegram.offer(update, again=True)


def in_group(world: Universe) -> None:
    """Somebody does something in the staff group."""
    update = world.forum.act() if world.forum is not None else None
    if update is not None:
        world.telegram.offer(update)
        if "callback_query" in update:
            world.presses.add(update["update_id"])
        world.note("in the group", update["update_id"], *update)
        if world.rng.random() < 0.08:
            world.telegram.offer(update, again=True)


def visit(world: Universe) -> None:
    """Somebody in the web chat does something."""
    visitor = world.rng.choice(list(world.visitors.values()))
    visitor.act()
    world.note("visit", visitor.address, visitor.unaccepted[-1].update_id)
    talk(world)


def talk(world: Universe) -> None:
    """Open pages say what was not accepted yet."""
    if world.house is None or world.loop is None or not world.house.is_open:
        return
    for visitor in world.visitors.values():
        if visitor.unaccepted and not visitor.is_busy:
            visitor.is_busy = True
            world.loop.create_task(visitor.talk(world.house))


def work(world: Universe, what: str) -> None:
    """Staff do something; now and then two of them at the same moment."""
    rows = world.look.execute("SELECT id FROM conversation ORDER BY id DESC LIMIT 8").fetchall()
    number = world.rng.choice(rows)[0] if rows else 0
    for agent_id in world.rng.sample(AGENTS, 2 if world.rng.random() < 0.3 else 1):
        ask(world, Request(agent_id, what, number))


def ask(world: Universe, request: Request) -> None:
    """A member of staff asks this of the desk, if it answers at all."""
    world.note("desk", request.agent_id, request.what, request.conversation_id)
    if world.house is not None and world.loop is not None and world.house.is_open:
        world.requests.append(request)
        world.loop.create_task(request.run(world.house))
