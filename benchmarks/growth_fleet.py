"""A fleet of Frontdesk processes on one database, with a reverse proxy in front of those that talk."""

import asyncio
import random
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

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
    _forks: "subprocess.Popen[str] | None" = None
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Ready to start processes; what the articles teach is learned and stored by then."""
        command = [sys.executable, "-m", "benchmarks.growth_fork_server"]
        self._forks = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        await self._ask()

    async def close(self) -> None:
        """End every process."""
        for member in [*self.members]:
            await self.end(member, "kill")
        self.members.clear()
        if self._forks is not None and self._forks.stdin and self._forks.stdout:
            self._forks.stdin.close()
            await asyncio.to_thread(self._forks.wait, 30)
            self._forks.stdout.close()

    async def add(self, kind: str) -> Member:
        """One process more."""
        member = Member(kind, _free_port())
        self.members.append(member)
        await self.start(member)
        return member

    async def start(self, member: Member) -> None:
        """Start the member's process, which needs a moment until it serves."""
        member.pid = int(await self._ask(f"{member.kind} {member.port}"))

    async def end(self, member: Member, word: str) -> None:
        """End it by `kill` or `stop`."""
        if member.pid:
            pid, member.pid = member.pid, 0
            await self._ask(f"{word} {pid}")

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

    async def _ask(self, word: str = "") -> str:
        assert self._forks is not None
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        async with self._line:
            if word:
                self._forks.stdin.write(word + "\n")
                self._forks.stdin.flush()
            return (await asyncio.to_thread(self._forks.stdout.readline)).strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
