"""A fleet of Frontdesk processes on one database, with a reverse proxy in front of those that talk."""

import asyncio
import os
import random
import socket
import time
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from benchmarks.forking import ForkServer, free_port

TOKEN = "123456:" + "G" * 35
PROXY_WAITS_S = 3.0


@dataclass
class Member:
    """One place in the fleet: its process comes and goes, its port stays."""

    kind: str
    port: int
    pid: int = 0


@dataclass
class Fleet:
    """The processes, and how they are started and ended."""

    environment: dict[str, str]
    members: list[Member] = field(default_factory=list)
    _forks: ForkServer | None = None

    async def open(self) -> None:
        """Ready to start processes; what the articles teach is learned and stored by then."""
        self._forks = ForkServer("benchmarks.growth.fork_server", self.environment)
        await self._forks.ask()

    async def close(self) -> None:
        """End every process."""
        for member in [*self.members]:
            await self.end(member, "kill")
        self.members.clear()
        if self._forks is not None:
            await asyncio.to_thread(self._forks.close)

    async def add(self, kind: str) -> Member:
        """One process more."""
        member = Member(kind, free_port())
        self.members.append(member)
        await self.start(member)
        return member

    async def start(self, member: Member) -> None:
        """Start the member's process, which needs a moment until it serves."""
        assert self._forks is not None
        member.pid = int(await self._forks.ask(f"{member.kind} {member.port}"))

    async def end(self, member: Member, word: str) -> None:
        """End it by `kill` or `stop`."""
        if member.pid:
            pid, member.pid = member.pid, 0
            assert self._forks is not None
            await self._forks.ask(f"{word} {pid}")

    async def until_serving(self, within_s: float = 60) -> None:
        """Returns once every member listens."""
        until = time.monotonic() + within_s
        for member in self.members:
            while not _listens(member.port):
                if time.monotonic() > until:
                    raise TimeoutError(f"a {member.kind} did not start within {within_s} s")
                await asyncio.sleep(0.05)

    def of(self, kind: str) -> list[Member]:
        """The members of this kind."""
        return [member for member in self.members if member.kind == kind]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Proxy:
    """Spreads calls over the bots at random; one that does not answer is passed over, as nginx does."""

    def __init__(self, fleet: Fleet, chance: random.Random) -> None:
        self._fleet, self._chance = fleet, chance
        self._runner: web.ServerRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def open(self) -> None:
        """Listen."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._runner = web.ServerRunner(web.Server(self._pass_on))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None and self._session is not None:
            await self._runner.cleanup()
            await self._session.close()

    async def _pass_on(self, request: web.BaseRequest) -> web.Response:
        assert self._session is not None
        body = await request.read()
        bots = self._fleet.of("bot")
        for bot in self._chance.sample(bots, len(bots)):
            try:
                async with self._session.post(
                    f"http://127.0.0.1:{bot.port}{request.path}",
                    data=body,
                    headers={name: v for name, v in request.headers.items() if name.startswith("X-")},
                    timeout=aiohttp.ClientTimeout(total=PROXY_WAITS_S, sock_connect=1.0),
                ) as answer:
                    return web.Response(status=answer.status, body=await answer.read())
            except (aiohttp.ClientError, TimeoutError, OSError):
                continue
        return web.Response(status=502)


def environment(database_url: str, base_url: str) -> dict[str, str]:
    """Every process's settings; the limits of sending are where they limit nothing."""
    return os.environ | {
        "FRONTDESK_DATABASE_URL": database_url,
        "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
        "FRONTDESK_TELEGRAM_BASE_URL": base_url,
        "FRONTDESK_OVERALL_PER_S": "100000",
        "FRONTDESK_PER_CHAT_PER_S": "100000",
        "FRONTDESK_LOG_LEVEL": os.environ.get("FRONTDESK_LOG_LEVEL", "ERROR"),
        "OMP_NUM_THREADS": "1",
    }
