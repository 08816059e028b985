"""The path of a message, measured beside the usual ways: the store alone, and end to end over a Bot API server.

    python -m benchmarks.message_path [--quick] [--json]

`store_to_raw`, `store_to_orm`: messages a second of the store path with 512 waiting, against plain sqlite3 running
the very same statements and against one ORM transaction a message. `end_to_end_to_stock`, `end_to_end_to_aiogram`:
our bot, with all it does, against the peers in `benchmarks/peers`, with BANKING77's articles and its customers'
questions; the three take turns. `p99_ms_at_30`, `p99_ms_at_1000`: from an update's birth at the server to its
answer's arrival there, at so many a second. `first_answer_s`: from the start of a process to its first answer, where
a server ran before; `first_start_s`: where none ever did. `--quick` leaves out the two p99.

The figures depend on the machine and on who else uses it, so missing a bar here fails nothing. The Bot API server
runs in this process and needs a core of its own; where others take it, ours is held up more than the peers, and only
the processor times tell (`cpu_us_per_message`, `stock_cpu_to_ours`, `store_cpu_to_raw`: how much more ours costs).
"""

import argparse
import asyncio
import csv
import json
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import running_bots, store_path
from benchmarks.bars import Bar, machine, table
from benchmarks.datasets import dataset
from benchmarks.running_bots import AIOGRAM, OURS, STOCK, Running, running
from bot.process import spare_the_collector

BARS = (
    Bar("store_to_raw", at_least=0.5, reach="(trial 0.63)"),
    Bar("store_to_orm", at_least=40, reach="(trial 80)"),
    Bar("end_to_end_to_stock", at_least=12, reach="(trial 15.8)"),
    Bar("end_to_end_to_aiogram", at_least=1),
    Bar("end_to_end_per_s", at_least=2000, reach="(trial 2,826)"),
    Bar("cpu_us_per_message", at_most=350, reach="(trial 264)"),
    Bar("p99_ms_at_30", at_most=25, reach="(trial 14)"),
    Bar("core_share_at_30", at_most=0.1, reach="(trial 0.08)"),
    Bar("p99_ms_at_1000", at_most=50, reach="(trial 21)"),
    Bar("p999_ms_at_1000", at_most=150, reach="(trial 28)"),
    Bar("first_answer_s", at_most=3),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    store_batches: int
    rounds: int
    ours: int
    peers: int
    rates: tuple[tuple[int, int], ...] = ()
    """(messages a second, seconds) for the latencies"""

    @property
    def is_quick(self) -> bool:
        """Whether time is short."""
        return not self.rates


QUICK = Size(store_batches=6, rounds=3, ours=1200, peers=60)
WHOLE = Size(store_batches=16, rounds=6, ours=4000, peers=250, rates=((30, 40), (1000, 20)))


@dataclass
class Customers:
    """Questions, each from a customer nobody has met."""

    texts: list[str]
    numbers: "count[int]" = field(default_factory=lambda: count(10_000))

    def some(self, wanted: int) -> list[tuple[int, str]]:
        """So many, as (chat, text)."""
        return [
            (number, self.texts[number % len(self.texts)])
            for number, _ in zip(self.numbers, range(wanted), strict=False)
        ]


def questions(path: Path) -> list[str]:
    """What BANKING77's customers ask."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def share(ordered: list[float], part: float) -> float:
    """The value that so large a part does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def measure(size: Size, articles: Path, texts: list[str]) -> dict[str, float]:
    """All figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = await running_bots.template(Path(folder), articles)
        learning = asyncio.create_task(running_bots.served_before(database, texts[0]))
        if not size.is_quick:  # else the store is measured while the first server learns, on the other core
            await learning
        found = await store_path.measure(size.store_batches)
        found["first_start_s"] = await learning
        async with running(OURS, database, texts[0]) as ours:
            found["first_answer_s"] = ours.first_answer_s
            customers = Customers(texts)
            found |= await beside_peers(ours, database, customers, size)
            for per_s, seconds in size.rates:
                found |= await latencies(ours, customers, per_s, seconds)
    found["took_s"] = time.monotonic() - began
    return {name: round(value, 3) for name, value in found.items()}


async def beside_peers(ours: Running, database: Path, customers: Customers, size: Size) -> dict[str, float]:
    """Ours and the peers in turns: the best rate of each, since neighbours only ever slow things down."""
    async with AsyncExitStack() as stack:
        peers = (running(peer, database, customers.texts[0]) for peer in (STOCK, AIOGRAM))
        stock, aiogram = await asyncio.gather(*(stack.enter_async_context(peer) for peer in peers))
        bots = {"end_to_end": ours, "stock": stock, "aiogram": aiogram}
        rates: dict[str, list[float]] = {name: [] for name in bots}
        costs: dict[str, list[float]] = {name: [] for name in bots}
        for bot in bots.values():
            await bot.drain(customers.some(60))
        for _ in range(size.rounds):
            for name, bot in bots.items():
                wanted = size.ours if bot is ours else size.peers
                per_s, cpu_us = await bot.drain(customers.some(wanted))
                rates[name].append(per_s)
                costs[name].append(cpu_us)
    found = {f"{name}_per_s": max(rates[name]) for name in bots}
    found |= {f"{name}_cpu_us": share(sorted(costs[name]), 0.5) for name in bots}
    found["cpu_us_per_message"] = found.pop("end_to_end_cpu_us")
    for name in ("stock", "aiogram"):
        found[f"end_to_end_to_{name}"] = found["end_to_end_per_s"] / found[f"{name}_per_s"]
        found[f"{name}_cpu_to_ours"] = found[f"{name}_cpu_us"] / found["cpu_us_per_message"]
    return found


async def latencies(ours: Running, customers: Customers, per_s: int, seconds: int) -> dict[str, float]:
    """How long customers wait who write at random moments, and what of a processor core that takes."""
    before = ours.cpu_s()
    delays = await ours.delays_ms(customers.some(per_s * seconds), per_s)
    return {
        f"p50_ms_at_{per_s}": share(delays, 0.5),
        f"p99_ms_at_{per_s}": share(delays, 0.99),
        f"p999_ms_at_{per_s}": share(delays, 0.999),
        f"core_share_at_{per_s}": (ours.cpu_s() - before) / seconds,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="within 50 seconds, without the two p99")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    spare_the_collector()  # as a server does, whose store path runs in here
    texts = questions(dataset("banking77/questions.csv"))
    size = QUICK if given.quick else WHOLE
    found: dict[str, Any] = dict(uvloop.run(measure(size, dataset("banking77/articles.csv"), texts)))
    if given.json:
        print(json.dumps(found | {"machine": machine()}))
    else:
        print(f"{table(found, BARS)}\n{machine()}")


if __name__ == "__main__":
    main()
