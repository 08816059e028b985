"""Processes made by fork: everything is imported and learned once, so that a start costs milliseconds.

A fork server is a program driven over its stdin and stdout, a line each; settings come from the environment, as for
`frontdesk`. What stands in this module is on both sides of that line.
"""

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bot.clock import system_clock
from bot.knowledge import Knowledge
from bot.learning import policy_of
from bot.process import run_in_loop
from crm_store.engine import open_store
from crm_store.settings import StoreSettings

ENDS_WITHIN_S = 30


async def learn(*, only_server: bool) -> None:
    """Train and store, so that every process finds it."""
    store = open_store(StoreSettings().database_url, owner=only_server)
    knowledge = Knowledge(store, system_clock, policy_of(StoreSettings()), only_server=only_server)
    await knowledge.refresh()
    await knowledge.close()
    await store.close()
    gc.collect()
    gc.freeze()  # a collection in a child would else copy every page of what is here


def fork(work: Callable[[], Coroutine[Any, Any, None]], prepare: Callable[[], None] | None = None) -> int:
    """The id of a new process that does this work (after `prepare`), silent but for its errors.

    A SIGTERM that comes before the process can hear it waits until it can: a process that has not begun is not
    what a trial wants to end.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    else:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 1
        try:
            if prepare is not None:
                prepare()
            run_in_loop(_hearing(work()))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


async def _hearing(work: Coroutine[Any, Any, None]) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # its handler is in place by now
    await work


class ForkServer:
    """A module run as a fork server, as a trial asks it; its errors go into `log`, or are shown."""

    def __init__(self, module: str, environment: dict[str, str], log: Path | None = None) -> None:
        errors = log.open("wb") if log is not None else None
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=errors, text=True,
        )  # fmt: skip
        if errors is not None:
            errors.close()
        self._turn = asyncio.Lock()

    async def ask(self, line: str = "") -> str:
        """The answer to a line (or to none: that it is ready); raises RuntimeError when it is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            if line:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
            answer = await asyncio.to_thread(self._process.stdout.readline)
        if not answer:
            raise RuntimeError(f"the fork server ended by itself, with {self._process.wait(ENDS_WITHIN_S)}")
        return answer.strip()

    def close(self) -> None:
        """End it, and with it what it made."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(ENDS_WITHIN_S)
        self._process.stdout.close()


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
