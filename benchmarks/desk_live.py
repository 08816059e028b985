"""How soon a customer's word stands on an agent's desk, across processes.

    python -m benchmarks.desk_live [--words 100] [--json]

A customer writes in the web chat; an agent's page has the conversation open and does what the page's script does: it
listens to the stream of changes, waits out the quarter of a second in which the script gathers them, and fetches the
conversation. `shown_s`: from the word being sent until the page that was fetched has it; drawing it is left out. Once
with `frontdesk bot` and `frontdesk api` on one PostgreSQL, once with `frontdesk run` on SQLite, while ten others write
once a second. The bar is the product's promise of one second. A hundred words take eight minutes; nothing is printed
before the end.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
import numpy as np

from benchmarks.bars import Bar, command_line, machine, tell_parts
from benchmarks.databases import database
from benchmarks.faults.program import TOKEN, Program, command, running
from benchmarks.morning.web_phone import WebPhone
from crm_store.tasks import ended
from tests.botapi.server import BotApiServer

OTHERS: Final = 10
GATHER_S: Final = 0.25
"""As admin_api/desk/static/live.js has it."""
WITHIN_S: Final = 30.0
PAUSE_S: Final = 2.2
"""Between two words: slower than the web chat takes them from one session (bot/channels/web/limits.py)."""
BARS: Final = (Bar("shown_p99_s", at_most=1, ends=False),)


@dataclass
class Place:
    """The program that talks to customers and the one that serves the staff, which may be one; and a way in."""

    talking: Program
    staff: Program
    headers: dict[str, str]

    def phone(self, number: int) -> WebPhone:
        """A customer's page."""
        return WebPhone(self.talking.http, self.talking.public, number, f"Customer {number}", "en")

    async def page(self, path: str) -> str:
        """A page of the desk."""
        async with self.staff.http.get(f"{self.staff.staff}{path}", headers=self.headers) as response:
            response.raise_for_status()
            return await response.text()


@asynccontextmanager
async def opened(folder: Path, url: str, *parts: tuple[str, ...]) -> AsyncIterator[Place]:
    """The programs on this database, an agent signed in."""
    settings = {"database_url": url, "trusted_proxies": "127.0.0.1"}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(BotApiServer(token=TOKEN))
        programs = [
            await stack.enter_async_context(running(folder, server, *words, settings=settings))
            for words in parts
        ]
        await command(folder, "staff", "create", "--name", "Mara", "--role", "admin", **settings)
        made = await command(
            folder, "keys", "create", "--role", "admin", "--name", "live", "--agent", "Mara", **settings
        )
        yield Place(programs[0], programs[-1], {"Authorization": f"Bearer {made['key']}"})


async def measured(place: Place, words: int) -> dict[str, float]:
    """Seconds until a word is shown, over so many words."""
    others = [place.phone(number) for number in range(1, OTHERS + 1)]
    watched = place.phone(0)
    for phone in (watched, *others):
        await phone.open()
    await watched.say("human")
    number = await _conversation(place)
    chatter = asyncio.create_task(_chat(others))
    changed = asyncio.Event()
    stream = asyncio.create_task(_listen(place, changed))
    try:
        taken = [await _shown(place, watched, number, changed, f"word {n} of {words}.") for n in range(words)]
    finally:
        await ended(stream)
        await ended(chatter)
        for phone in (watched, *others):
            await phone.leave()
    p50, p99 = np.percentile(taken, [50, 99]).tolist()
    return {"words": words, "shown_p50_s": p50, "shown_p99_s": p99, "shown_max_s": max(taken)}


async def _conversation(place: Place) -> int:
    """The number of the one conversation that waits for a person."""
    url = f"{place.staff.staff}/api/v1/queue"
    async with asyncio.timeout(WITHIN_S):
        while True:
            async with place.staff.http.get(url, headers=place.headers) as response:
                found = (await response.json())["items"]
            if found:
                return int(found[0]["conversation"]["id"])
            await asyncio.sleep(0.1)


async def _chat(phones: list[WebPhone]) -> None:
    """Each writes once a second, in turn."""
    while True:
        for phone in phones:
            await phone.say("where is my parcel")
            await asyncio.sleep(1 / len(phones))


async def _listen(place: Place, changed: asyncio.Event) -> None:
    headers = {**place.headers, "Accept": "text/event-stream"}
    limit = aiohttp.ClientTimeout(total=None)
    async with place.staff.http.get(
        f"{place.staff.staff}/desk/live", headers=headers, timeout=limit
    ) as response:
        response.raise_for_status()
        async for line in response.content:
            if line.startswith(b"event: changed"):
                changed.set()


async def _shown(
    place: Place, phone: WebPhone, conversation: int, changed: asyncio.Event, word: str
) -> float:
    began = time.perf_counter()
    saying = asyncio.create_task(phone.say(word))
    async with asyncio.timeout(WITHIN_S):
        while True:
            await changed.wait()
            await asyncio.sleep(GATHER_S)
            changed.clear()
            if word in await place.page(f"/conversations/{conversation}"):
                break
    taken = time.perf_counter() - began
    await saying
    await asyncio.sleep(PAUSE_S)
    return taken


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'frontdesk.db'}"


async def measure(kind: str, words: int) -> dict[str, float]:
    """The figures of one way to run it: `postgres` or `sqlite`."""
    is_one = kind == "sqlite"
    parts = (("run", "--sample"),) if is_one else (("bot",), ("api",))
    with TemporaryDirectory() as name:
        folder = Path(name)
        with _on_sqlite(folder) if is_one else database() as url:
            async with opened(folder, url, *parts) as place:
                return await measured(place, words)


def main() -> None:
    """Print the figures."""
    parser = command_line(__doc__)
    parser.add_argument("--words", type=int, default=100, help="how many words are timed (100)")
    given = parser.parse_args()
    parts = {kind: asyncio.run(measure(kind, given.words)) for kind in ("postgres", "sqlite")}
    sys.exit(tell_parts(parts, BARS, as_json=given.json, machine=machine()))


if __name__ == "__main__":
    main()
