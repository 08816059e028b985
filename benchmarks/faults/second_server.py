"""A second server on the same SQLite file: refused in words, and the first goes on."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.program import COMMAND, TOKEN, running, variables
from benchmarks.shop import QUESTION, TOPICS, prepare
from tests.botapi.server import BotApiServer

WORDS = "already serves this database file"


@dataclass(frozen=True)
class Refusal:
    """The figures."""

    fault: str
    refused: int
    in_words: int
    first_answers: bool
    holds: bool


async def try_second_server() -> Refusal:
    """Every verb that serves is tried beside a running server."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        await prepare(f"sqlite:///{folder / 'frontdesk.db'}")
        async with (
            BotApiServer(token=TOKEN, checks=False, records=False) as api,
            running(folder, api) as first,
        ):
            said = [await _start(folder, api, verb) for verb in ("run", "bot", "api")]
            api.pour([(5, QUESTION.format(TOPICS[0]))])
            answers = bool(await api.wait_for_sent(5, timeout=20))
            await first.stop()
    refused = sum(status == 1 for status, _ in said)
    in_words = sum(WORDS in words and "Traceback" not in words for _, words in said)
    return Refusal("second_server", refused, in_words, answers, refused == in_words == len(said) and answers)


async def _start(folder: Path, api: BotApiServer, verb: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, verb, cwd=folder, env=variables(folder, {"telegram_base_url": api.base_url}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode()
