"""Training in a process of its own: the server's loop never waits for it, and its end waits for none of it."""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from bot.training import LogReader, Trained, no_log
from bot.training_process import LENGTH, Request
from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex
from knowledge_base.policy import Policy
from knowledge_base.storage import load

_IN_PART: Final = 100
"""Articles that are sent to the process at once: putting all of a large knowledge base into bytes takes a while."""


class TrainingFailed(Exception):
    """The process that trained has ended without its model; what it said stands in the log before this."""


async def train_apart(
    articles: Sequence[Article],
    policy: Policy,
    done: int,
    previous: KnowledgeIndex,
    log: LogReader = no_log,
) -> AsyncGenerator[Trained, None]:
    """The stages that follow `done`, each as soon as it is there. Raises TrainingFailed."""
    stages = [stage for stage in (ANSWERS, PROVEN) if done < stage]
    if not stages:
        return
    parts = [articles[start : start + _IN_PART] for start in range(0, len(articles), _IN_PART)]
    request = Request(len(parts), policy, previous.thresholds, ANSWERS in stages, PROVEN in stages)
    async with _process() as process:
        await _ask(process, pickle.dumps(request))
        for part in parts:
            await _ask(process, pickle.dumps(part))
            await asyncio.sleep(0)  # customers are answered between them
        for stage in stages:
            if stage == PROVEN:
                await _ask(process, pickle.dumps(tuple(await log())))
            data = await _answer(process)
            yield Trained(stage, await asyncio.to_thread(load, data), data)


@asynccontextmanager
async def _process() -> AsyncIterator[Process]:
    # A session of its own: Ctrl-C in the terminal is for the server, which ends this one. -P: whatever lies in the
    # folder the server was started in is no part of it.
    command = (sys.executable, "-P", "-m", "bot.training_process")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        try:
            # Not `wait`: while output that nobody read holds its pipe up, asyncio does not see the end (CPython
            # gh-119710).
            await process.communicate()
        finally:
            _let_go(process)


def _let_go(process: Process) -> None:
    """Leave nothing of a process that was told to end to a loop that may end itself, or to who is stopped twice."""
    # Both private; asyncio does this with the loop's next steps.
    transport = process._transport  # type: ignore[attr-defined]
    transport.close()
    popen = transport.get_extra_info("subprocess")
    if popen is not None and popen.returncode is None:
        popen.wait()  # killed: a matter of milliseconds


async def _ask(process: Process, request: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(LENGTH.pack(len(request)))
    process.stdin.write(request)
    with suppress(ConnectionError):  # it ended: what it should have answered says so
        await process.stdin.drain()


async def _answer(process: Process) -> bytes:
    assert process.stdout is not None
    try:
        (size,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        return await process.stdout.readexactly(size)
    except asyncio.IncompleteReadError:
        code = await process.wait()
        raise TrainingFailed(f"The process that learns the articles ended with {code}") from None
