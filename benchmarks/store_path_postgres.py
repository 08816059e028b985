"""The store's part of a message on PostgreSQL (P7): ours with 512 waiting, and a Core transaction a message.

    python -m benchmarks.store_path_postgres [--quick] [--json]

Both run on the same server of our own, with fsync and synchronous_commit on, in alternating rounds; the peer has
eight connections at work at once, which the trial found to be its best. The bars: at least 4 times the peer, and
4,000 messages a second where the server shares two cores.
"""

import argparse
import asyncio
import json
import statistics
import time
from itertools import count

from benchmarks.peers.core_work import CoreWork
from benchmarks.store_path.ours import our_rate
from crm_store.engine import open_store, parse_url
from crm_store.schema import apply, with_connection
from tests.postgres_server import PostgresServer, start_server

AT_ONCE = 8
BAR_TO_CORE, BAR_PER_S = 4.0, 4000
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
        "bar_store_to_core": BAR_TO_CORE,
        "bar_store_per_s": BAR_PER_S,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    sizes = (1, 6, 600) if given.quick else (5, 20, 2000)
    server = start_server(is_durable=True)
    try:
        found = measure(server, rounds=sizes[0], batches=sizes[1], messages=sizes[2])
    finally:
        server.stop()
    found = {name: round(value, 2) for name, value in found.items()}
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:12,.2f}")


if __name__ == "__main__":
    main()
