"""The store's part of a message alone: `python -m benchmarks.store_path`."""

import asyncio

from benchmarks.store_path.measuring import measure
from bot.process import spare_the_collector

if __name__ == "__main__":
    spare_the_collector()  # as a server does
    print(asyncio.run(measure(8)))
