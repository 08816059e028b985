"""Staff of a soak: agents who take, answer and resolve; an editor who publishes; programs that read."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.faults.program import Program, command


class Office:
    """Everybody who works through the API. `done` counts answers by status."""

    def __init__(self, program: Program, key: str) -> None:
        self._program, self._headers = program, {"Authorization": f"Bearer {key}"}
        self.done: Counter[int] = Counter()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request; its JSON, or None."""
        url = f"{self._program.staff}/api/v1{path}"
        async with self._program.http.request(method, url, headers=self._headers, json=body) as response:
            self.done[response.status] += 1
            return await response.json() if "json" in response.content_type else None

    async def serve(self, until: asyncio.Event) -> None:
        """Take the next in the queue, answer, resolve; replies leave at once."""
        await self.ask("PATCH", "/me", {"undo_s": 0})
        while not until.is_set():
            taken = (await self.ask("POST", "/queue/take-next")) or {}
            conversation = taken.get("conversation")
            if conversation is None:
                await asyncio.sleep(0.5)
                continue
            number = conversation["id"]
            await self.ask("POST", f"/conversations/{number}/note", {"text": "a note"})
            await self.ask("POST", f"/conversations/{number}/reply", {"text": "How can I help you?"})
            await asyncio.sleep(1)
            await self.ask("POST", f"/conversations/{number}/resolve", {})

    async def publish(self, until: asyncio.Event, every_s: float) -> None:
        """Publish an article again and again, and change it."""
        made = 0
        while not until.is_set():
            made += 1
            article = {
                "key": f"news-{made % 5}",
                "language": "en",
                "question": f"What is new this week, number {made % 5}?",
                "answer": f"News number {made}.",
                "phrasings": [f"news of week {made % 5}", f"what happened in week {made % 5}"],
            }
            found = await self.ask("GET", f"/articles?text=news-{made % 5}")
            old = [one for one in (found or {}).get("items", []) if one["key"] == article["key"]]
            if old:
                change = {"answer": article["answer"]}
                await self.ask("PATCH", f"/articles/{old[0]['id']}", change)
            else:
                await self.ask("POST", "/articles", article)
            await _unless(until, every_s)

    async def read(self, until: asyncio.Event) -> None:
        """Look at lists and reports, as open desks do."""
        paths = ("/queue", "/conversations?limit=50", "/customers?limit=50", "/gaps", "/reports/summary")
        while not until.is_set():
            for path in paths:
                await self.ask("GET", path)
            await _unless(until, 5.0)


async def _unless(until: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await until.wait()
    except TimeoutError:
        return


async def hire(folder: Path) -> str:
    """A key in the name of an admin."""
    await command(folder, "staff", "create", "--name", "Ann", "--role", "admin")
    made = await command(folder, "keys", "create", "--role", "admin", "--name", "soak", "--agent", "Ann")
    return str(made["key"])
