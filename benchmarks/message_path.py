"""The path of a message, measured beside the usual ways: the store alone, and end to end over a Bot API server.

    python -m benchmarks.message_path [--quick] [--json]

`store_to_raw`, `store_to_orm`: messages a second of the store path with 512 waiting, against plain sqlite3 running
the very same statements and against one ORM transaction a message. `end_to_end_to_stock`, `end_to_end_to_aiogram`:
our bot against the peers in `benchmarks/peers`, with BANKING77's articles. `first_answer_s`: from the start of a
process to its first answer, where a server ran before; `first_start_s`: where none ever did. `--quick` leaves out
the two p99.
"""

import argparse
import asyncio
import csv
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import running_bots, store_path
from benchmarks.datasets import dataset
from benchmarks.running_bots import AIOGRAM, OURS, STOCK, running

CHATS_FROM = 10_000


def questions(path: Path) -> list[str]:
    """What BANKING77's customers ask."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def p99(delays_ms: list[float]) -> float:
    """The delay that one in a hundred exceeds."""
    return delays_ms[int(len(delays_ms) * 0.99)] if delays_ms else float("nan")


async def measure(quick: bool) -> dict[str, Any]:
    """All figures."""
    found: dict[str, Any] = dict(await store_path.measure(batches=6 if quick else 20))
    asked = questions(dataset("banking77/questions.csv"))
    with tempfile.TemporaryDirectory() as folder:
        database = await running_bots.template(Path(folder), dataset("banking77/articles.csv"))
        found["first_start_s"] = await running_bots.served_before(database, asked[0])
        count, peer_count = (3000, 300) if quick else (12_000, 1500)
        found |= await ours(database, asked, count, quick)
        for name, command in (("stock", STOCK), ("aiogram", AIOGRAM)):
            async with running(command, database, asked[0]) as bot:
                await bot.drain(some(asked, 60, CHATS_FROM))
                per_s, cpu = await bot.drain(some(asked, peer_count, CHATS_FROM * 2))
            found |= {f"{name}_per_s": per_s, f"{name}_cpu_us": cpu}
            found[f"end_to_end_to_{name}"] = found["end_to_end_per_s"] / per_s
    return {name: round(value, 2) for name, value in found.items()}


def some(asked: list[str], count: int, first_chat: int) -> list[tuple[int, str]]:
    """That many questions, each from a customer of their own."""
    return [(first_chat + n, asked[n % len(asked)]) for n in range(count)]


async def ours(database: Path, asked: list[str], count: int, quick: bool) -> dict[str, float]:
    """Our bot's own figures."""
    async with running(OURS, database, asked[0]) as bot:
        found = {"first_answer_s": bot.first_answer_s}
        await bot.drain(some(asked, 300, CHATS_FROM))
        per_s, cpu = await bot.drain(some(asked, count, CHATS_FROM * 2))
        found |= {"end_to_end_per_s": per_s, "cpu_us_per_message": cpu}
        if not quick:
            for rate, seconds in ((30, 30), (1000, 15)):
                cpu_before = bot.cpu_s()
                first = CHATS_FROM * 10 * rate
                delays = await bot.delays_ms(some(asked, rate * seconds, first), rate)
                found[f"p99_ms_at_{rate}"] = p99(delays)
                found[f"core_share_at_{rate}"] = (bot.cpu_s() - cpu_before) / seconds
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="within 50 seconds, without the two p99")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = asyncio.run(measure(given.quick))
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:12,.2f}")


if __name__ == "__main__":
    main()
