"""How long a new customer waits for the first answer of a server that starts with a full outbox."""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.away import ground
from benchmarks.faults.program import COMMAND, TOKEN, variables
from benchmarks.shop import QUESTION, TOPICS
from tests.botapi.server import BotApiServer

CHAT = 5
CHATS = 1_000
WITHIN_S = 60.0


async def seconds(waiting: int) -> float:
    """From the start of the process to the arrival, with so many messages waiting; sending at Telegram's pace."""
    with tempfile.TemporaryDirectory(prefix="away-") as name:
        folder = Path(name)
        await ground.fill(f"sqlite:///{folder / 'frontdesk.db'}", ground.Backlog(waiting, CHATS))
        async with BotApiServer(token=TOKEN, checks=False, records=False) as api:
            api.pour([(ground.FIRST_CHAT + n, "hi") for n in range(1, CHATS + 1)])
            api.world.updates.drop()
            await _once(
                folder, api, waiting
            )  # the articles are learned; what follows is a start like any other
            api.world.updates.drop()
            return await _once(folder, api, waiting)


async def _once(folder: Path, api: BotApiServer, waiting: int) -> float:
    settings = {"telegram_base_url": api.base_url, "overall_per_s": "30", "per_chat_per_s": "1"}
    had = len(api.sent(CHAT))
    api.pour([(CHAT, QUESTION.format(TOPICS[0]))])
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "bot", cwd=folder, env=variables(folder, settings), stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await api.wait_for_sent(CHAT, had + 1, timeout=WITHIN_S)
        return round(time.monotonic() - began, 2)
    finally:
        process.terminate()
        await process.wait()
