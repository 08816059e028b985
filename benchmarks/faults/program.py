"""The real program (`frontdesk run`) as a process, in front of a Bot API server that stands in this one."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.botapi.server import BotApiServer
from tests.webchat import Visitor

TOKEN = "123456:" + "F" * 35
STARTS_WITHIN_S = 90
COMMAND = (sys.executable, "-m", "bot")


@dataclass
class Program:
    """A running server. `api` is the platform it talks to; `log` is all it wrote."""

    process: Process
    log: Path
    api: BotApiServer
    http: aiohttp.ClientSession
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        """Standard output and error so far."""
        return self.log.read_text("utf-8", "replace")

    @property
    def lines(self) -> list[str]:
        """The log's lines, without what the start prints for people."""
        return [line for line in self.said.splitlines() if line.startswith("{")]

    def address(self, of: str) -> str:
        """What was printed behind this label, without a slash at its end."""
        found = re.search(rf"^  {re.escape(of)} +(\S+)$", self.said, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"the server never said where it is:\n{self.said[-2000:]}")
        return found.group(1).rstrip("/")

    @property
    def public(self) -> str:
        return self.address("Customers' web chat")

    @property
    def staff(self) -> str:
        return self.address("Staff")

    async def until_running(self) -> None:
        """Wait until it says that it runs."""
        async with asyncio.timeout(STARTS_WITHIN_S):
            while "Frontdesk is running." not in self.said:
                if self.process.returncode is not None:
                    raise RuntimeError(f"the server ended by itself:\n{self.said[-2000:]}")
                await asyncio.sleep(0.02)

    async def readiness(self, within_s: float = 5.0) -> dict[str, Any]:
        """What /readyz tells; {} when nothing answers."""
        limit = aiohttp.ClientTimeout(total=within_s)
        try:
            async with self.http.get(f"{self.staff}/readyz", timeout=limit) as response:
                return dict(await response.json())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}

    async def until(self, *states: str, within_s: float) -> float | None:
        """Seconds until /readyz tells one of these states; None when it does not in time."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            if (await self.readiness(1.0)).get("status", "none") in states:
                return time.monotonic() - began
            await asyncio.sleep(0.05)
        return None

    async def visitor(self) -> Visitor:
        """A new connection to the web chat, not yet introduced."""
        socket = await self.http.ws_connect(f"{self.public}/ws", headers={"Origin": self.public})
        self.visitors.append(Visitor(socket))
        return self.visitors[-1]

    async def metrics(self) -> dict[str, float]:
        """The figures of /metrics that have no labels."""
        async with self.http.get(f"{self.staff}/metrics") as response:
            text = await response.text()
        found = re.findall(r"^([a-z_]+) ([0-9.e+-]+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status after this signal."""
        self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()

    async def close(self) -> None:
        """Make sure that it is gone."""
        for visitor in self.visitors:
            await visitor.socket.close()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self.http.close()


def variables(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that has this folder for itself."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    given = {
        "database_url": f"sqlite:///{folder / 'frontdesk.db'}",
        "backup_folder": str(folder / "backups"),
        "files_folder": str(folder / "files"),
        "public_port": "0",
        "staff_port": "0",
        "telegram_token": TOKEN,
        # The limiter runs, with ceilings where it is not what is tried.
        "overall_per_s": "100000",
        "per_chat_per_s": "100000",
        "log_json": "true",
        **settings,
    }
    ours = {f"FRONTDESK_{name.upper()}": value for name, value in given.items()}
    return {**inherited, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1", **ours}


@asynccontextmanager
async def running(
    folder: Path,
    api: BotApiServer,
    *words: str,
    extra: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Program]:
    """`frontdesk run` (or these words), once it runs; `extra` are variables of other names."""
    given = {"telegram_base_url": api.base_url, **(settings or {})}
    log = folder / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *(words or ("run",)),
            cwd=folder,
            env={**variables(folder, given), **(extra or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    program = Program(process, log, api, aiohttp.ClientSession())
    try:
        await program.until_running()
        yield program
    finally:
        await program.close()


async def command(folder: Path, *words: str, **settings: str) -> Any:
    """What a verb of the command line prints as JSON."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *words,
        "--json",
        cwd=folder,
        env=variables(folder, settings),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"frontdesk {' '.join(words)} ended with {process.returncode}")
    return json.loads(out)
