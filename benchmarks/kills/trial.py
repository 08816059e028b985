"""One trial: a house at work whose bot is ended again and again, and which is then let come to rest."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.databases import rows_of
from benchmarks.forking import ForkServer, free_port
from benchmarks.kills.askers import Askers
from benchmarks.kills.judge import judge
from benchmarks.kills.stories import AGENT_ID, GROUP, Story
from benchmarks.kills.verdict import Verdict
from benchmarks.kills.visitors import Visitor
from benchmarks.kills.witness import TOKEN, Witness
from benchmarks.shop import prepare
from bot.clock import system_clock
from crm_store import staff
from crm_store.engine import open_store

STORIES, VISITORS = 4, 2
LIFE_S = 0.2
"""A life ends at any moment up to this long after the first poll; one in five while the bot starts."""
LONG_LIFE_S = {False: 1.0, True: 3.0}
LONG_ONE_IN = 24
"""So many lives have one that is longer, so that every story goes on. On PostgreSQL it must be more than two seconds:
what a process was sending is taken over from it when it is sure that it is dead and not only cut off."""
STUCK_AFTER_S = 60.0
"""A rest without any progress for so long, twice what any message waits, has come to its end."""
QUIET_S = 0.5
UNSETTLED = """SELECT (SELECT count(*) FROM message WHERE delivery IN ('pending', 'sending'))
 + (SELECT count(*) FROM desk_post WHERE delivery IN ('pending', 'sending'))"""


@dataclass
class Trial:
    """The house, and what has been done to its bot."""

    server: Witness
    chance: random.Random
    askers: Askers
    stories: list[Story]
    visitors: list[Visitor]
    has_others: bool
    """Whether other processes might work on the same database, for all a bot knows."""
    lives: int = 0
    slowest_end_s: float = 0.0
    failed_ends: int = 0
    seconds: float = 0.0
    false_alarms: int = 0
    """Complaints of another program that polls; there never is one."""
    verdict: Verdict = field(default_factory=Verdict)


async def run(
    cycles: int, database_url: str, seed: int, word: str, folder: Path, life_s: float = LIFE_S
) -> Trial:
    """The whole of it; with the word `kill` each life ends by SIGKILL, with `stop` by SIGTERM."""
    await _prepare(database_url)
    chance = random.Random(seed)
    async with Witness(chance) as server:
        group, agent = server.group(GROUP, "Desk"), server.user(AGENT_ID, "Ann")
        group.add(agent)
        stories = [Story(server, number, agent, group) for number in range(STORIES)]
        visitors, has_others = [Visitor(n) for n in range(VISITORS)], not database_url.startswith("sqlite")
        trial = Trial(server, chance, Askers(server, chance), stories, visitors, has_others)
        port = free_port()
        settings = environment(database_url, server.base_url, folder, port)
        bots = ForkServer("benchmarks.kills.fork_server", settings, folder / "bot.log")
        try:
            await bots.ask()
            async with _at_work(trial, port):
                began = time.monotonic()
                for _ in range(cycles):
                    await _live(trial, bots, word, life_s)
                trial.seconds = time.monotonic() - began
            server.faults.is_on = False  # type: ignore[attr-defined]
            await bots.ask("go")
            await _rest(trial, database_url, port)
            await bots.ask("stop")
        finally:
            await asyncio.to_thread(bots.close)
        trial.false_alarms = (folder / "bot.log").read_text().count("another program polls")
        trial.verdict = await judge(database_url, server, trial.askers, trial.stories, trial.visitors)
    return trial


async def _prepare(database_url: str) -> None:
    """The shop, and an agent."""
    await prepare(database_url)
    store = open_store(database_url)
    async with store.write() as session:
        agent = await staff.create_agent(session, name="Ann", role=staff.Role.AGENT, now=system_clock())
        agent.telegram_user_id = AGENT_ID
    await store.close()


@asynccontextmanager
async def _at_work(trial: Trial, port: int) -> AsyncIterator[None]:
    """Stories and visitors go on until this ends; the visitors' pages then have yet to be served to the end."""
    tasks = [asyncio.create_task(work) for work in (_write(trial), *(story.run() for story in trial.stories))]
    tasks += [asyncio.create_task(visitor.run(port)) for visitor in trial.visitors]
    try:
        yield
    finally:
        for task in tasks:
            if task.done():
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(trial: Trial) -> None:
    while True:
        trial.askers.write()
        await asyncio.sleep(0.01)


async def _live(trial: Trial, bots: ForkServer, word: str, life_s: float) -> None:
    """One life of the bot, of some random length."""
    updates, chance = trial.server.world.updates, trial.chance
    before = updates._last_poll
    await bots.ask("go")
    if chance.random() >= 0.2:
        until = time.monotonic() + 10
        while updates._last_poll is before and time.monotonic() < until:
            await asyncio.sleep(0.005)
    is_long = chance.random() < 1 / LONG_ONE_IN
    await asyncio.sleep(LONG_LIFE_S[trial.has_others] if is_long else chance.uniform(0.0, life_s))
    took, status = (await bots.ask(word)).split()
    trial.server.life += 1
    trial.lives += 1
    trial.slowest_end_s = max(trial.slowest_end_s, float(took))
    trial.failed_ends += word == "stop" and status != "0"


async def _rest(trial: Trial, database_url: str, port: int) -> None:
    """Until every update is confirmed, everything is sent or given up, and each page has what was said to it."""
    pages = [asyncio.create_task(visitor.run(port)) for visitor in trial.visitors]
    for visitor in trial.visitors:
        visitor.is_over = True
    world = trial.server.world
    quiet_since = moved_at = time.monotonic()
    progress = (0, 0)
    try:
        while (now := time.monotonic()) - quiet_since < QUIET_S and now - moved_at < STUCK_AFTER_S:
            await asyncio.sleep(0.1)
            unsettled = (await rows_of(database_url, UNSETTLED))[0][0]
            is_content = all(visitor.is_content for visitor in trial.visitors)
            if unsettled or world.updates.pending or not is_content:
                quiet_since = time.monotonic()
            if progress != (progress := (len(world.sent), len(world.updates.pending))):
                moved_at = time.monotonic()
    finally:
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)


def environment(database_url: str, base_url: str, folder: Path, port: int) -> dict[str, str]:
    """The bot's settings: the rate limiter runs, with ceilings where it is not what is tried."""
    return os.environ | {
        "FRONTDESK_DATABASE_URL": database_url,
        "FRONTDESK_PUBLIC_PORT": str(port),
        "FRONTDESK_FILES_FOLDER": str(folder / "files"),
        "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
        "FRONTDESK_TELEGRAM_BASE_URL": base_url,
        "FRONTDESK_TELEGRAM_STAFF_GROUP": str(GROUP),
        "FRONTDESK_OVERALL_PER_S": "100000",
        "FRONTDESK_PER_CHAT_PER_S": "100000",
        "FRONTDESK_PER_GROUP_PER_MIN": "1000000",
        "FRONTDESK_LOG_LEVEL": "ERROR",
        "OMP_NUM_THREADS": "1",
    }
