"""`frontdesk run` as a process of its own, as a user starts it."""

import asyncio
import re
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.commandline import COMMAND, CommandLine
from tests.webchat import Visitor

STARTS_WITHIN_S = 100
STOPS_WITHIN_S = 45
"""A server ends itself after 4.5 seconds at the latest; the rest is for a machine on which much else runs."""


@dataclass
class Server:
    """A running server; `said` is all it wrote so far."""

    process: Process
    log: Path
    session: aiohttp.ClientSession
    _visitors: list[Visitor] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Standard output and error so far."""
        return self.log.read_text(encoding="utf-8")

    def address(self, of: str) -> str:
        """What was printed behind this label."""
        found = re.search(rf"^  {re.escape(of)} +(\S+)$", self.said, re.MULTILINE)
        assert found is not None, self.said
        return found.group(1)

    @property
    def public(self) -> str:
        """The address of the customers' side, without a slash at its end."""
        return self.address("Customers' web chat").rstrip("/")

    @property
    def staff(self) -> str:
        """The address of the staff's side."""
        return self.address("Staff").rstrip("/")

    async def status_of(self, url: str) -> int:
        """The HTTP status of a GET."""
        async with self.session.get(url) as response:
            return response.status

    async def visitor(self) -> Visitor:
        """A new connection to the web chat, not yet introduced."""
        visitor = Visitor(await self.session.ws_connect(f"{self.public}/ws", headers={"Origin": self.public}))
        self._visitors.append(visitor)
        return visitor

    async def ask(self, question: str) -> str:
        """The text of the first reply to a new customer."""
        visitor = await self.visitor()
        await visitor.hello(language="en")
        return str((await visitor.ask(question))["text"])

    async def until_said(self, part: str) -> None:
        """Wait until it has written this."""
        async with asyncio.timeout(STARTS_WITHIN_S):
            while part not in self.said:
                assert self.process.returncode is None, self.said
                await asyncio.sleep(0.02)

    async def ended(self) -> int:
        """The exit status, once it has ended by itself."""
        async with asyncio.timeout(STARTS_WITHIN_S):
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status after this signal."""
        self.process.send_signal(number)
        async with asyncio.timeout(STOPS_WITHIN_S):
            return await self.process.wait()

    async def close(self) -> None:
        """Make sure that it is gone."""
        for visitor in self._visitors:
            await visitor.socket.close()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self.session.close()


@asynccontextmanager
async def started(
    frontdesk: CommandLine, *words: str, log: str = "server.log", **settings: str
) -> AsyncIterator[Server]:
    """The process, just started, on ports the system chooses unless told otherwise."""
    ports = {"public_port": "0", "staff_port": "0"}
    path = frontdesk.folder / log
    with path.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *words,
            cwd=frontdesk.folder,
            env=frontdesk.environment({**ports, **settings}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = Server(process, path, aiohttp.ClientSession())
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def running(
    frontdesk: CommandLine, *words: str, log: str = "server.log", **settings: str
) -> AsyncIterator[Server]:
    """The server, once it says that it runs."""
    async with started(frontdesk, *words, log=log, **settings) as server:
        await server.until_said("Frontdesk is running. Stop it with Ctrl-C.")
        yield server
