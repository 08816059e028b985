"""What is measured of a message's path, and how much of it."""

import asyncio
import csv
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.message_path import running_bots, yardstick
from benchmarks.message_path.running_bots import AIOGRAM, OURS, STOCK, Running, running
from benchmarks.store_path import measuring as store_path


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
        found = await store_path.measure(size.store_batches, size.rounds)
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
        updates: list[float] = []
        for bot in bots.values():
            await bot.drain(customers.some(60))
        for _ in range(size.rounds):
            for name, bot in bots.items():
                wanted = size.ours if bot is ours else size.peers
                per_s, cpu_us = await bot.drain(customers.some(wanted))
                rates[name].append(per_s)
                costs[name].append(cpu_us)
            updates.append(yardstick.update_us())
    found = {f"{name}_per_s": max(rates[name]) for name in bots}
    found |= {f"{name}_cpu_us": share(sorted(costs[name]), 0.5) for name in bots}
    found["cpu_us_per_message"] = found.pop("end_to_end_cpu_us")
    found["update_us"] = share(sorted(updates), 0.5)
    found["cpu_to_update"] = found["cpu_us_per_message"] / found["update_us"]
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
