"""A running bot killed at random moments, over and over, while customers write and the network misbehaves.

The Bot API server stands in this process; the bot is a process of its own, ended by SIGKILL after 20 to 300 ms and
started again. 429, 502, lost answers and time-outs after delivery are mixed in. In the end everything is let come
to rest, and the store (by plain SQL) and the server's log are held against what was written.

    python -m benchmarks.kill9 --cycles 100 [--database-url URL | --postgres] [--seed N] [--json]

`lost`: messages without a row, or without an answer that arrived. `given_up`: answers that failed twice without
saying whether they arrived, and are not sent a third time. `duplicated`: rows too many.
`out_of_order`: rows or first deliveries of a chat in another order than it was written in. `extra_deliveries`:
answers that arrived again without an ordered fault to blame; at most one a kill on average is allowed.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.deliveries import deliveries, disordered_chats
from benchmarks.plain_sql import is_sound, rows_of
from bot.clock import system_clock
from crm_store import migrate, publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import open_store
from tests.botapi import faults
from tests.botapi.server import BotApiServer

TOKEN = "123456:" + "K" * 35
CHATS = range(1001, 1041)
PER_SECOND = 300
TOPICS = ("parcel", "refund", "invoice", "password", "warranty", "voucher", "address", "colour")
QUESTION = "Where do I find everything about my {0}?"
ANSWER = "All about your {0} is in your account."
FAULTS = (
    # one call in so many, the fault, whether the message arrives although no good answer comes
    (60, faults.too_many_requests(1), False),
    (60, faults.server_error(502), False),
    (80, faults.dropped(takes_effect=True), True),
    (80, faults.timeout(takes_effect=True), True),
)


@dataclass
class Trial:
    """One run: what customers wrote, and what was done to the bot."""

    server: BotApiServer
    chance: random.Random
    written: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    doubtful_faults: int = 0
    kills: int = 0
    slowest_end_s: float = 0.0

    def write(self, count: int) -> None:
        """Some customers write; each chat goes through the topics in its own order."""
        texts = []
        for _ in range(count):
            chat = self.chance.choice(CHATS)
            topic = self.chance.choice(TOPICS)
            self.written[chat].append(topic)
            texts.append((chat, QUESTION.format(topic)))
        self.server.pour(texts)

    def misbehave(self) -> None:
        """Now and then order a fault for the next message."""
        for one_in, fault, arrives in FAULTS:
            if self.chance.random() < 1 / one_in:
                self.server.fail("sendMessage", fault)
                self.doubtful_faults += arrives


@dataclass(frozen=True)
class Result:
    """The figures."""

    cycles: int
    updates: int
    lost: int
    given_up: int
    duplicated: int
    out_of_order: int
    extra_deliveries: int
    extra_after_faults: int
    is_sound: bool
    slowest_end_s: float
    seconds_per_cycle: float


class ForkServer:
    """The process that makes bots."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "benchmarks.bot_fork_server"]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    async def ask(self, word: str = "") -> str:
        """Say a word (or none) and wait for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if word:
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()
        return (await asyncio.to_thread(self._process.stdout.readline)).strip()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


async def prepare(database_url: str) -> None:
    """The tables, and an article for each topic."""
    await migrate.upgrade(database_url, backup_folder=tempfile.gettempdir(), now=system_clock())
    drafts = [
        ArticleDraft(topic, QUESTION.format(topic), (f"my {topic}", topic), ANSWER.format(topic))
        for topic in TOPICS
    ]
    store = open_store(database_url)
    async with store.write() as session:
        await publishing.publish(session, drafts, by="kill9", now=system_clock())
    await store.close()


async def run(cycles: int, database_url: str, seed: int, word: str = "kill") -> Result:
    """The whole trial; with the word `stop` each life ends by SIGTERM."""
    await prepare(database_url)
    async with BotApiServer(token=TOKEN, checks=False, records=False) as server:
        trial = Trial(server, random.Random(seed))
        bots = ForkServer(environment(database_url, server.base_url))
        try:
            await bots.ask()
            began = time.monotonic()
            for _ in range(cycles):
                await bots.ask("go")
                await live(trial)
                trial.slowest_end_s = max(trial.slowest_end_s, float(await bots.ask(word)))
                trial.kills += 1
            took = time.monotonic() - began
            server.faults.clear()
            await bots.ask("go")
            await rest(trial)
            await bots.ask("stop")
        finally:
            bots.close()
        return await judge(trial, database_url, took / max(1, cycles))


def environment(database_url: str, base_url: str) -> dict[str, str]:
    """The bot's settings."""
    return os.environ | {
        "FRONTDESK_DATABASE_URL": database_url,
        "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
        "FRONTDESK_TELEGRAM_BASE_URL": base_url,
        "FRONTDESK_OVERALL_PER_S": "100000",
        "FRONTDESK_PER_CHAT_PER_S": "100000",
        "FRONTDESK_LOG_LEVEL": os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR"),
        "OMP_NUM_THREADS": "1",
    }


