"""The store's part of a message on PostgreSQL (P7): ours with 512 waiting, and a Core transaction a message.

    python -m benchmarks.store_path_postgres [--quick] [--json]

Both run on the same server of our own, with fsync and synchronous_commit on, in alternating rounds; the peer has
eight connections at work at once, which the trial found to be its best. The bars: at least 4 times the peer, and
4,000 messages a second where the server shares two cores.
"""

import asyncio
import statistics
import sys
import time
from itertools import count

from benchmarks.bars import Bar, command_line, tell
from benchmarks.peers.core_work import CoreWork
from benchmarks.store_path.ours import our_rate
from crm_store.engine import open_store, parse_url
from crm_store.schema import apply, with_connection
from tests.postgres_server import PostgresServer, start_server

AT_ONCE = 8
BARS = (
    Bar("store_to_core", at_least=4, reach="(trial 10)"),
    Bar("store_per_s", at_least=4000, reach="(trial 8,816)", ends=False),
)
TEMPLATE = "frontdesk_store_path"


async def core_rate(database_url: str, messages: int) -> float:
    """Messages a second, each received, answered and marked; half of them from people already known."""
    store = open_store(database_url)
    work, numbers = CoreWork(store.writer), count()

    async def worker() -> None:
        while (number := next(numbers)) < messages:
            # Neighbours in time are different people, so that no two transactions wait for the same rows.
            person = number % (messages // 2)
            name = f"Customer {person}"
            row = await work.receive(number, person, name, "Where is my card?", "It is on its way.")
            assert row is not None
            await work.mark(row, number)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    rate = messages / (time.perf_counter() - began)
    await store.close()
    return rate


async def our_rate_on(database_url: str, batches: int) -> float:
    """Messages a second of our store path."""
    store = open_store(database_url)
    try:
        return await our_rate(store, batches)
    finally:
        await store.close()


def measure(server: PostgresServer, *, rounds: int, batches: int, messages: int) -> dict[str, float]:
    """Medians of the rounds, and how far the ratio spread."""
    server.sql(f'CREATE DATABASE "{TEMPLATE}"')
    server.run(with_connection(parse_url(server.database(TEMPLATE)), apply))
    pairs = []
    for _ in range(rounds):
        fresh = [server.create(TEMPLATE) for _ in range(2)]
        ours = server.run(our_rate_on(server.database(fresh[0]), batches))
        core = server.run(core_rate(server.database(fresh[1]), messages))
        pairs.append((ours, core))
        for name in fresh:
            server.drop(name)
    ratios = [ours / core for ours, core in pairs]
    return {
        "store_per_s": statistics.median(ours for ours, _ in pairs),
        "core_per_s": statistics.median(core for _, core in pairs),
        "store_to_core": statistics.median(ratios),
        "store_to_core_lowest": min(ratios),
        "store_to_core_highest": max(ratios),
    }


def main() -> int:
    """Print the figures; 1 when the ratio misses its bar."""
    parser = command_line(__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    given = parser.parse_args()
    sizes = (1, 6, 600) if given.quick else (5, 20, 2000)
    server = start_server(is_durable=True)
    try:
        found = measure(server, rounds=sizes[0], batches=sizes[1], messages=sizes[2])
    finally:
        server.stop()
    return tell({name: round(value, 2) for name, value in found.items()}, BARS, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
