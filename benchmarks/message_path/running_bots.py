"""A bot as a process in front of a Bot API server: how fast it answers, and what it costs.

The processor time is the bot's own, read from /proc; the server runs in the measuring process.
"""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from bot.clock import system_clock
from crm_store import migrate, publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import open_store
from crm_store.trained_models import PROVEN
from knowledge_base import exchange
from tests.botapi.server import BotApiServer

TOKEN = "123456:" + "M" * 35
TICKS = os.sysconf("SC_CLK_TCK")
OURS = ("-m", "bot", "bot")
STOCK = ("-m", "benchmarks.peers.stock_bot")
COUNTED_ON = 1_000_000
ENDS_WITHIN_S = 30
AIOGRAM = ("-m", "benchmarks.peers.aiogram_bot")


@dataclass
class Running:
    """A bot that has answered once."""

    server: BotApiServer
    process: "subprocess.Popen[bytes]"
    first_answer_s: float

    def cpu_s(self) -> float:
        """Processor seconds the bot has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def drain(self, texts: Sequence[tuple[int, str]], within_s: float = 120) -> tuple[float, float]:
        """(messages a second, processor µs a message) for all of these at once."""
        sent = len(self.server.world.sent)
        cpu, began = self.cpu_s(), time.monotonic()
        self.server.pour(texts)
        while len(self.server.world.sent) < sent + len(texts):
            if time.monotonic() - began > within_s:
                raise TimeoutError(f"{len(self.server.world.sent) - sent} of {len(texts)} were answered")
            await asyncio.sleep(0.002)
        took = time.monotonic() - began
        await asyncio.sleep(0.2)  # the last marks belong to the work
        return len(texts) / took, (self.cpu_s() - cpu) / len(texts) * 1e6

    async def delays_ms(self, texts: Sequence[tuple[int, str]], per_s: float) -> list[float]:
        """From an update's birth to its first reply's delivery, for updates born at random moments; sorted."""
        born: dict[int, float] = {}
        seen = len(self.server.world.sent)
        due_at, clock = time.monotonic(), self.server.world.clock
        for chat, text in texts:
            due_at += random.expovariate(per_s)
            while (wait := due_at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            born[chat] = clock()
            self.server.pour([(chat, text)])
        until, answered = time.monotonic() + 30, dict[int, float]()
        while len(answered) < len(texts):
            if time.monotonic() > until:
                raise TimeoutError(f"{len(answered)} of {len(texts)} were answered")
            await asyncio.sleep(0.05)
            for post in self.server.world.sent[seen:]:  # two questions in one text have two answers
                if post.chat_id in born:
                    answered.setdefault(post.chat_id, post.at)
        return sorted((at - born[chat]) * 1000 for chat, at in answered.items())


async def template(folder: Path, articles: Path) -> Path:
    """A database file with these articles, to be copied for each bot."""
    path = folder / "template.db"
    url = f"sqlite:///{path}"
    await migrate.upgrade(url, backup_folder=folder, now=system_clock())
    parsed = exchange.parse(articles.read_bytes(), ".csv", default_answer="About {article}: here is how.")
    drafts = [
        ArticleDraft(a.key, a.question, a.phrasings, a.answer, a.language, a.tags) for a in parsed.articles
    ]
    store = open_store(url, owner=True)
    async with store.write() as session:
        await publishing.publish(session, drafts, by="benchmark", now=system_clock())
    await store.close()
    return path


async def served_before(database: Path, first: str) -> float:
    """Seconds from the very first start on this database to the first answer.

    On return the articles are learned, with their evidence, and that server has ended cleanly.
    """
    async with running(OURS, database, first, in_place=True) as bot:
        while not _is_learned(database):
            await asyncio.sleep(0.1)
        return bot.first_answer_s


def _is_learned(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        (stage,) = connection.execute("SELECT max(stage) FROM trained_model").fetchone()
        return bool(stage == PROVEN)


@asynccontextmanager
async def running(
    command: Sequence[str], database: Path, first: str, *, in_place: bool = False
) -> AsyncIterator[Running]:
    """The bot on a copy of the database (`in_place`: on itself), once it has answered `first`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = database if in_place else Path(folder) / "bot.db"
        if not in_place:
            shutil.copy(database, copy)
        async with BotApiServer(token=TOKEN, checks=False, records=False) as server:
            # Telegram counts its updates on from one start to the next; the same numbers again would be repeats.
            server.world.updates.next_id += 0 if in_place else COUNTED_ON
            server.pour([(1, first)])
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, *command],
                env=_environment(copy, server.base_url),
                stdout=subprocess.DEVNULL,  # ours is for the figures alone; errors are told beside
            )
            try:
                while not server.world.sent:
                    if process.poll() is not None or time.monotonic() - began > 60:
                        raise RuntimeError(f"{' '.join(command)} did not answer")
                    await asyncio.sleep(0.005)
                yield Running(server, process, time.monotonic() - began)
            except BaseException:
                process.kill()
                process.wait()
                raise
            _end(process, command)


def _end(process: "subprocess.Popen[bytes]", command: Sequence[str]) -> None:
    """Stop it; raises RuntimeError when ours does not end cleanly (peers have no way to end of their own)."""
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if tuple(command) == OURS and status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")


def _environment(database: Path, base_url: str) -> dict[str, str]:
    return os.environ | {
        "FRONTDESK_DATABASE_URL": f"sqlite:///{database}",
        "FRONTDESK_BACKUP_FOLDER": str(database.parent / "backups"),
        "FRONTDESK_PUBLIC_PORT": "0",
        "FRONTDESK_STAFF_PORT": "0",
        "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
        "FRONTDESK_TELEGRAM_BASE_URL": base_url,
        # The limiter runs, with ceilings where it is not what is measured.
        "FRONTDESK_OVERALL_PER_S": "100000",
        "FRONTDESK_PER_CHAT_PER_S": "1000",
        "FRONTDESK_LOG_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1",
    }
