"""Bots made by the fork server, as a trial asks for them."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

from benchmarks.kills.stories import GROUP
from benchmarks.kills.witness import TOKEN


class ForkServer:
    """The process that makes bots; what they log as errors goes into `log`."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.bot_fork_server"]
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
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
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


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