async def live(trial: Trial) -> None:
    """One life of the bot: customers write all the while. One in five ends while it starts."""
    updates, chance = trial.server.world.updates, trial.chance
    before, now = updates._last_poll, time.monotonic()
    is_polling = chance.random() < 0.2
    ends_at = now + (chance.uniform(0.0, 0.3) if is_polling else 10.0)
    while time.monotonic() < ends_at:
        if not is_polling and updates._last_poll is not before:
            is_polling, ends_at = True, time.monotonic() + chance.uniform(0.0, 0.3)
        trial.write(PER_SECOND // 100)
        trial.misbehave()
        await asyncio.sleep(0.01)


async def rest(trial: Trial) -> None:
    """Until every update is confirmed and nothing has been sent for a while."""
    sent, quiet_since, until = -1, time.monotonic(), time.monotonic() + 180
    while time.monotonic() < until:
        if len(trial.server.world.sent) != sent or trial.server.world.updates.pending:
            sent, quiet_since = len(trial.server.world.sent), time.monotonic()
        if time.monotonic() - quiet_since > 4:  # longer than any new try waits
            return
        await asyncio.sleep(0.1)


async def judge(trial: Trial, database_url: str, seconds_per_cycle: float) -> Result:
    """What the store and the server's log say."""
    updates = sum(len(topics) for topics in trial.written.values())
    rows = await rows_of(
        database_url, "SELECT id, lane, author, text, reply_to_id, delivery FROM message ORDER BY id"
    )
    seen = (await rows_of(database_url, "SELECT count(*) FROM seen_update"))[0][0]
    parked = (await rows_of(database_url, "SELECT count(*) FROM parked_update"))[0][0]
    arrived = deliveries(trial.server)
    asked: dict[str, list[str]] = defaultdict(list)
    question_of: dict[int, tuple[str, str]] = {}
    answers: Counter[int] = Counter()
    answered: set[int] = set()
    given_up: set[int] = set()
    for row_id, lane, author, text, reply_to, delivery in rows:
        if author == "customer":
            asked[lane].append(text)
            question_of[row_id] = (lane, text)
        else:
            answers[reply_to] += 1
            if row_id in arrived:
                answered.add(reply_to)
            elif delivery == "ambiguous":
                given_up.add(reply_to)
    extra = sum(count - 1 for count in arrived.values())
    blamed = min(extra, trial.doubtful_faults)
    wanted = {f"telegram:{c}": [QUESTION.format(t) for t in topics] for c, topics in trial.written.items()}
    answers_wanted = {c: [ANSWER.format(topic) for topic in topics] for c, topics in trial.written.items()}
    disorder = sum(
        asked.get(lane, []) != texts for lane, texts in wanted.items() if len(asked[lane]) == len(texts)
    )
    return Result(
        cycles=trial.kills,
        updates=updates,
        lost=max(0, updates - len(question_of)) + len(question_of.keys() - answered - given_up) + parked,
        given_up=len(given_up),
        duplicated=max(0, len(question_of) - updates)
        + sum(count - 1 for count in answers.values())
        + max(0, seen - updates),
        out_of_order=disorder + disordered_chats(trial.server, answers_wanted),
        extra_deliveries=extra - blamed,
        extra_after_faults=blamed,
        is_sound=await is_sound(database_url),
        slowest_end_s=trial.slowest_end_s,
        seconds_per_cycle=round(seconds_per_cycle, 3),
    )


@contextmanager
def database(url: str | None, postgres: bool) -> Iterator[str]:
    """The given URL, or a database that is gone afterwards."""
    if url is not None:
        yield url
    elif postgres:
        from tests.postgres_server import start_server

        server = start_server()
        try:
            server.sql('CREATE DATABASE "kill9"')
            yield server.database("kill9")
        finally:
            server.stop()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'kill9.db'}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--database-url", help="an empty database; without it an SQLite file of its own")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument(
        "--sigterm", action="store_true", help="ask each bot to stop instead: no extra delivery"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with database(given.database_url, given.postgres) as url:
        result = asdict(asyncio.run(run(given.cycles, url, given.seed, "stop" if given.sigterm else "kill")))
    if given.json:
        print(json.dumps(result | {"seed": given.seed}))
        return
    for name, value in result.items():
        print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
