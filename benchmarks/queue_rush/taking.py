"""Some of the agents, each taking the next again and again until nobody waits: one worker's share of a rush.

python -m benchmarks.queue_rush.taking URL FIRST LAST [--plain]     waits for a line on its input before it begins
"""

import asyncio
import sys

from benchmarks.queue_rush import plain
from benchmarks.queue_rush.ground import NOW
from crm_store import queue
from crm_store.engine import Store, is_outage, open_store
from crm_store.models.staff import Agent


async def take_all(store: Store, agent_id: int) -> int:
    """How many this agent took."""
    async with store.read() as session:
        agent = await session.get_one(Agent, agent_id)
    count = 0
    while True:
        try:
            async with store.write() as session:
                taken = await queue.take_next(session, agent, now=NOW)
        except Exception as error:
            if not is_outage(error):
                raise
            continue  # this process was busy for so long amid it that the server cut it off: nothing was taken
        if taken is None:
            return count
        count += 1


async def _work(url: str, agents: range, is_plain: bool) -> None:
    store = open_store(url)
    try:
        async with store.read():
            pass
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        if is_plain:
            await asyncio.gather(*(plain.take_all(url, number) for number in agents))
        else:
            await asyncio.gather(*(take_all(store, number) for number in agents))
    finally:
        await store.close()


if __name__ == "__main__":
    where, first, last = sys.argv[1:4]
    asyncio.run(_work(where, range(int(first), int(last) + 1), "--plain" in sys.argv))
